"""What workers of all machines have done, summed up in Redis: counts that only grow, until Redis is
emptied, when they begin anew.
"""

from collections import Counter
from contextlib import suppress

import redis
from celery.signals import task_postrun
from django.conf import settings

from arena.work.counted import counted
from lineage_site.environment import names
from lineage_site.queue.heartbeat import client

KEY = names.key(settings.SITE, "counts")
# of this process, since it last told
_new: Counter[str] = Counter()


def listen() -> None:
    """In a process of a worker: count from here on, and tell with the end of each turn."""
    counted.connect(_count)
    task_postrun.connect(tell)


def tell(**_: object) -> None:
    """Add what is new to the sums; what Redis does not take is told next time."""
    if not _new:
        return
    with suppress(redis.RedisError), client() as server:
        with server.pipeline() as pipe:
            for field, by in _new.items():
                pipe.hincrby(KEY, field, by)
            pipe.execute()
        _new.clear()


def sums() -> dict[tuple[str, str], int]:
    """{(name of COUNTED, kind or ""): how often}; nothing where Redis does not answer."""
    try:
        with client() as server:
            found = server.hgetall(KEY)
    except redis.RedisError:
        return {}
    return {
        (name, kind): int(by)
        for field, by in found.items()
        for name, _, kind in (field.decode().partition(":"),)
    }


def _count(name: str, kind: str, by: int, **_: object) -> None:
    _new[f"{name}:{kind}"] += by
