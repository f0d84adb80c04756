"""Deletions as they are asked for, claimed under a fence and a lease, given back, and announced
again.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from arena import enqueue
from arena.models import LONGEST_REASON, Experiment, ExperimentState, MarketData, Removal, RemovalState, Removed
from arena.selectors.belongings import experiment_belongings, market_belongings, market_needed
from arena.services.errors import StillNeeded, WrongState
from arena.services.leases import REPEAT, expired, given_up, is_dead, taken
from arena.services.nulls import nulls_cancel
from arena.services.seals import end_seal, removal_seal
from arena.services.states import FINAL, experiment_lock

DELETABLE = (ExperimentState.DRAFT, ExperimentState.PAUSED, *FINAL)
# after so many attempts without a step it rests no longer than this
LONGEST_REST = timedelta(minutes=10)
REST = timedelta(seconds=5)


@dataclass(frozen=True)
class RemovalClaim:
    """A removal, ours as long as the fence stands."""

    pk: int
    fence: int


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
    if row.state == ExperimentState.PAUSED:
        told = {"state": ExperimentState.STOPPED, "state_reason": "deleted", "finished_at": timezone.now()}
        Experiment.objects.filter(pk=row.pk).update(**told)
        end_seal(experiment_id=row.pk)
    removal_seal(experiment=row, who=who)
    Experiment.objects.filter(pk=row.pk).update(removed_at=timezone.now())
    told = experiment_belongings(experiment=row)
    return _ask(Removed.EXPERIMENT, row, who, told, uuid=row.uuid, market_too=market_too)


def removal_refusal(*, experiment: Experiment) -> str:
    """Why an experiment cannot be deleted as it stands, "" where it can."""
    if experiment.removed_at is not None:
        return f"{experiment.name} is already being deleted"
    if experiment.state not in DELETABLE:
        return f"{experiment.name} is {experiment.get_state_display()}: stop it first, then delete it"
    return ""


@transaction.atomic
def market_remove(*, market: MarketData, who: Any) -> Removal:
    """Take a market out of all lists; workers delete it. StillNeeded where something is on it."""
    row = MarketData.objects.select_for_update(no_key=True).select_related("owner").get(pk=market.pk)
    if row.removed_at is not None:
        raise WrongState(f"{row.name} is already being deleted")
    told = market_belongings(market=row, user=who)
    if words := market_needed(told=told):
        raise StillNeeded(f"{row.name} cannot be deleted while there are {words}; delete those first")
    MarketData.objects.filter(pk=row.pk).update(removed_at=timezone.now())
    return _ask(Removed.MARKET, row, who, told)


def removal_again(*, subject_id: int) -> None:
    """Go on with the removal of an experiment that was held for its forks; where it was not,
    nothing.
    """
    fresh = {"state": RemovalState.GOING, "lease_until": None, "attempts": 0, "announced_at": Now()}
    held = Removal.objects.filter(kind=Removed.EXPERIMENT, subject_id=subject_id, state=RemovalState.HELD)
    for pk in list(held.values_list("pk", flat=True)):
        held.filter(pk=pk).update(**fresh)
        _announce(pk)


@transaction.atomic
def removal_claim(*, removal_id: int) -> RemovalClaim | None:
    """The removal, for a lease, where nobody is at it and it does not rest; else None."""
    if not _free().filter(pk=removal_id).update(**taken()):
        return None
    return RemovalClaim(removal_id, Removal.objects.values_list("fence", flat=True).get(pk=removal_id))


def removal_ours(*, claim: RemovalClaim) -> QuerySet[Removal]:
    """Its row as long as the claim stands, else nothing."""
    return Removal.objects.filter(pk=claim.pk, state=RemovalState.GOING, fence=claim.fence)


def removal_rest(*, claim: RemovalClaim, reason: str) -> None:
    """Give it back after a failed attempt: it is tried again after a pause that doubles, for as
    long as it takes.
    """
    row = removal_ours(claim=claim).first()
    if row is not None:
        pause = min(REST * 2 ** min(row.attempts, 10), LONGEST_REST)
        later = ExpressionWrapper(Now() + pause, output_field=DateTimeField())
        removal_ours(claim=claim).update(lease_until=later, announced_at=None, worker="", reason=reason[:LONGEST_REASON])


@transaction.atomic
def removal_hand_back(*, claim: RemovalClaim) -> None:
    """Let others have their turn, and announce that there is more."""
    if removal_ours(claim=claim).update(lease_until=None, announced_at=Now()):
        _announce(claim.pk)


def removals_reap() -> int:
    """Announce removals that nobody is at; how many."""
    for row in Removal.objects.filter(state=RemovalState.GOING, lease_until__isnull=False).only("worker", "fence"):
        if is_dead(row.worker):
            Removal.objects.filter(pk=row.pk, fence=row.fence).update(**given_up())
    return _announce_unheard()


@transaction.atomic
def _announce_unheard() -> int:
    unheard = Q(announced_at=None) | Q(announced_at__lt=Now() - REPEAT)
    found = list(_free().filter(unheard).values_list("pk", flat=True))
    Removal.objects.filter(pk__in=found).update(announced_at=Now())
    for pk in found:
        _announce(pk)
    return len(found)


def _ask(kind: Removed, row: Any, who: Any, told: dict[str, Any], **more: Any) -> Removal:
    named = {"kind": kind, "subject_id": row.pk, "name": row.name, "owner": row.owner, "who": who, "told": told}
    made = Removal.objects.create(**named, **more, asked_at=timezone.now(), announced_at=timezone.now())
    _announce(made.pk)
    return made


def _announce(pk: int) -> None:
    transaction.on_commit(partial(enqueue.announce, enqueue.REMOVE, pk))


def _free() -> QuerySet[Removal]:
    """Those that go on, with nobody at them."""
    return Removal.objects.filter(Q(lease_until=None) | expired(), state=RemovalState.GOING)
