"""One socket of one browser that has the list of experiments open."""

import asyncio
import time
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from django.utils import timezone

from arena.live import consumers
from arena.live.consumers import CALM, ExperimentConsumer
from arena.people.actions import Action
from arena.people.may import may
from arena.selectors.experiments import experiments_visible, may_concern
from arena.selectors.pages.rows import changed, rows_of
from arena.wire import messages

# at most so often, however many rounds close
ROWS_SECONDS = 1.0
# rows in one message; where more changed, the next one has the others
MOST_ROWS = 100


class ListConsumer(ExperimentConsumer):
    """Rows of experiments that changed, as they are now; those that are gone by name alone.

    The layer only says which to look at: what is sent comes out of the database, by the same right
    as the list itself.
    """

    @property
    def subject(self) -> str:
        return "a list of experiments"

    async def may_watch(self, user: Any) -> bool:
        return await _may_list(user)

    def begin(self) -> None:
        self.changed: set[UUID] = set()

    def topics(self) -> tuple[str, ...]:
        return (messages.LISTS,)

    def _hear(self, event: dict[str, Any]) -> None:
        if event["type"] == messages.RECHECK:
            self.doubt.set()
        elif event["type"] == messages.LISTED and may_concern(
            user=self.scope["user"], owner_id=event["owner"]
        ):
            self.changed.add(UUID(hex=event["experiment"]))
            self.wake.set()

    async def _ask(self, text: str) -> None:
        """A list has nothing to ask for: it is loaded again."""
        await self.close(consumers.NONSENSE)

    async def _send_frames(self) -> None:
        while True:
            await self.wake.wait()
            self.wake.clear()
            if not self.changed:
                continue
            now = [self.changed.pop() for _ in range(min(len(self.changed), MOST_ROWS))]
            await self._say(await _rows(self.scope["user"], now))
            await asyncio.sleep(ROWS_SECONDS)
            if self.changed:
                self.wake.set()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(consumers.BEAT_SECONDS)
            if time.monotonic() - self.said_at >= CALM * consumers.BEAT_SECONDS:
                await self._say(messages.list_beat().encode())


@database_sync_to_async
def _may_list(user: Any) -> bool:
    return may(user, Action.SITE_READ)


@database_sync_to_async
def _rows(user: Any, uuids: list[UUID]) -> bytes:
    found = list(experiments_visible(user=user).filter(uuid__in=uuids))
    seen = {row.uuid for row in found}
    rows = rows_of(experiments=found, user=user, now=timezone.now())
    gone = [str(uuid) for uuid in uuids if uuid not in seen]
    return messages.rows([changed(row) for row in rows], gone).encode()
