"""What a page asks for beside its first paint, of rounds that are summed up first.

What a closed round shows never changes: what every page of an experiment asks for is made once in a
process for all who look at the same rounds.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from arena.models import Experiment
from arena.selectors.agents.waterfall import experiment_waterfalls
from arena.selectors.pages.first_paint import bands_message
from arena.services.rounds.summing import summaries_make
from arena.wire import messages

# answers of each kind, of up to some 20 kB
MOST_KEPT = 256


def asked_frame(
    make: Callable[..., messages.Message], *, experiment: Experiment, **asked: Any
) -> bytes:
    """A message of selectors.pages.first_paint; what it raises."""
    summaries_make(experiment_id=experiment.pk)
    return make(experiment=experiment, **asked).encode()


def bands_frame(*, experiment: Experiment) -> bytes:
    """The bands message as of now."""
    return _bands(experiment.uuid, messages.epoch(experiment), experiment.rounds_done)


def waterfalls_json(*, experiment: Experiment, as_of_round: int | None) -> bytes:
    """See selectors.agents.waterfall: as of the close of that round, or of the last one."""
    last = experiment.rounds_done - 1
    if as_of_round is not None:
        last = min(as_of_round, last)
    return _waterfalls(experiment.uuid, messages.epoch(experiment), last)


@lru_cache(maxsize=MOST_KEPT)
def _bands(uuid: UUID, _epoch: str, _rounds: int) -> bytes:
    return asked_frame(bands_message, experiment=_experiment(uuid))


@lru_cache(maxsize=MOST_KEPT)
def _waterfalls(uuid: UUID, _epoch: str, last: int) -> bytes:
    experiment = _experiment(uuid)
    summaries_make(experiment_id=experiment.pk)
    found = experiment_waterfalls(experiment=experiment, as_of_round=last)
    return orjson.dumps(found, option=orjson.OPT_SERIALIZE_NUMPY)


def _experiment(uuid: UUID) -> Experiment:
    return Experiment.objects.get(uuid=uuid)
