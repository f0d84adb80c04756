"""What waits to be sent to one browser: bounded, in order, without gaps; anything else turns into
one snapshot.
"""

from collections.abc import Mapping
from typing import Any

MAX_WAITING = 64  # messages
MAX_BYTES = 1024 * 1024


class Outbox:
    """Collects events of `arena.wire.messages.event`.

    stale: the browser needs a snapshot before anything else; settling: it needs one, or one is
    being made.
    """

    def __init__(self) -> None:
        self.stale = True
        self.settling = True
        self._epoch, self._seq = "", -1
        self._waiting: list[Mapping[str, Any]] = []
        self._bytes = 0
        self._progress = b""

    def __bool__(self) -> bool:
        """Whether anything is to be sent."""
        return self.stale or bool(self._waiting) or bool(self._progress)

    @property
    def place(self) -> tuple[str, int]:
        """(epoch, seq) of the last durable message or snapshot that went to the browser."""
        return self._epoch, self._seq

    def put(self, event: Mapping[str, Any]) -> None:
        """Keep a message; a newer progress replaces an older one, too many or too long ones become
        a snapshot.
        """
        if event["kind"] == "progress":
            self._progress = event["frame"]
        elif not self.stale:
            self._waiting.append(event)
            self._bytes += len(event["frame"])
            if not event["frame"] or len(self._waiting) > MAX_WAITING or self._bytes > MAX_BYTES:
                self.make_stale()

    def make_stale(self) -> None:
        """Ask for a snapshot, which will hold all that waits: it was committed before it was
        said.
        """
        self.stale = self.settling = True
        self._clear()

    def settle(self, epoch: str, seq: int) -> None:
        """A snapshot at (epoch, seq) is on its way to the browser; what came in meanwhile stays."""
        self._epoch, self._seq = epoch, seq
        self.settling = self.stale

    def begin_at(self, epoch: str, seq: int) -> None:
        """The browser has all that there was at (epoch, seq)."""
        self.stale = False
        self.settle(epoch, seq)

    def begin_snapshot(self) -> None:
        """A snapshot is being made: what comes in from now on may be newer than it."""
        self.stale = False
        self._clear()

    def take(self) -> list[bytes]:
        """Frames to send now, in order; none, and `stale`, where a message is missing."""
        frames = []
        for event in self._waiting:
            place = event["epoch"], event["seq"]
            if place[0] == self._epoch and place[1] <= self._seq:
                continue
            if place != (self._epoch, self._seq + 1):
                self.make_stale()
                return []
            self._seq += 1
            frames.append(event["frame"])
        if self._progress:
            frames.append(self._progress)
        self._clear()
        return frames

    def _clear(self) -> None:
        self._waiting, self._bytes, self._progress = [], 0, b""
