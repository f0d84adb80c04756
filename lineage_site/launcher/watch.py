"""Finds a worker or a timer that lives and does nothing: a connection that is open and delivers
nothing, a process that stands still. Only work that was done proves life.

The timer asks for a small piece of work every five seconds. So a worker is idle where messages have
waited for a while and no turn was done or got on meanwhile; the timer, where nothing waits and
nothing that it sent was done. What was said in Redis is only looked at for whether it changes, by
the monotonic clock of this process, so that no clock matters.
"""

from collections.abc import Callable

import redis

from lineage_site.environment import names
from lineage_site.launcher.children import Child

# a new process may have kernels to compile before it can prove that it works
LOOK_SECONDS, NEW_SECONDS = 5.0, 300.0
# the timer's work may have to wait for the end of the longest job
SECONDS = {"worker": 45.0, "timer": 120.0}
PROOFS = {"worker": "turn", "timer": "timer"}


class Watch:
    """Looks at worker and timer every few seconds. said: of each part of the site its last word in
    Redis, and under "waits" whether messages wait; RedisError where nothing can be known.
    """

    def __init__(self, children: list[Child], said: Callable[[], dict[str, object]]):
        self.said, self.next = said, 0.0
        self.children = {child.name: child for child in children if child.name in PROOFS}
        self.pids: dict[str, int | None] = {}
        self.seen: dict[str, tuple[object, float]] = {}
        self.patience: dict[str, float] = {}

    def idle(self, now: float) -> Child | None:
        """Who does nothing, by seconds of the monotonic clock."""
        if now < self.next:
            return None
        self.next = now + LOOK_SECONDS
        try:
            said = self.said()
        except redis.RedisError:
            self.seen.clear()
            return None
        for name in self.children:
            self._renew(name, now)
        for part, word in said.items():
            self._see(part, word, now)
        for name in self.children:
            if self._silent(name, now) > self.patience[name]:
                return self.children[name]
        return None

    def _renew(self, name: str, now: float) -> None:
        """A process that is new has time again to prove that it works."""
        process = self.children[name].process
        pid = process.pid if process else None
        if name not in self.pids or self.pids[name] != pid:
            self.pids[name], self.patience[name] = pid, NEW_SECONDS
            self.seen.pop(PROOFS[name], None)

    def _see(self, part: str, word: object, now: float) -> None:
        known = self.seen.get(part)
        if known is not None and known[0] == word:
            return
        self.seen[part] = (word, now)
        for name in self.children:
            if known is not None and part == PROOFS[name]:
                self.patience[name] = SECONDS[name]

    def _silent(self, name: str, now: float) -> float:
        """Seconds in which it could have proved that it works, and did not."""
        waits, since = self.seen["waits"]
        if waits != (name == "worker"):
            return 0.0
        return now - max(since if waits else 0.0, self.seen[PROOFS[name]][1])


def over(children: list[Child], *, url: str, site: str) -> Watch:
    """By what the server at `url` holds of the site."""
    server = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)

    def said() -> dict[str, object]:
        beats = {part: server.get(names.key(site, part)) for part in PROOFS.values()}
        return beats | {"waits": any(server.llen(names.key(site, each)) for each in names.QUEUES)}

    return Watch(children, said)
