"""Tells those who watch an experiment what was committed; silent in a headless process."""

import time
from functools import partial

from django.db import transaction
from django.db.models import F

from arena.models import Experiment
from arena.selectors.pages import snapshot
from arena.wire import messages
from arena.wire.publish import publish, publish_listed
from arena.work.queue import is_local

PROGRESS_SECONDS = 0.25
_last_progress: dict[int, float] = {}


def round_notify(*, experiment_id: int, index: int) -> None:
    """Number the message that a round was closed, and publish it once the running transaction is
    committed.
    """
    transaction.on_commit(partial(_publish_round, experiment_id, _number(experiment_id), index))


def state_notify(*, experiment_id: int) -> None:
    """Number the message that an experiment's state changed, and publish it once the running
    transaction is committed.
    """
    transaction.on_commit(partial(_publish_state, experiment_id, _number(experiment_id)))


def list_notify(*, experiment: Experiment) -> None:
    """Have lists look at the experiment again, once the running transaction is committed."""
    transaction.on_commit(partial(_publish_listed, experiment))


def progress_due(*, experiment_id: int) -> bool:
    """Whether this process may publish the experiment's progress again, which it then does: four
    times a second at most.
    """
    now = time.monotonic()
    if is_local() or now - _last_progress.get(experiment_id, 0.0) < PROGRESS_SECONDS:
        return False
    _last_progress[experiment_id] = now
    return True


def progress_notify(
    *, experiment_id: int, index: int, share: float, steps_per_second: float
) -> None:
    """Publish how far round `index` is; a hint that may be lost."""
    experiment = Experiment.objects.only("uuid", "seq", "started_at").get(pk=experiment_id)
    publish(messages.progress(experiment, index, share, steps_per_second))


def _number(experiment_id: int) -> int:
    """The next number, which no other process gets: the row is held until the running transaction
    ends.
    """
    Experiment.objects.filter(pk=experiment_id).update(seq=F("seq") + 1)
    return Experiment.objects.values_list("seq", flat=True).get(pk=experiment_id)


def _publish_round(experiment_id: int, seq: int, index: int) -> None:
    if not is_local():
        experiment = _numbered(experiment_id, seq)
        publish(
            messages.message(
                "round", experiment, index, snapshot.round_delta(experiment=experiment, index=index)
            )
        )
        _publish_listed(experiment)


def _publish_state(experiment_id: int, seq: int) -> None:
    if not is_local():
        experiment = _numbered(experiment_id, seq)
        publish(
            messages.message(
                "state",
                experiment,
                experiment.rounds_done - 1,
                snapshot.state_delta(experiment=experiment),
            )
        )
        _publish_listed(experiment)


def _publish_listed(experiment: Experiment) -> None:
    if not is_local():
        publish_listed(experiment.uuid, experiment.owner_id)


def _numbered(experiment_id: int, seq: int) -> Experiment:
    """The row as it stands under the number of this message: another may have been committed since,
    and must not be taken for it.
    """
    experiment = Experiment.objects.select_related("market").get(pk=experiment_id)
    experiment.seq = seq
    return experiment
