"""Where an experiment may go from where it stands; every move is one conditional update."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from arena.errors import WrongState
from arena.models import LONGEST_REASON, Experiment, ExperimentState
from arena.services.records import notifications
from arena.services.records.seals import end_seal
from arena.work import kinds
from arena.work.queue import jobs_hold

# rounds are played and closed only in these states
GOING = (ExperimentState.RUNNING, ExperimentState.PAUSING)
FINAL = (
    ExperimentState.STOPPED,
    ExperimentState.FINISHED,
    ExperimentState.EXTINCT,
    ExperimentState.FAILED,
)


@transaction.atomic
def experiment_move(
    *,
    experiment_uuid: UUID,
    before: Sequence[str],
    after: ExperimentState,
    verb: str,
    reason: str = "",
) -> Experiment:
    """The experiment, brought from one of the states `before` to `after`. WrongState says why it
    cannot be; Experiment.DoesNotExist.
    """
    changes: dict[str, object] = {"state": after, "state_reason": reason}
    if after in FINAL:
        changes["finished_at"] = timezone.now()
    if not Experiment.objects.filter(uuid=experiment_uuid, state__in=before).update(**changes):
        experiment = Experiment.objects.get(uuid=experiment_uuid)
        wanted = " or ".join(ExperimentState(state).label for state in before)
        raise WrongState(
            f"{experiment.name} is {experiment.get_state_display()} and cannot be {verb}; it would"
            f" have to be {wanted}"
        )
    experiment = Experiment.objects.get(uuid=experiment_uuid)
    if after in FINAL:
        end_seal(experiment_id=experiment.pk)
    notifications.state_notify(experiment_id=experiment.pk)
    return experiment


def experiment_lock(*, experiment_id: int) -> Experiment:
    """The experiment's row with its market, held until the running transaction ends.

    One commit of an experiment at a time: else of two last blocks neither would see the other done,
    and a stop could slip in between. SQLite has one writer anyway.
    """
    return (
        Experiment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("market")
        .get(pk=experiment_id)
    )


@transaction.atomic
def experiment_fail(*, experiment_id: int, reason: str) -> bool:
    """Give up a going experiment for `reason`; False where it was going no more. Its work is laid
    aside.
    """
    moved = Experiment.objects.filter(pk=experiment_id, state__in=GOING).update(
        state=ExperimentState.FAILED,
        state_reason=reason[:LONGEST_REASON],
        finished_at=timezone.now(),
    )
    if moved:
        jobs_hold(experiment=experiment_id, kind__in=kinds.OF_ROUNDS)
        end_seal(experiment_id=experiment_id)
        notifications.state_notify(experiment_id=experiment_id)
    return bool(moved)
