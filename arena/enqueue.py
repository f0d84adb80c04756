"""Wakes workers: a message says what to look at, and may be lost. Within `locally()` this process works itself."""

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

FOUND = "arena.tasks.found"
PLAY_BLOCK = "arena.tasks.play_block"
CLOSE_ROUND = "arena.tasks.close_round"
PLAY_NULL = "arena.tasks.play_null"
JUDGE = "arena.tasks.judge"
IMPORT_MARKET = "arena.tasks.import_market"
Work = tuple[str, tuple[int, ...]]

logger = logging.getLogger(__name__)
_local: ContextVar[deque[Work] | None] = ContextVar("local_work", default=None)


@contextmanager
def locally() -> Iterator[deque[Work]]:
    """No broker: work announced inside lands in the queue given, for the caller to do."""
    queue: deque[Work] = deque()
    token = _local.set(queue)
    try:
        yield queue
    finally:
        _local.reset(token)


def is_local() -> bool:
    """Whether this process works without broker and listeners."""
    return _local.get() is not None


def announce(task: str, *arguments: int) -> None:
    """Tell the workers; call it after the commit. A broker that is away is no error: the reaper announces again."""
    queue = _local.get()
    if queue is not None:
        queue.append((task, arguments))
        return
    try:
        current_app.send_task(task, args=arguments, ignore_result=True)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("%s%s not announced, the reaper will: %s", task, arguments, error)
