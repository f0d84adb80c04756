"""Deletions as they are asked for, claimed under a fence and a lease, given back, and announced
again.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from arena.errors import StillNeeded, WrongState
from arena.models import (
    LONGEST_REASON,
    Experiment,
    ExperimentState,
    MarketData,
    Removal,
    RemovalState,
    Removed,
)
from arena.people.models import EventKind
from arena.selectors.belongings import experiment_belongings, market_belongings, market_needed
from arena.services.evidence.nulls import nulls_cancel
from arena.services.people.events import event_record
from arena.services.records.notifications import list_notify
from arena.services.records.seals import end_seal, removal_seal
from arena.services.records.states import FINAL, experiment_lock
from arena.work.claims import failed_words
from arena.work.kinds import REMOVAL
from arena.work.leases import later
from arena.work.models import Job, JobState
from arena.work.queue import Wanted, jobs_ask, jobs_drop

DELETABLE = (ExperimentState.DRAFT, ExperimentState.PAUSED, *FINAL)
# after several attempts without a step
LONGEST_REST = timedelta(minutes=10)


@transaction.atomic
def experiment_remove(*, experiment: Experiment, who: Any, market_too: bool = False) -> Removal:
    """Take an experiment out of all lists; workers delete what hangs on it. WrongState where it is
    running.

    What its forks are shown from stays as long as they do; trials and looks are counted for ever.
    market_too: its market follows where nothing else is on it.
    """
    row = experiment_lock(experiment_id=experiment.pk)
    if words := removal_refusal(experiment=row):
        raise WrongState(words)
    nulls_cancel(experiment=row)
    jobs_drop(experiment=row.pk)
    if row.state == ExperimentState.PAUSED:
        stopped = {
            "state": ExperimentState.STOPPED,
            "state_reason": "deleted",
            "finished_at": timezone.now(),
        }
        Experiment.objects.filter(pk=row.pk).update(**stopped)
        end_seal(experiment_id=row.pk)
    removal_seal(experiment=row, who=who)
    Experiment.objects.filter(pk=row.pk).update(removed_at=timezone.now())
    list_notify(experiment=row)
    belongings = experiment_belongings(experiment=row)
    return _ask(Removed.EXPERIMENT, row, who, belongings, uuid=row.uuid, market_too=market_too)


def removal_refusal(*, experiment: Experiment) -> str:
    """Why an experiment cannot be deleted as it stands, "" where it can."""
    if experiment.removed_at is not None:
        return f"{experiment.name} is already being deleted"
    if experiment.state not in DELETABLE:
        return (
            f"{experiment.name} is {experiment.get_state_display()}: stop it first, then delete it"
        )
    return ""


@transaction.atomic
def market_remove(*, market: MarketData, who: Any) -> Removal:
    """Take a market out of all lists; workers delete it. StillNeeded where something is on it."""
    row = (
        MarketData.objects.select_for_update(no_key=True).select_related("owner").get(pk=market.pk)
    )
    if row.removed_at is not None:
        raise WrongState(f"{row.name} is already being deleted")
    belongings = market_belongings(market=row, user=who)
    if words := market_needed(belongings=belongings):
        raise StillNeeded(
            f"{row.name} cannot be deleted while there are {words}; delete those first"
        )
    MarketData.objects.filter(pk=row.pk).update(removed_at=timezone.now())
    return _ask(Removed.MARKET, row, who, belongings)


def removal_again(*, subject_id: int) -> None:
    """Go on with the removal of an experiment that was held for its forks; where it was not,
    nothing.
    """
    for row in Removal.objects.filter(
        kind=Removed.EXPERIMENT, subject_id=subject_id, state=RemovalState.HELD
    ):
        Removal.objects.filter(pk=row.pk).update(state=RemovalState.GOING)
        jobs_ask(wanted=[Wanted(REMOVAL, row.pk)], user=row.owner_id)


def removal_given_up(job: Job) -> None:
    """It is never given up: what is left of it is tried again after a long rest, and the page
    gives the reason.
    """
    reason = f"tried {failed_words(job)}; it goes on by itself"[:LONGEST_REASON]
    Removal.objects.filter(pk=job.subject).update(reason=reason)
    Job.objects.filter(pk=job.pk).update(
        state=JobState.WAITING, attempts=0, not_before=later(LONGEST_REST)
    )


def _ask(kind: Removed, row: Any, who: Any, belongings: dict[str, Any], **more: Any) -> Removal:
    named = {
        "kind": kind,
        "subject_id": row.pk,
        "name": row.name,
        "owner": row.owner,
        "who": who,
        "told": belongings,
    }
    made = Removal.objects.create(**named, **more, asked_at=timezone.now())
    event_record(kind=EventKind.DELETED, user=who, detail=f"{kind.label} {row.name}")
    jobs_ask(wanted=[Wanted(REMOVAL, made.pk)], user=made.owner_id)
    return made
