"""How much of what is costly may be asked for in a while, and how many sockets may stand; counted
in the cache, which all processes share.

Where Redis does not answer, each process counts for itself: no one is locked out, and no one gets
in without being counted.
"""

import hashlib
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.core.cache import BaseCache, caches
from redis.exceptions import RedisError

MINUTE, HOUR, DAY = 60, 3600, 86_400
# a socket says twice a lease that it is still there; those of a killed process are free again after
# one
PLACE_SECONDS = 150
SOCKETS_OF_USER, SOCKETS_OF_ADDRESS = 10, 50


@dataclass(frozen=True)
class Limit:
    """At most `most` times `what` (in the plural) within `seconds` of the first."""

    name: str
    most: int
    seconds: int
    what: str


API = Limit("api", 120, MINUTE, "calls of the API")
EXPERIMENTS = Limit("experiments", 10, HOUR, "new experiments")
UPLOADS = Limit("uploads", 10, HOUR, "uploads")
PREVIEWS = Limit("previews", 60, HOUR, "previews of files")
BASKETS = Limit("baskets", 200, HOUR, "looks at markets put together")
IMPORTS = Limit("imports", 10, HOUR, "imports")
CHECKS = Limit("checks", 30, HOUR, "canary checks")
AGAIN = Limit("again", 60, MINUTE, "networks of rounds that have to be played again")
NULLS = Limit("nulls", 10, HOUR, "orders of null worlds")
SOCKETS = Limit("sockets", 30, MINUTE, "live connections")
# of one address that is not known to the account, whatever the account
TRIES_OF_ADDRESS = Limit("tries of address", 50, 15 * MINUTE, "tries to log in")


class TooMany(Exception):
    """Refused for `seconds`; the text is a sentence for a person."""

    def __init__(self, text: str, seconds: int):
        self.seconds = seconds
        super().__init__(text)


def limit_spend(*, limit: Limit, who: Any, count: int = 1) -> None:
    """Count so many more for `who` (a user, or any text); TooMany where that is too many. Of
    several that are refused none is counted: fewer of them may do.
    """
    if not settings.LIMITS:
        return
    key = _key(limit.name, who)
    used, until = _counting(lambda cache: _count(cache, key, limit, count))
    if used > limit.most:
        if count > 1:
            _counting(lambda cache: _less(cache, key, count))
        seconds = max(1, until - int(time.time()))
        raise TooMany(
            f"At most {limit.most} {limit.what} in {duration_words(limit.seconds)}: wait"
            f" {duration_words(seconds)}, then try again.",
            seconds,
        )


def limit_count(*, name: str, who: Any, seconds: int) -> int:
    """How many there were within `seconds` of the first, with this one; nothing is refused."""
    key, most = _key(name, who), Limit(name, 0, seconds, name)
    return _counting(lambda cache: _count(cache, key, most))[0]


def limit_uncount(*, name: str, who: Any) -> None:
    """Take one back."""
    _counting(lambda cache: _less(cache, _key(name, who)))


def limit_forget(*, name: str, who: Any) -> None:
    """Begin to count anew."""
    _counting(lambda cache: cache.delete(_key(name, who)))


def gate_pass(*, name: str, who: Any, seconds: int) -> int:
    """0, and the next within `seconds` is held back; for who is held back the seconds
    that are left.
    """
    key, until = _key(name, who), int(time.time()) + seconds
    if _counting(lambda cache: cache.add(key, until, seconds)):
        return 0
    return max(1, (_counting(lambda cache: cache.get(key)) or 0) - int(time.time()))


def places_take(*, user: Any, address: str) -> list[str]:
    """The places of one more socket of a user and an address, to be kept and to be left; TooMany
    where none is free.
    """
    if not settings.LIMITS:
        return []
    taken: list[str] = []
    for who, most, whose in (
        (user, SOCKETS_OF_USER, "of one user"),
        (f"address {address}", SOCKETS_OF_ADDRESS, "from one address"),
    ):
        place = _counting(partial(_first_free, who=who, most=most))
        if place is None:
            places_leave(places=taken)
            raise TooMany(
                f"At most {most} live connections {whose} at a time: close a page that is not"
                " needed.",
                MINUTE,
            )
        taken.append(place)
    return taken


def places_keep(*, places: Iterable[str]) -> None:
    """Hold them for another PLACE_SECONDS."""
    _counting(
        lambda cache: cache.set_many(
            dict.fromkeys(places, int(time.time()) + PLACE_SECONDS), PLACE_SECONDS
        )
    )


def places_leave(*, places: Iterable[str]) -> None:
    """Free for the next one."""
    _counting(lambda cache: cache.delete_many(list(places)))


def _count(cache: BaseCache, key: str, limit: Limit, count: int = 1) -> tuple[int, int]:
    """(how many with these, when counting begins anew: seconds since 1970)."""
    end = int(time.time()) + limit.seconds
    if (cache.get(f"{key}:until") or 0) > end:
        # the clock was set back since: the count would stand for as long as that
        cache.delete(key)
    if cache.add(key, 0, limit.seconds):
        cache.set(f"{key}:until", end, limit.seconds)
    try:
        return cache.incr(key, count), cache.get(f"{key}:until", end)
    except ValueError:
        # it ran out between the two lines
        return count, end


def _less(cache: BaseCache, key: str, count: int = 1) -> None:
    with suppress(ValueError):  # it ran out meanwhile
        cache.decr(key, count)


def _first_free(cache: BaseCache, who: Any, most: int) -> str | None:
    places = (_key("socket", f"{_name(who)} {index}") for index in range(most))
    return next((place for place in places if _take(cache, place)), None)


def _take(cache: BaseCache, place: str) -> bool:
    end = int(time.time()) + PLACE_SECONDS
    if (cache.get(place) or 0) > end:
        # its holder says so again; a lease from before the clock was set back would outlive
        # its holder
        cache.delete(place)
    return cache.add(place, end, PLACE_SECONDS)


def _counting(work: Callable[[BaseCache], Any]) -> Any:
    try:
        return work(caches["default"])
    except RedisError:
        return work(caches["own"])


def _key(name: str, who: Any) -> str:
    """Hashed: what people type is neither a key nor for others to read."""
    return f"limit:{name.replace(' ', '-')}:{hashlib.sha256(_name(who).encode()).hexdigest()[:32]}"


def _name(who: Any) -> str:
    return who if isinstance(who, str) else f"user {who.pk}"


def duration_words(seconds: int) -> str:
    """ "15 minutes", "1 hour"."""
    size, unit = next(
        (size, unit)
        for size, unit in ((HOUR, "hour"), (MINUTE, "minute"), (1, "second"))
        if seconds >= size
    )
    count = -(-seconds // size)
    return f"{count} {unit}{'' if count == 1 else 's'}"
