"""Judgements as they are asked for, as an experiment ends or again by hand, and as they are given
up.
"""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from arena.errors import WrongState
from arena.models import LONGEST_REASON, Experiment, ExperimentState, Judgement, JudgementState
from arena.services.records import notifications
from arena.work.claims import failed_words
from arena.work.kinds import JUDGEMENT
from arena.work.models import Job
from arena.work.queue import Wanted, jobs_ask

# experiments that play no further round; one that failed did not get to where it could be judged
ENDED = (ExperimentState.FINISHED, ExperimentState.EXTINCT, ExperimentState.STOPPED)


def judgement_ask(*, experiment: Experiment) -> None:
    """Have an experiment that has just ended judged, once the running transaction is committed; not
    where no round of its own closed.
    """
    if experiment.rounds_done > experiment.first_own:
        key = {"experiment": experiment, "after_round": experiment.rounds_done - 1}
        row, _ = Judgement.objects.get_or_create(**key, defaults={"asked_at": timezone.now()})
        _ask(row, experiment)


@transaction.atomic
def judgement_again(*, experiment_uuid: UUID) -> Experiment:
    """Try a judgement again that could not be made. WrongState where there is none such;
    Experiment.DoesNotExist.
    """
    experiment = Experiment.objects.select_related("market").get(uuid=experiment_uuid)
    rows = Judgement.objects.filter(experiment=experiment)
    if not rows.filter(state=JudgementState.FAILED).update(
        state=JudgementState.WAITING, reason="", asked_at=Now()
    ):
        raise WrongState(_why_not(experiment, rows.last()))
    _ask(rows.latest("pk"), experiment)
    notifications.state_notify(experiment_id=experiment.pk)
    return experiment


def judgement_given_up(job: Job) -> None:
    """The reason stays, and those who watch are notified."""
    reason = f"it was tried {failed_words(job)}"[:LONGEST_REASON]
    rows = Judgement.objects.filter(pk=job.subject, state=JudgementState.WAITING)
    if rows.update(state=JudgementState.FAILED, reason=reason):
        notifications.state_notify(experiment_id=job.experiment)


def _ask(row: Judgement, experiment: Experiment) -> None:
    jobs_ask(wanted=[Wanted(JUDGEMENT, row.pk)], user=experiment.owner_id, experiment=experiment.pk)


def _why_not(experiment: Experiment, row: Judgement | None) -> str:
    """Why a judgement cannot be tried again."""
    if row is not None:
        return (
            f"{experiment.name} {'was' if row.state == JudgementState.DONE else 'is being'} judged"
        )
    if experiment.state in ENDED:
        return (
            f"{experiment.name} ended before a round of its own was closed: there is nobody to"
            " judge"
        )
    return f"{experiment.name} is {experiment.get_state_display()}; it is judged when it has ended"
