"""The first paint of an experiment, stored as it is sent: compressed, and made once for all who ask
at the same time.
"""

import gzip
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.db import DatabaseError

from arena.models import Experiment, FirstPaint
from arena.selectors.experiments import experiment_position
from arena.selectors.pages.first_paint import (
    first_paint_message,
)
from arena.services.rounds.summing import summaries_make
from arena.wire import messages

logger = logging.getLogger(__name__)
# raised with every change of what a first paint holds: a release sends none of another one's
FORMAT = 1
MOST_EXPERIMENTS = 16
MOST_BYTES = 64 * 1024 * 1024
# of gzip: higher ones save nothing here, and take longer
LEVEL = 6
# seconds between two that are made ahead of who asks, where rounds close faster
EVERY_SECONDS = 2.0
_made_at: dict[int, float] = {}


@dataclass(frozen=True)
class Frame:
    """A snapshot's place in the experiment's history, and its bytes as gzip."""

    epoch: str
    seq: int
    packed: bytes

    @cached_property
    def data(self) -> bytes:
        """The bytes themselves."""
        return gzip.decompress(self.packed)

    @property
    def tag(self) -> str:
        """Of HTTP: the same bytes have the same one."""
        return f'W/"{self.epoch}.{self.seq}"'


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
        return sum(len(frame.packed) for frame in self._kept.values())

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


def first_paint_frame(*, experiment_uuid: UUID) -> Frame:
    """As of now. Experiment.DoesNotExist."""
    epoch, seq = experiment_position(experiment_uuid=experiment_uuid)
    return _frames.frame(experiment_uuid, epoch, seq, lambda: _stored(experiment_uuid, epoch, seq))


def first_paint_ahead(*, experiment_id: int, last: bool) -> None:
    """Make it as a round closes, so that no page has to wait for it; left out where the last one is
    young and another round follows.
    """
    now = time.monotonic()
    if not last and now - _made_at.get(experiment_id, -EVERY_SECONDS) < EVERY_SECONDS:
        return
    _made_at[experiment_id] = now
    _made(Experiment.objects.values_list("uuid", flat=True).get(pk=experiment_id))


def _stored(experiment_uuid: UUID, epoch: str, seq: int) -> Frame:
    """What is stored, or one made anew where that is of another moment."""
    found = FirstPaint.objects.filter(
        experiment__uuid=experiment_uuid, format=FORMAT, epoch=epoch, seq__gte=seq
    )
    row = found.values_list("epoch", "seq", "frame").first()
    return Frame(row[0], row[1], bytes(row[2])) if row else _made(experiment_uuid)


def _made(experiment_uuid: UUID) -> Frame:
    experiment_id = Experiment.objects.values_list("pk", flat=True).get(uuid=experiment_uuid)
    summaries_make(experiment_id=experiment_id)
    message = first_paint_message(experiment_uuid=experiment_uuid)
    frame = packed(message)
    _store(experiment_id, frame)
    return frame


def packed(message: messages.Message) -> Frame:
    """The frame of a message."""
    return Frame(message.epoch, message.seq, gzip.compress(message.encode(), LEVEL, mtime=0))


def _store(experiment_id: int, frame: Frame) -> None:
    """It can be made again at any time: a page that asks for it need not know that it was
    not stored.
    """
    values = {"format": FORMAT, "epoch": frame.epoch, "seq": frame.seq, "frame": frame.packed}
    try:
        FirstPaint.objects.update_or_create(experiment_id=experiment_id, defaults=values)
    except DatabaseError as error:
        logger.warning("the first paint of experiment %d is not stored: %s", experiment_id, error)
