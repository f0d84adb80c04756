"""Which pages may open a socket: our own. Whatever else a browser, or no browser, says is refused
before anything is asked.
"""

from collections.abc import Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier

PORTS = {"http": 80, "https": 443}
Origin = tuple[str, str, int]


def origin_from(text: str) -> Origin | None:
    """(scheme, host, port) of what an Origin header says; None for what is none."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if (
        parts.scheme not in PORTS
        or not host
        or parts.path
        or parts.query
        or parts.fragment
        or parts.username
    ):
        return None
    return parts.scheme, host, PORTS[parts.scheme] if port is None else port


class OurPages:
    """Hands on sockets that one page among `origins` opens, and denies all others."""

    def __init__(self, application: Any, origins: Iterable[str]):
        self.application = application
        self.origins = {origin_from(origin) for origin in origins} - {None}

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        sent = [value for name, value in scope.get("headers", ()) if name == b"origin"]
        ours = len(sent) == 1 and origin_from(sent[0].decode("latin1")) in self.origins
        await (self.application if ours else WebsocketDenier())(scope, receive, send)
