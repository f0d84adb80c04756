"""Whether the other end takes what was written to it."""

import asyncio

STUCK_SECONDS = 20.0


class Progress:
    """Watches a transport's write buffer. Times are seconds of the loop's clock."""

    def __init__(self) -> None:
        self.left = 0
        self.since = 0.0

    def stuck(self, transport: asyncio.Transport, now: float) -> bool:
        """Whether the buffer holds something and has not shrunk for STUCK_SECONDS."""
        left = transport.get_write_buffer_size()
        if left < self.left or not left or not self.left:
            self.since = now
        self.left = left
        return now - self.since >= STUCK_SECONDS
