"""Finds work that nobody does: messages lost, workers dead. Announces it again, or gives an experiment up."""

from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from arena import enqueue
from arena.models import BlockRun, BlockState, Round, RoundState
from arena.prices.services.importing import imports_reap
from arena.services.founding import founding_reap
from arena.services.judgements import judgements_reap
from arena.services.leases import MOST_ATTEMPTS, REPEAT, expired, given_up, is_dead, open_rounds
from arena.services.nulls import nulls_reap
from arena.services.opening import blocks_announce
from arena.services.states import experiment_fail


def reap(*, experiment_id: int | None = None) -> int:
    """Announce what waits unheard or was left behind: rounds, judgements, null worlds and imports, or one experiment's rounds; how many."""
    rounds = open_rounds() if experiment_id is None else open_rounds().filter(experiment_id=experiment_id)
    _free(rounds)
    _give_up(rounds)
    found = _blocks(rounds) + _closes(rounds) + founding_reap()
    return found if experiment_id else found + nulls_reap() + imports_reap() + judgements_reap()


def _free(rounds: QuerySet[Round]) -> None:
    """Do not wait for the leases of this machine's dead."""
    for row in BlockRun.objects.filter(round__in=rounds, state=BlockState.CLAIMED).only("worker", "fence"):
        if is_dead(row.worker):
            BlockRun.objects.filter(pk=row.pk, fence=row.fence, state=BlockState.CLAIMED).update(**given_up())
    for row in rounds.filter(lease_until__isnull=False).only("worker", "fence"):
        if is_dead(row.worker):
            Round.objects.filter(pk=row.pk, fence=row.fence, state=RoundState.OPEN).update(**given_up())


def _give_up(rounds: QuerySet[Round]) -> None:
    """Experiments with a block or close whose last allowed attempt died without a word."""
    lost = Q(lease_until=None) | expired()
    blocks = BlockRun.objects.filter(lost, round__in=rounds, attempts__gte=MOST_ATTEMPTS).exclude(state=BlockState.DONE)
    for row in blocks.select_related("round"):
        last = f"last with {row.reason}" if row.reason else "each time its worker died"
        reason = f"block {row.block} of round {row.round.index} failed {row.attempts} times, {last}"
        experiment_fail(experiment_id=row.round.experiment_id, reason=reason)
    for row in rounds.filter(lost, attempts__gte=MOST_ATTEMPTS):
        last = f"last with {row.reason}" if row.reason else "each time its worker died"
        experiment_fail(experiment_id=row.experiment_id, reason=f"the close of round {row.index} failed {row.attempts} times, {last}")


@transaction.atomic
def _blocks(rounds: QuerySet[Round]) -> int:
    left = Q(state=BlockState.WAITING) & _unheard() | Q(state=BlockState.CLAIMED) & expired() & _unheard()
    rows = list(BlockRun.objects.filter(left, round__in=rounds, attempts__lt=MOST_ATTEMPTS).order_by("round__index", "block"))
    blocks_announce(blocks=rows)
    return len(rows)


@transaction.atomic
def _closes(rounds: QuerySet[Round]) -> int:
    rows = list(_closable(rounds).values_list("pk", flat=True))
    Round.objects.filter(pk__in=rows).update(announced_at=Now())
    for pk in rows:
        transaction.on_commit(partial(enqueue.announce, enqueue.CLOSE_ROUND, pk))
    return len(rows)


def _closable(rounds: QuerySet[Round]) -> QuerySet[Round]:
    undone = BlockRun.objects.filter(round=OuterRef("pk")).exclude(state=BlockState.DONE)
    free = Q(lease_until=None) | expired()
    return rounds.filter(free, _unheard(), ~Exists(undone), attempts__lt=MOST_ATTEMPTS)


def _unheard() -> Q:
    return Q(announced_at=None) | Q(announced_at__lt=Now() - REPEAT)
