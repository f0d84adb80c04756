"""A websocket whose other end is gone, or takes nothing, is dropped at once, with all that was to
be sent to it.

uvicorn closes such a connection politely: it waits for its buffer to empty, which a dead line never
does.
"""

import asyncio

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from lineage_site.server.progress import Progress

LOOK_SECONDS = 1.0


class WatcherProtocol(WebSocketsSansIOProtocol):
    """uvicorn's websocket protocol that lets go of who answers no ping, or has taken nothing for a
    while of what waits for it.
    """

    looking: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self.progress = Progress()
        self._look()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._rest()

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()

    def _look(self) -> None:
        if self.progress.stuck(self.transport, self.loop.time()):
            self.transport.abort()
        else:
            self.looking = self.loop.call_later(LOOK_SECONDS, self._look)

    def _rest(self) -> None:
        if self.looking is not None:
            self.looking.cancel()
            self.looking = None
