"""Who stands at a door right now, and from where: noted once a request, read by what keeps the
book.
"""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple


class Visitor(NamedTuple):
    """user: a row or None; address: "" where there is none, as on the command line."""

    user: Any = None
    address: str = ""


NO_VISITOR = Visitor()
_here: ContextVar[Visitor] = ContextVar("visitor", default=NO_VISITOR)


def visitor() -> Visitor:
    """Who asks; NO_VISITOR outside a request."""
    return _here.get()


@contextmanager
def at_the_door(who: Visitor) -> Iterator[None]:
    """Within it, `visitor()` is `who`."""
    token = _here.set(who)
    try:
        yield
    finally:
        _here.reset(token)


def neighbourhood(address: str) -> str:
    """What is counted as one address: of IPv6 a whole /64, which is the least that anybody is
    given.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:45]
    if parsed.version == 4:
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return (
        str(mapped)
        if mapped
        else str(ipaddress.ip_network((parsed, 64), strict=False).network_address) + "/64"
    )
