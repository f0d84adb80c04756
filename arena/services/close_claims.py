"""The right to close a round: claimed once under a fence and a lease, prolonged, given back."""

import time
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from arena.models import LONGEST_REASON, BlockRun, BlockState, Round, RoundState
from arena.services.errors import StaleFence
from arena.services.leases import BEAT_SECONDS, MOST_ATTEMPTS, expired, lease_end, open_rounds, taken
from arena.services.states import experiment_fail
from arena.store import files


@dataclass(frozen=True)
class CloseClaim:
    """The close of a round, ours as long as the fence stands."""

    round_id: int
    experiment_id: int
    experiment_uuid: UUID
    index: int
    fence: int

    @property
    def file(self) -> str:
        return files.population_name(self.experiment_uuid, self.index + 1, self.fence)


@transaction.atomic
def close_claim(*, round_id: int) -> CloseClaim | None:
    """The close, for LEASE, where all blocks are done and nobody holds it; else None."""
    undone = BlockRun.objects.filter(round=OuterRef("pk")).exclude(state=BlockState.DONE)
    free = Q(lease_until=None) | expired()
    rows = Round.objects.filter(free, ~Exists(undone), pk=round_id, state=RoundState.OPEN, attempts__lt=MOST_ATTEMPTS, pk__in=open_rounds())
    if not rows.update(**taken()):
        return None
    row = Round.objects.select_related("experiment").get(pk=round_id)
    return CloseClaim(round_id, row.experiment_id, row.experiment.uuid, row.index, row.fence)


def close_beat(*, claim: CloseClaim) -> None:
    """Prolong the lease. StaleFence where the close is no longer ours, or the experiment stopped."""
    if not close_ours(claim=claim).update(lease_until=lease_end()):
        raise StaleFence(f"fence {claim.fence} has moved, or the experiment was stopped")


@transaction.atomic
def close_release(*, claim: CloseClaim, reason: str) -> None:
    """Give a close back after a failed attempt, for the reaper to announce; after MOST_ATTEMPTS the experiment fails for that reason."""
    if close_ours(claim=claim).update(lease_until=None, announced_at=None, reason=reason[:LONGEST_REASON]):
        attempts = Round.objects.values_list("attempts", flat=True).get(pk=claim.round_id)
        if attempts >= MOST_ATTEMPTS:
            text = f"the close of round {claim.index} failed {attempts} times, last with {reason}"
            experiment_fail(experiment_id=claim.experiment_id, reason=text)


def close_ours(*, claim: CloseClaim) -> QuerySet[Round]:
    """The round's row as long as the claim stands, else nothing."""
    return Round.objects.filter(pk=claim.round_id, state=RoundState.OPEN, fence=claim.fence, pk__in=open_rounds())


class ClosePulse:
    """Keeps the lease of a close while it computes."""

    def __init__(self, claim: CloseClaim):
        self.claim, self.beaten = claim, time.monotonic()

    def __call__(self) -> None:
        if time.monotonic() - self.beaten >= BEAT_SECONDS:
            close_beat(claim=self.claim)
            self.beaten = time.monotonic()
