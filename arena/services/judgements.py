"""Judgements as they are asked for, claimed under a fence and a lease, given back, and announced
again.
"""

import time
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from arena import enqueue
from arena.models import LONGEST_REASON, Experiment, ExperimentState, Judgement, JudgementState
from arena.services import news
from arena.services.errors import StaleFence, WrongState
from arena.services.leases import BEAT_SECONDS, MOST_ATTEMPTS, REPEAT, expired, given_up, is_dead, lease_end, taken

# experiments that play no further round; one that failed did not get to where it could be judged
ENDED = (ExperimentState.FINISHED, ExperimentState.EXTINCT, ExperimentState.STOPPED)


@dataclass(frozen=True)
class JudgementClaim:
    """A judgement, ours as long as the fence stands."""

    pk: int
    experiment_id: int
    fence: int


def judgement_ask(*, experiment: Experiment) -> None:
    """Have an experiment that has just ended judged, once the running transaction is committed; not
    where no round of its own closed.
    """
    if experiment.rounds_done > experiment.first_own:
        told = {"experiment": experiment, "after_round": experiment.rounds_done - 1}
        row, _ = Judgement.objects.get_or_create(**told, defaults={"asked_at": timezone.now(), "announced_at": Now()})
        _announce(row.pk)


@transaction.atomic
def judgement_again(*, experiment_uuid: UUID) -> Experiment:
    """Try a judgement again that could not be made. WrongState where there is none such;
    Experiment.DoesNotExist.
    """
    experiment = Experiment.objects.select_related("market").get(uuid=experiment_uuid)
    fresh = {"state": JudgementState.WAITING, "attempts": 0, "lease_until": None, "reason": "", "announced_at": Now(), "asked_at": Now()}
    rows = Judgement.objects.filter(experiment=experiment)
    if not rows.filter(state=JudgementState.FAILED).update(**fresh):
        raise WrongState(_why_not(experiment, rows.last()))
    _announce(rows.last().pk)
    news.state_told(experiment_id=experiment.pk)
    return experiment


@transaction.atomic
def judgement_claim(*, judgement_id: int) -> JudgementClaim | None:
    """The judgement, for LEASE, where it waits and nobody is at it; else None."""
    if not _free().filter(pk=judgement_id, attempts__lt=MOST_ATTEMPTS).update(**taken()):
        return None
    row = Judgement.objects.get(pk=judgement_id)
    return JudgementClaim(row.pk, row.experiment_id, row.fence)


@transaction.atomic
def judgement_release(*, claim: JudgementClaim, reason: str) -> None:
    """Give it back after a failed attempt, for the reaper to announce; after MOST_ATTEMPTS it could
    not be made, for that reason.
    """
    if judgement_ours(claim=claim).update(lease_until=None, announced_at=None, reason=reason[:LONGEST_REASON]):
        _give_up(Judgement.objects.filter(pk=claim.pk))


def judgement_ours(*, claim: JudgementClaim) -> QuerySet[Judgement]:
    """Its row as long as the claim stands, else nothing."""
    return Judgement.objects.filter(pk=claim.pk, state=JudgementState.WAITING, fence=claim.fence)


def judgements_reap() -> int:
    """Announce judgements that nobody is at, give up those whose last attempt died; the number of
    announcements.
    """
    for row in Judgement.objects.filter(state=JudgementState.WAITING, lease_until__isnull=False).only("worker", "fence"):
        if is_dead(row.worker):
            Judgement.objects.filter(pk=row.pk, fence=row.fence).update(**given_up())
    _give_up(_free())
    return _announce_unheard()


class JudgementPulse:
    """Keeps the lease while a judgement computes."""

    def __init__(self, claim: JudgementClaim):
        self.claim, self.beaten = claim, time.monotonic()

    def __call__(self) -> None:
        if time.monotonic() - self.beaten >= BEAT_SECONDS:
            if not judgement_ours(claim=self.claim).update(lease_until=lease_end()):
                raise StaleFence(f"fence {self.claim.fence} has moved")
            self.beaten = time.monotonic()


def _why_not(experiment: Experiment, row: Judgement | None) -> str:
    """Why a judgement cannot be tried again."""
    if row is not None:
        return f"{experiment.name} {'was' if row.state == JudgementState.DONE else 'is being'} judged"
    if experiment.state in ENDED:
        return f"{experiment.name} ended before a round of its own was closed: there is nobody to judge"
    return f"{experiment.name} is {experiment.get_state_display()}; it is judged when it has ended"


@transaction.atomic
def _give_up(rows: QuerySet[Judgement]) -> None:
    """Those of `rows` that were tried MOST_ATTEMPTS times: the reason stays, and whoever watches is
    told.
    """
    for row in list(rows.filter(attempts__gte=MOST_ATTEMPTS)):
        last = f"last with {row.reason}" if row.reason else "each time its worker died"
        reason = f"it was tried {row.attempts} times, {last}"[:LONGEST_REASON]
        same = Judgement.objects.filter(pk=row.pk, fence=row.fence, state=JudgementState.WAITING)
        if same.update(state=JudgementState.FAILED, lease_until=None, reason=reason):
            news.state_told(experiment_id=row.experiment_id)


@transaction.atomic
def _announce_unheard() -> int:
    unheard = Q(announced_at=None) | Q(announced_at__lt=Now() - REPEAT)
    found = list(_free().filter(unheard).values_list("pk", flat=True))
    Judgement.objects.filter(pk__in=found).update(announced_at=Now())
    for pk in found:
        _announce(pk)
    return len(found)


def _announce(pk: int) -> None:
    transaction.on_commit(partial(enqueue.announce, enqueue.JUDGE, pk))


def _free() -> QuerySet[Judgement]:
    """Those that wait, with nobody at them."""
    return Judgement.objects.filter(Q(lease_until=None) | expired(), state=JudgementState.WAITING)
