"""Worker and timer say every few seconds that they live; readyz looks whether they did lately, and
the launcher whether they go on doing so.

A beat is the time by Redis's own clock, so that no two machines have to agree. One that lies in the
future was written before that clock was set back, and counts for nothing.
"""

import logging

import redis
from celery import bootsteps
from celery.signals import task_postrun, worker_ready
from celery.worker import WorkController
from django.conf import settings

from arena.work.leases import at_work
from lineage_site import sites
from lineage_site.environment import names

# a worker lives, a turn of it is done or goes on, what the timer sends is done
WORKER, TURN, TIMER = (names.key(settings.SITE, part) for part in names.BEATS)
# what the timer sends may wait for the end of the longest job
SECONDS = {WORKER: 15, TURN: 30, TIMER: 120}
EVERY_SECONDS = 2.0
# an hour, in which one may want to know since when nothing was heard
KEPT = 3600
log = logging.getLogger(__name__)


@worker_ready.connect
def beat(**_: object) -> None:
    """A worker lives."""
    _say(WORKER)


class Beats(bootsteps.StartStopStep):
    """The part of a worker that says again and again that it lives.

    Celery's own heartbeat is off: it waits for a Redis that is gone, even where the worker ends.
    """

    requires = ("celery.worker.components:Timer",)

    def start(self, parent: WorkController) -> None:
        """In the loop that also takes messages, so that one that stands still says nothing."""
        self.entry = parent.timer.call_repeatedly(EVERY_SECONDS, beat)

    def stop(self, parent: WorkController) -> None:
        parent.timer.cancel(self.entry)


@task_postrun.connect
def ended(task: object = None, **_: object) -> None:
    """A worker has done what it took; where that came from the timer, the timer lives, too."""
    _say(TURN, *([TIMER] if getattr(task, "name", "") == "arena.tasks.reap" else []))


def goes_on(**_: object) -> None:
    """A worker is at a job that takes long, and gets on with it."""
    _say(TURN)


def listen_to_work() -> None:
    """In a process of a worker: jobs that last say that they go on."""
    at_work.connect(goes_on)


def _say(*names: str) -> None:
    """They live; a Redis that is away is a matter for others."""
    try:
        with client() as server:
            now = server.time()[0]
            for name in names:
                server.set(name, now, ex=KEPT)
            sites.hold(server)
    except sites.NameTaken as problem:
        log.error("%s", problem)
    except redis.RedisError as problem:
        log.warning("no heartbeat: %s", problem)


def is_heard(server: redis.Redis, name: str) -> bool:
    """Whether `name` was heard of within its SECONDS."""
    said = server.get(name)
    return said is not None and 0 <= server.time()[0] - int(said) <= SECONDS[name]


def client() -> redis.Redis:
    """The server of the queue, asked with little patience."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
