"""Where experiments stand in the database, asked once in a while for all sockets of this process
together.
"""

import asyncio
import time
from uuid import UUID

from channels.db import database_sync_to_async

from arena.selectors.experiments import experiment_position

MOST = 1000
_asked: dict[
    tuple[asyncio.AbstractEventLoop, UUID], tuple[float, asyncio.Task[tuple[str, int]]]
] = {}


async def position(experiment_uuid: UUID, seconds: float) -> tuple[str, int]:
    """(epoch, seq), not older than that many seconds. Experiment.DoesNotExist."""
    key = asyncio.get_running_loop(), experiment_uuid
    at, task = _asked.get(key, (float("-inf"), None))
    if (
        task is None
        or time.monotonic() - at > seconds
        or (task.done() and (task.cancelled() or task.exception()))
    ):
        if len(_asked) >= MOST:
            _asked.clear()
        task = asyncio.create_task(_position(experiment_uuid))
        _asked[key] = time.monotonic(), task
    return await asyncio.shield(task)


async def _position(experiment_uuid: UUID) -> tuple[str, int]:
    return await database_sync_to_async(experiment_position)(experiment_uuid=experiment_uuid)
