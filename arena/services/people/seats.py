"""How many requests of one user a web process answers at a time: the next ones wait, so that
who asks for much makes no one else wait.

One at a time, while each is short. What takes long, a check or a large answer, does not keep its
user from pages meanwhile.
"""

import threading
import time
from collections.abc import Hashable

from arena.services.people.limits import TooMany

# a browser asks for six things at a time; who waits for SECONDS had better know
AT_ONCE, WAITING, SECONDS = 3, 16, 20.0
# seconds after which another one may begin beside the last that did
LONG = 0.5


class Seats:
    """Of one process; users by any key."""

    def __init__(
        self,
        at_once: int = AT_ONCE,
        waiting: int = WAITING,
        seconds: float = SECONDS,
        long: float = LONG,
    ):
        self.at_once, self.waiting, self.seconds, self.long = at_once, waiting, seconds, long
        self._users: dict[Hashable, _User] = {}
        self._lock = threading.Lock()

    def take(self, who: Hashable) -> None:
        """A seat, after others of the same user where there is none; TooMany where too many wait,
        or none comes free in time.
        """
        with self._lock:
            user = self._users.setdefault(who, _User(self._lock))
            if user.sitting + user.waiting >= self.at_once + self.waiting:
                raise TooMany(
                    f"At most {self.at_once + self.waiting} requests of one user at a time: wait"
                    " for answers, then ask on.",
                    1,
                )
            user.waiting += 1
            free = self._wait(user, time.monotonic() + self.seconds)
            user.waiting -= 1
            if not free:
                raise TooMany("Your other requests take long: wait for answers, then ask on.", 1)
            user.sitting += 1
            user.since = time.monotonic()

    def leave(self, who: Hashable) -> None:
        """Free for the next one."""
        with self._lock:
            user = self._users[who]
            user.sitting -= 1
            user.freed.notify()
            if not user.sitting and not user.waiting:
                del self._users[who]

    def _wait(self, user: "_User", until: float) -> bool:
        """Whether it is one's turn before `until`."""
        while user.sitting:
            now = time.monotonic()
            if user.sitting < self.at_once and now >= user.since + self.long:
                return True
            if now >= until:
                return False
            user.freed.wait(
                min(until, user.since + self.long if user.sitting < self.at_once else until) - now
            )
        return True


class _User:
    """since: when the last of those who sit sat down."""

    def __init__(self, lock: threading.Lock):
        self.sitting = self.waiting = 0
        self.since = 0.0
        self.freed = threading.Condition(lock)


SEATS = Seats()
