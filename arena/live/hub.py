"""Brings what the channel layer says to the sockets of this process: each message is read once,
however many watch.

The layer by itself gives every socket a queue of its own and reads a message again for each of
them. A layer that is away is asked again and again; sockets do not wait for it, since each looks
into the database now and then anyway.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer

from arena.wire import messages

logger = logging.getLogger(__name__)
RETRY_SECONDS = 1.0
PATIENCE_SECONDS = 2.0  # a layer that says nothing at all holds up no page for longer
Hear = Callable[[dict[str, Any]], None]


class _Group:
    """Those in this process who want to hear of one group of the layer, and the task that listens
    for them.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.hearers: set[Hear] = set()
        self.settled = asyncio.Event()
        self.refused = 0
        self.task = asyncio.create_task(self._listen())

    async def end(self) -> None:
        """Listens no more."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            try:
                await self._receive()
            # whatever is wrong with the layer, the sockets go on without it
            except Exception as problem:
                logger.warning(
                    "live messages of %s are out of reach: %s: %s",
                    self.name,
                    type(problem).__name__,
                    problem,
                )
                self.settled.set()
                await asyncio.sleep(RETRY_SECONDS)

    async def _receive(self) -> None:
        layer = get_channel_layer()
        channel = await layer.new_channel()
        try:
            await layer.group_add(self.name, channel)
            self.settled.set()
            while True:
                self._tell(await layer.receive(channel))
        finally:
            with suppress(Exception):
                await layer.group_discard(self.name, channel)

    def _tell(self, event: Any) -> None:
        if messages.is_event(event):
            for hear in tuple(self.hearers):
                hear(event)
        else:
            self.refused += 1
            # what others write there must not fill the log
            if self.refused & (self.refused - 1) == 0:
                logger.warning(
                    "%s live messages of %s refused: they follow no form that is known",
                    self.refused,
                    self.name,
                )


class Hub:
    """The groups that sockets of this process are in."""

    def __init__(self) -> None:
        self.groups: dict[str, _Group] = {}

    async def join(self, name: str, hear: Hear) -> None:
        """`hear` is called with every event of the group from the return of this call on, where the
        layer is within reach.
        """
        group = self.groups.get(name)
        if group is None:
            group = self.groups[name] = _Group(name)
        group.hearers.add(hear)
        with suppress(TimeoutError):
            await asyncio.wait_for(group.settled.wait(), PATIENCE_SECONDS)

    async def leave(self, name: str, hear: Hear) -> None:
        """`hear` is called no more; who is the last switches the light off."""
        group = self.groups.get(name)
        if group is None:
            return
        group.hearers.discard(hear)
        if not group.hearers:
            del self.groups[name]
            await group.end()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The one of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
