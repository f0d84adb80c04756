"""One socket of one browser that watches one experiment."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from asgiref.sync import sync_to_async
from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from arena.live.hub import hub
from arena.live.outbox import Outbox
from arena.live.positions import position
from arena.selectors.experiments import is_visible
from arena.services.people.limits import (
    MINUTE,
    SOCKETS,
    TooMany,
    limit_spend,
    places_keep,
    places_leave,
    places_take,
)
from arena.services.rounds.first_paints import first_paint_frame
from arena.wire import messages

logger = logging.getLogger(__name__)
FRAME_SECONDS = 0.25  # at most 4 frames a second
STUCK_SECONDS = 20.0
BEAT_SECONDS = 3.0  # a page that misses three of them takes its line for dead
RECHECK_SECONDS = 60.0
TOO_MANY_REQUESTS = 429
MOST_OF_PROCESS = 2000
SETTLE_SECONDS = 0.5  # a logout is announced just before the session is gone
REQUESTS_PER_SECOND = 10
LONGEST_QUERY = 200
# large ones take seconds: they are made beside the thread that all sockets share
SNAPSHOTS = ThreadPoolExecutor(2, thread_name_prefix="snapshot")
NOT_YOURS, TOO_SLOW, TOO_MANY, NONSENSE, TOO_LONG, BROKEN = 4404, 4408, 4429, 4400, 1009, 1011


class Left(Exception):
    """The browser is gone; nothing can be said to it, and nothing is wrong."""


class ExperimentConsumer(AsyncWebsocketConsumer):
    """Every message in order from where the browser is, which its address says; those that wait
    together leave together. A snapshot first where it has not all there is, and on asking.

    Where nothing is to be said, a beat says that the line stands. With each the database is asked
    whether the browser has all there is: a message that was lost, and that no other followed, is
    made good by a snapshot.
    """

    # one queue a group and process does for all sockets: see the hub
    channel_layer_alias = ""
    open_here = 0
    tasks: tuple[asyncio.Task, ...] = ()
    joined: tuple[str, ...] = ()
    places: tuple[str, ...] | None = None

    async def __call__(self, *arguments: Any) -> None:
        """The whole life of the socket; however it ends, its places are free again."""
        try:
            await super().__call__(*arguments)
        finally:
            await self._leave_groups()
            if self.places is not None:
                ExperimentConsumer.open_here -= 1
                await _leave(self.places)

    # socket events

    async def connect(self) -> None:
        self.experiment_uuid: UUID = self.scope["url_route"]["kwargs"]["experiment_uuid"]
        if not await _may_watch(self.scope["user"], self.experiment_uuid):
            await self.close(NOT_YOURS)
            return
        try:
            await self._find_room()
        except TooMany as refusal:
            await self._refuse(refusal)
            return
        self.outbox = Outbox()
        if place := _place_of(self.scope["query_string"]):
            self.outbox.begin_at(*place)
        self.requests: deque[float] = deque(maxlen=REQUESTS_PER_SECOND)
        self.wake, self.doubt = asyncio.Event(), asyncio.Event()
        self.said_at = time.monotonic()
        self.behind: tuple[str, int] | None = None
        self.joined = (
            messages.group(self.experiment_uuid),
            messages.viewer_group(self.scope["user"].pk),
        )
        for (
            group
        ) in self.joined:  # before the snapshot is read, so that nothing falls between the two
            await hub().join(group, self._hear)
        await self.accept()
        self.tasks = tuple(
            asyncio.create_task(self._guarded(work))
            for work in (self._send_frames, self._beat, self._recheck)
        )
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
        await self._leave_groups()

    # work

    def _hear(self, event: dict[str, Any]) -> None:
        """What the hub brings."""
        if event["type"] == messages.RECHECK:
            self.doubt.set()
        else:
            self.outbox.put(event)
            self.wake.set()

    async def _leave_groups(self) -> None:
        for group in self.joined:
            await hub().leave(group, self._hear)
        self.joined = ()

    async def _find_room(self) -> None:
        """A place among the sockets of its process, user and address; TooMany. Counted before
        anything is waited for.
        """
        if settings.LIMITS and ExperimentConsumer.open_here >= MOST_OF_PROCESS:
            raise TooMany(
                f"At most {MOST_OF_PROCESS} live connections at a time: try again in a minute.",
                MINUTE,
            )
        ExperimentConsumer.open_here += 1
        try:
            self.places = await _take(self.scope["user"], (self.scope.get("client") or ("",))[0])
        finally:
            if self.places is None:
                ExperimentConsumer.open_here -= 1

    async def _refuse(self, refusal: TooMany) -> None:
        """Before the socket opens: as HTTP with the reason where the server can, else by
        closing.
        """
        if "websocket.http.response" not in self.scope.get("extensions", {}):
            await self.close(TOO_MANY)
            return
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"retry-after", str(refusal.seconds).encode()),
        ]
        await self.base_send(
            {
                "type": "websocket.http.response.start",
                "status": TOO_MANY_REQUESTS,
                "headers": headers,
            }
        )
        await self.base_send(
            {"type": "websocket.http.response.body", "body": str(refusal).encode()}
        )

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
        except Left as gone:
            logger.debug("a browser left experiment %s: %s", self.experiment_uuid, gone)
        except TimeoutError:
            await self._close(TOO_SLOW)
        except Exception:
            logger.exception("socket of experiment %s", self.experiment_uuid)
            await self._close(BROKEN)

    async def _say(self, data: bytes) -> None:
        """TimeoutError where the browser takes nothing, Left where it is gone: the server then
        refuses to send.
        """
        try:
            await asyncio.wait_for(self.send(bytes_data=data), STUCK_SECONDS)
        except TimeoutError:
            raise
        except (OSError, RuntimeError) as gone:
            raise Left(type(gone).__name__) from gone
        self.said_at = time.monotonic()

    async def _close(self, code: int) -> None:
        with suppress(OSError, RuntimeError):
            await self.close(code)

    async def _send_frames(self) -> None:
        # asked for after the groups were joined: what is newer comes by them
        if not self.outbox.stale and await position(self.experiment_uuid, 0) != self.outbox.place:
            self.outbox.make_stale()
        while True:
            await self.wake.wait()
            self.wake.clear()
            frames = self.outbox.take()
            if self.outbox.stale:
                frames = [await self._whole()]
            if frames:
                await self._say(b"".join(frames))
                await asyncio.sleep(FRAME_SECONDS)
            if self.outbox:
                self.wake.set()

    async def _whole(self) -> bytes:
        """A snapshot instead of all that waits."""
        self.outbox.begin_snapshot()
        frame = await _snapshot(self.experiment_uuid)
        self.outbox.settle(frame.epoch, frame.seq)
        return frame.data

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            # younger than the last beat, so that two of them are two looks
            self._compare(await position(self.experiment_uuid, BEAT_SECONDS / 2))
            if self.outbox.place[1] >= 0 and time.monotonic() - self.said_at >= 0.9 * BEAT_SECONDS:
                await self._say(messages.beat(self.experiment_uuid, *self.outbox.place).encode())

    def _compare(self, stands: tuple[str, int]) -> None:
        """A browser that is still behind where the database stood a beat ago was not informed
        something.
        """
        epoch, seq = self.outbox.place
        missed = (
            self.behind is not None
            and not self.outbox.settling
            and (epoch != self.behind[0] or seq < self.behind[1])
        )
        self.behind = stands
        if missed:
            self.outbox.make_stale()
            self.wake.set()

    async def _recheck(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.doubt.wait(), RECHECK_SECONDS)
            self.doubt.clear()
            await asyncio.sleep(SETTLE_SECONDS)
            if not await self._still_allowed():
                await self._close(NOT_YOURS)
            if self.places is not None:
                await _keep(self.places)

    async def _still_allowed(self) -> bool:
        """By the session as it is stored now: gone after a logout, void after a change of password
        or of the account.
        """
        store = import_module(settings.SESSION_ENGINE).SessionStore
        user = await get_user({"session": store(self.scope["session"].session_key)})
        return await _may_watch(user, self.experiment_uuid)


def _place_of(query: bytes) -> tuple[str, int] | None:
    """(epoch, seq) that a browser says it is at; None where it says none."""
    query_of = dict(parse_qsl(query.decode("ascii", "replace")[:LONGEST_QUERY]))
    seq = query_of.get("seq", "")
    known = "epoch" in query_of and seq.isascii() and seq.isdigit() and len(seq) < 19
    return (query_of["epoch"], int(seq)) if known else None


@database_sync_to_async
def _may_watch(user: Any, experiment_uuid: UUID) -> bool:
    return is_visible(user=user, experiment_uuid=experiment_uuid)


@sync_to_async
def _take(user: Any, address: str) -> tuple[str, ...]:
    limit_spend(limit=SOCKETS, who=user)
    return tuple(places_take(user=user, address=address))


@sync_to_async
def _keep(places: tuple[str, ...]) -> None:
    places_keep(places=places)


@sync_to_async
def _leave(places: tuple[str, ...]) -> None:
    places_leave(places=places)


_snapshot = database_sync_to_async(
    lambda uuid: first_paint_frame(experiment_uuid=uuid), thread_sensitive=False, executor=SNAPSHOTS
)
