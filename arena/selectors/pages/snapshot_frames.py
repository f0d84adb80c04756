"""The snapshot of an experiment as the bytes that are sent: made once for all who ask at the same
time, and kept until it is old.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from arena.selectors.experiments import experiment_position
from arena.selectors.pages.snapshot import snapshot_message

MOST_EXPERIMENTS = 16
MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Frame:
    """A snapshot's place in the experiment's history, and its bytes."""

    epoch: str
    seq: int
    data: bytes


class Frames:
    """The newest frame of each of a few experiments, those asked for last; safe between threads."""

    def __init__(self, most: int = MOST_EXPERIMENTS, most_bytes: int = MOST_BYTES) -> None:
        self.most, self.most_bytes = most, most_bytes
        self._kept: OrderedDict[UUID, Frame] = OrderedDict()
        self._lock = threading.Lock()
        # one at a time makes the frame of an experiment, the others wait for it
        self._making = [threading.Lock() for _ in range(MOST_EXPERIMENTS)]

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def bytes(self) -> int:
        """Held in all."""
        return sum(len(frame.data) for frame in self._kept.values())

    def frame(self, experiment: UUID, epoch: str, seq: int, make: Callable[[], Frame]) -> Frame:
        """One at least as new as (epoch, seq): the kept one, or what make() returns."""
        with self._making[experiment.int % len(self._making)]:
            found = self._kept.get(experiment)
            if found is None or found.epoch != epoch or found.seq < seq:
                found = make()
            self._keep(experiment, found)
            return found

    def _keep(self, experiment: UUID, frame: Frame) -> None:
        with self._lock:
            self._kept[experiment] = frame
            self._kept.move_to_end(experiment)
            while len(self._kept) > self.most or self.bytes > self.most_bytes:
                self._kept.popitem(last=False)


_frames = Frames()


def snapshot_frame(*, experiment_uuid: UUID) -> Frame:
    """As of now. Experiment.DoesNotExist."""
    epoch, seq = experiment_position(experiment_uuid=experiment_uuid)
    return _frames.frame(experiment_uuid, epoch, seq, lambda: _made(experiment_uuid))


def _made(experiment_uuid: UUID) -> Frame:
    message = snapshot_message(experiment_uuid=experiment_uuid)
    return Frame(message.epoch, message.seq, message.encode())
