"""How many requests of one user a web process answers at a time: the next ones wait, so that whoever asks for much waits for
themselves and for nobody else.
"""

import threading
from collections.abc import Hashable

from arena.services.limits import TooMany

# a browser asks for six things at a time; who waits for SECONDS is better told
AT_ONCE, WAITING, SECONDS = 2, 16, 20.0


class Seats:
    """Of one process; users by any key."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING, seconds: float = SECONDS):
        self.at_once, self.waiting, self.seconds = at_once, waiting, seconds
        self._users: dict[Hashable, _User] = {}
        self._lock = threading.Lock()

    def take(self, who: Hashable) -> None:
        """A seat, after others of the same user where there is none; TooMany where too many wait, or none comes free in time."""
        with self._lock:
            user = self._users.setdefault(who, _User(self._lock))
            if user.sitting + user.waiting >= self.at_once + self.waiting:
                raise TooMany(f"At most {self.at_once + self.waiting} requests of one user at a time: wait for answers, then ask on.", 1)
            user.waiting += 1
            free = user.freed.wait_for(lambda: user.sitting < self.at_once, self.seconds)
            user.waiting -= 1
            user.sitting += free
            if not free:
                raise TooMany("Your other requests take long: wait for answers, then ask on.", 1)

    def leave(self, who: Hashable) -> None:
        """Free for the next one."""
        with self._lock:
            user = self._users[who]
            user.sitting -= 1
            user.freed.notify()
            if not user.sitting and not user.waiting:
                del self._users[who]


class _User:
    def __init__(self, lock: threading.Lock):
        self.sitting = self.waiting = 0
        self.freed = threading.Condition(lock)


SEATS = Seats()
