"""Which children there are, in which order they start and end, and what happens when one dies."""

import os
import sys
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path

from lineage_site.launcher.children import Child
from lineage_site.launcher.watch import Watch

PATIENCE = 0.2
# workers tell each other nothing; that they live is said by lineage_site.queue.heartbeat
ALONE = ("--without-gossip", "--without-mingle", "--without-heartbeat")
STOP_SECONDS = 8.0


class Stopped(Exception):
    """A person asked for the end."""


class GaveUp(Exception):
    """A child dies again and again; the text names it and shows the end of its log."""


class House:
    """Keeps children running until `stop` is set; ends them all on the way out (`with House(stop)
    as house`).
    """

    def __init__(self, stop: threading.Event):
        self.stop = stop
        self.children: list[Child] = []

    def __enter__(self) -> "House":
        return self

    def __exit__(self, *_: object) -> None:
        """Redis ends last: the others still talk to it while they end."""
        by_redis = {
            flag: [child for child in self.children if (child.name == "redis") is flag]
            for flag in (False, True)
        }
        for group in by_redis.values():
            for child in group:
                child.ask_to_end()
            until = time.monotonic() + STOP_SECONDS
            for child in group:
                child.end(until)

    def start(self, child: Child) -> None:
        """Starts it and keeps it from here on."""
        child.start()
        self.children.append(child)

    def run(self, child: Child) -> int:
        """Lets a child run to its end, and returns its exit code; Stopped where a person does not
        want to wait.
        """
        child.start()
        try:
            while (code := child.exit_code()) is None:
                self.wait(PATIENCE / 4)
        finally:
            child.ask_to_end()
            child.end(time.monotonic() + STOP_SECONDS)
        return code

    def wait_for(self, ready: Callable[[], bool], *, seconds: float, what: str) -> None:
        """Waits until `ready()`, looking after the children meanwhile; GaveUp after so many
        seconds.
        """
        until = time.monotonic() + seconds
        while not ready():
            self.look_after()
            self.wait(PATIENCE / 4)
            if time.monotonic() > until:
                raise GaveUp(f"{what} did not answer within {seconds:.0f} seconds; see the logs.")

    def keep(self, watch: Watch | None = None) -> None:
        """Looks after the children until a person asks for the end (Stopped); whom `watch` finds
        idle is replaced.
        """
        while True:
            if watch is not None and (idle := watch.idle(time.monotonic())) is not None:
                sys.stderr.write(f"{idle.name} lives and does nothing; it is replaced\n")
                idle.kill_group()
            self.look_after()
            self.wait(PATIENCE)

    def wait(self, seconds: float) -> None:
        """Sleeps that long; Stopped as soon as a person asks for the end."""
        if self.stop.wait(seconds):
            raise Stopped

    def look_after(self) -> None:
        """Makes room in logs, and looks who died."""
        for child in self.children:
            child.turn_log_over()
            if (code := child.exit_code()) is not None:
                self.lost(child, code)

    def lost(self, child: Child, code: int) -> None:
        """Restarts a child that died, after a pause that grows; GaveUp where that does not
        help.
        """
        child.died()
        if child.hopeless():
            raise GaveUp(
                f"{child.name} died {len(child.deaths)} times within a minute."
                + (f" The end of {child.log}:\n{child.last_lines()}" if child.log else "")
            )
        where = f" (log: {child.log})" if child.log else ""
        sys.stderr.write(f"{child.name} ended with code {code}; starting it again{where}\n")
        self.wait(max(child.restart_at() - time.monotonic(), 0))
        child.start()


def children(
    *,
    folder: Path,
    web_workers: int,
    workers: int,
    parts: Collection[str] = ("web", "worker", "timer"),
    logs: bool = True,
) -> list[Child]:
    """The web servers, the worker and the timer, as far as they are among `parts`, logging to
    `folder`/log, or without `logs` where this process does; each reads the rest of its settings
    itself.
    """
    env = os.environ | {"REMAP_SIGTERM": "SIGQUIT", "TMPDIR": str(folder / "tmp")}
    celery = [sys.executable, "-m", "celery", "-A", "lineage_site.celery:app"]
    web = [sys.executable, "-m", "lineage_site.server"]
    commands = {
        **{"web" if number == 1 else f"web-{number}": web for number in range(1, web_workers + 1)},
        "worker": [*celery, "worker", "-c", str(workers), "-O", "fair", *ALONE],
        "timer": [*celery, "beat", "-s", str(folder / "beat-schedule"), "--pidfile="],
    }
    # a request has a thread, and a thread an arena: sixteen of them held what eight pages a second
    # leave behind, and looked like a leak
    frugal = {"MALLOC_ARENA_MAX": "2"}
    return [
        Child(
            name,
            command,
            env=(frugal if command is web else {}) | env,
            log=folder / "log" / f"{name}.log" if logs else None,
        )
        for name, command in commands.items()
        if name.partition("-")[0] in parts
    ]
