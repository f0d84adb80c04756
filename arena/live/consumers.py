"""One socket of one browser that watches one experiment."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from typing import Any
from uuid import UUID

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from arena.live import messages
from arena.live.outbox import Outbox
from arena.selectors.experiments import experiment_position, is_visible
from arena.selectors.snapshot import snapshot_message

logger = logging.getLogger(__name__)
FRAME_SECONDS = 0.25  # at most 4 frames a second
STUCK_SECONDS = 20.0
RECHECK_SECONDS = 60.0
SETTLE_SECONDS = 0.5  # a logout is told of just before the session is gone
REQUESTS_PER_SECOND = 10
NOT_YOURS, TOO_SLOW, TOO_MANY, NONSENSE, TOO_LONG, BROKEN = 4404, 4408, 4429, 4400, 1009, 1011


class ExperimentConsumer(AsyncWebsocketConsumer):
    """Snapshot on connect and on asking, then every message in order; those that wait together leave together."""

    tasks: tuple[asyncio.Task, ...] = ()
    joined: tuple[str, ...] = ()

    # socket events

    async def connect(self) -> None:
        self.experiment_uuid: UUID = self.scope["url_route"]["kwargs"]["experiment_uuid"]
        if not await _may_watch(self.scope["user"], self.experiment_uuid):
            await self.close(NOT_YOURS)
            return
        self.outbox, self.requests = Outbox(), deque(maxlen=REQUESTS_PER_SECOND)
        self.wake, self.doubt = asyncio.Event(), asyncio.Event()
        self.joined = (messages.group(self.experiment_uuid), messages.viewer_group(self.scope["user"].pk))
        for group in self.joined:  # before the snapshot is read, so that nothing falls between the two
            await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()
        self.tasks = tuple(asyncio.create_task(self._guarded(work)) for work in (self._send_frames, self._recheck))
        self.wake.set()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if text_data is None or len(text_data.encode()) > messages.MAX_REQUEST:
            await self.close(TOO_LONG)
        elif not self._within_rate():
            await self.close(TOO_MANY)
        else:
            await self._ask(text_data)

    async def disconnect(self, code: int) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for group in self.joined:
            await self.channel_layer.group_discard(group, self.channel_name)

    # layer events

    async def live_message(self, event: dict[str, Any]) -> None:
        self.outbox.put(event)
        self.wake.set()

    async def live_recheck(self, event: dict[str, Any]) -> None:
        self.doubt.set()

    # work

    async def _ask(self, text: str) -> None:
        try:
            messages.is_resync(text)
        except messages.MessageError:
            await self.close(NONSENSE)
        else:
            self.outbox.make_stale()
            self.wake.set()

    def _within_rate(self) -> bool:
        now = time.monotonic()
        full = len(self.requests) == REQUESTS_PER_SECOND and now - self.requests[0] < 1.0
        self.requests.append(now)
        return not full

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """Close the socket, for the browser to come back, where the work behind it breaks."""
        try:
            await work()
        except TimeoutError:
            await self.close(TOO_SLOW)
        except Exception:
            logger.exception("socket of experiment %s", self.experiment_uuid)
            await self.close(BROKEN)

    async def _send_frames(self) -> None:
        while True:
            await self.wake.wait()
            self.wake.clear()
            frames = self.outbox.take()
            if self.outbox.stale:
                self.outbox.begin_snapshot()
                epoch, seq, frame = await _snapshot(self.experiment_uuid)
                self.outbox.settle(epoch, seq)
                frames = [frame]
            if frames:
                await asyncio.wait_for(self.send(bytes_data=b"".join(frames)), STUCK_SECONDS)
                await asyncio.sleep(FRAME_SECONDS)
            if self.outbox:
                self.wake.set()

    async def _recheck(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.doubt.wait(), RECHECK_SECONDS)
            self.doubt.clear()
            await asyncio.sleep(SETTLE_SECONDS)
            if not await self._still_allowed():
                await self.close(NOT_YOURS)

    async def _still_allowed(self) -> bool:
        """By the session as it is stored now: gone after a logout, void after a change of password or of the account."""
        store = import_module(settings.SESSION_ENGINE).SessionStore
        user = await get_user({"session": store(self.scope["session"].session_key)})
        return await _may_watch(user, self.experiment_uuid)


@database_sync_to_async
def _may_watch(user: Any, experiment_uuid: UUID) -> bool:
    return is_visible(user=user, experiment_uuid=experiment_uuid)


@database_sync_to_async
def _snapshot(experiment_uuid: UUID) -> tuple[str, int, bytes]:
    return _encoded(experiment_uuid, *experiment_position(experiment_uuid=experiment_uuid))


@lru_cache(maxsize=16)
def _encoded(experiment_uuid: UUID, epoch: str, seq: int) -> tuple[str, int, bytes]:
    """(epoch, seq, frame) of a snapshot at least as new as asked; kept, so that a thousand reconnects read the database once."""
    told = snapshot_message(experiment_uuid=experiment_uuid)
    return told.epoch, told.seq, told.encode()
