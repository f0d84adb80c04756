"""Worker and timer say every few seconds that they live; readyz looks whether they did lately.

A beat is the time by Redis's own clock, so that no two machines have to agree. One that lies in the
future was written before that clock was set back, and counts for nothing.
"""

import logging

import redis
from celery.signals import heartbeat_sent, task_postrun, worker_ready
from django.conf import settings

from lineage_site import sites

WORKER, TIMER = f"{settings.SITE}:worker", f"{settings.SITE}:timer"
# what the timer sends may wait for the end of the longest job
SECONDS = {WORKER: 15, TIMER: 120}
# an hour, in which somebody may want to know since when nothing was heard
KEPT = 3600
log = logging.getLogger(__name__)


@worker_ready.connect
@heartbeat_sent.connect
def beat(**_: object) -> None:
    """A worker lives."""
    _say(WORKER)


@task_postrun.connect
def reaped(task: object = None, **_: object) -> None:
    """The timer lives, and what it sends is done."""
    if getattr(task, "name", "") == "arena.tasks.reap":
        _say(TIMER)


def _say(name: str) -> None:
    """`name` lives; a Redis that is away is a matter for others."""
    try:
        with client() as server:
            server.set(name, server.time()[0], ex=KEPT)
            sites.hold(server)
    except sites.Taken as problem:
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
