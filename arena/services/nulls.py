"""Null worlds: an experiment run again on copies of its market without structure, a step of some rounds at a time."""

import logging
import time
from dataclasses import dataclass
from functools import lru_cache, partial
from math import inf
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from arena import enqueue
from arena.engine import whole
from arena.engine.play import MarketView
from arena.engine.warm import warm
from arena.models import LONGEST_REASON, BlockState, Experiment, ExperimentState, NullWorld
from arena.prices.market.nulls import shuffled
from arena.prices.models import MarketData
from arena.prices.store import market_bars
from arena.selectors.extent import size_words
from arena.services.errors import StaleFence, WrongState
from arena.services.extent import allowed, extent_of_experiment
from arena.services.leases import BEAT_SECONDS, MOST_ATTEMPTS, REPEAT, expired, given_up, is_dead, lease_end, taken
from arena.services.seals import null_seal
from arena.settings_schema import parse
from arena.store import files, worlds
from ml.rng import Purpose, stream

logger = logging.getLogger(__name__)
MOST_WORLDS = 200
# a world holds all its agents in memory, about a third of a megabyte each
MOST_AGENTS = 1024
# seconds after which a step ends with the round it is in, so that experiments need not wait long for a worker
STEP_SECONDS = 20.0


@dataclass(frozen=True)
class NullClaim:
    """A null world, ours as long as the fence stands."""

    pk: int
    fence: int


@transaction.atomic
def nulls_ask(*, experiment: Experiment, count: int, block_bars: int = 1) -> int:
    """Ask for `count` more null worlds, and tell a worker of the first; how many there are then. WrongState says why there can be none."""
    _check(experiment, count, block_bars)
    last = NullWorld.objects.filter(experiment=experiment).aggregate(last=Max("index"))["last"]
    first, now = 0 if last is None else last + 1, timezone.now()
    told = {"experiment": experiment, "block_bars": block_bars, "asked_at": now}
    NullWorld.objects.bulk_create(NullWorld(index=index, **told) for index in range(first, first + count))
    _announce_next(experiment.pk)
    return first + count


@transaction.atomic
def nulls_cancel(*, experiment: Experiment) -> int:
    """Give up the null worlds that are not done yet; how many that were."""
    rows = NullWorld.objects.filter(experiment=experiment).exclude(state=BlockState.DONE)
    kept = [row.kept for row in rows]
    count, _ = rows.delete()
    transaction.on_commit(lambda: [worlds.world_remove(each) for each in kept])
    return count


def null_run(*, null_id: int, seconds: float = STEP_SECONDS) -> None:
    """Claim a null world, play rounds for about `seconds`, keep what there is, and announce what is next; nothing to do is no error."""
    claim = null_claim(null_id=null_id)
    if claim is None:
        return
    try:
        _step(claim, seconds)
    except StaleFence as error:
        logger.info("null world %d given up: %s", null_id, error)
    except Exception as error:
        logger.exception("null world %d failed", null_id)
        _release(claim, f"{type(error).__name__}: {error}")


@transaction.atomic
def null_claim(*, null_id: int) -> NullClaim | None:
    """The world, for a lease, where it waits or its holder was lost; None where it is not to be had."""
    free = Q(state=BlockState.WAITING) | Q(state=BlockState.CLAIMED) & expired()
    rows = NullWorld.objects.filter(free, pk=null_id, attempts__lt=MOST_ATTEMPTS)
    if not rows.update(state=BlockState.CLAIMED, **taken()):
        return None
    return NullClaim(null_id, NullWorld.objects.values_list("fence", flat=True).get(pk=null_id))


def nulls_reap() -> int:
    """Announce null worlds that nobody works on, give up those whose last attempt died; the number of announcements."""
    for row in NullWorld.objects.filter(state=BlockState.CLAIMED).only("worker", "fence"):
        if is_dead(row.worker):
            NullWorld.objects.filter(pk=row.pk, fence=row.fence, state=BlockState.CLAIMED).update(**given_up())
    lost = Q(state=BlockState.WAITING) | Q(state=BlockState.CLAIMED) & expired()
    undone = NullWorld.objects.filter(lost, attempts__gte=MOST_ATTEMPTS).exclude(state=BlockState.DONE)
    undone.update(state=BlockState.DONE, lease_until=None, done_at=Now())
    experiments = NullWorld.objects.exclude(state=BlockState.DONE).order_by().values_list("experiment", flat=True).distinct()
    return sum(_announce_next(pk) for pk in experiments if _unheard(pk))


def nulls_run(*, experiment: Experiment, tell: Any) -> None:
    """Work off all that were asked for in this process, one after another; `tell` hears a line a world."""
    warm(parse(experiment.settings))
    rows = NullWorld.objects.filter(experiment=experiment)
    with enqueue.locally():
        for pk in list(rows.exclude(state=BlockState.DONE).order_by("index").values_list("pk", flat=True)):
            started = time.monotonic()
            null_run(null_id=pk, seconds=inf)
            row = rows.get(pk=pk)
            if row.state != BlockState.DONE:
                raise WrongState(f"null world {row.index} failed: {row.reason}")
            tell(f"null world {row.index + 1} of {rows.count()}: {row.rounds_done} rounds in {time.monotonic() - started:.1f} s")


def null_outcome(*, row: NullWorld) -> dict[str, Any]:
    """The outcome of a null world, played anew from its beginning, which takes as long as the experiment did; nothing is stored."""
    experiment, settings = row.experiment, parse(row.experiment.settings)
    market = _market(experiment.market_id, experiment.market.sha256, experiment.seed, row.index, row.block_bars)
    world = whole.begin(settings, market.symbols)
    while not whole.ended(world, settings):
        whole.advance(world, market, settings)
    return whole.outcome(world, market, settings)


def _check(experiment: Experiment, count: int, block_bars: int) -> None:
    there = NullWorld.objects.filter(experiment=experiment)
    if experiment.state != ExperimentState.FINISHED:
        text = f"{experiment.name} is {experiment.get_state_display()}; null worlds are compared with the champion of a finished experiment"
        raise WrongState(text)
    if experiment.population > MOST_AGENTS:
        raise WrongState(
            f"null worlds hold all agents in memory: at most {MOST_AGENTS:,} agents, {experiment.name} has {experiment.population:,}"
        )
    if (extent := extent_of_experiment(experiment=experiment)).worlds > allowed().memory:
        sizes = f"takes {size_words(extent.worlds)} of memory, and one process has {size_words(allowed().memory)}"
        raise WrongState(f"a null world of {experiment.name} {sizes}")
    if not 1 <= count <= MOST_WORLDS - there.count():
        raise WrongState(f"{experiment.name} has {there.count()} null worlds; ask for 1 to {MOST_WORLDS - there.count()} more, not {count}")
    if not 1 <= block_bars <= experiment.market.bars // 10:
        raise WrongState(f"blocks hold 1 to {experiment.market.bars // 10:,} bars, a tenth of the series, not {block_bars:,}")
    if there.exclude(block_bars=block_bars).exists():
        raise WrongState(f"the null worlds of {experiment.name} keep {there[0].block_bars} bars together; more must do the same")


def _next(experiment_id: int) -> QuerySet[NullWorld]:
    """The experiment's first world that is not done; none where somebody is at one."""
    rows = NullWorld.objects.filter(experiment=experiment_id).exclude(state=BlockState.DONE)
    if rows.filter(state=BlockState.CLAIMED).exclude(expired()).exists():
        return rows.none()
    return NullWorld.objects.filter(pk__in=list(rows.order_by("index").values_list("pk", flat=True)[:1]))


def _unheard(experiment_id: int) -> bool:
    return _next(experiment_id).filter(Q(announced_at=None) | Q(announced_at__lt=Now() - REPEAT)).exists()


def _announce_next(experiment_id: int) -> bool:
    """Tell the workers of `_next`, once the running transaction is committed; False where there is none.

    One at a time, so that experiments find workers too.
    """
    rows = _next(experiment_id)
    for row in list(rows):
        rows.update(announced_at=Now())
        transaction.on_commit(partial(enqueue.announce, enqueue.PLAY_NULL, row.pk))
        return True
    return False


def _step(claim: NullClaim, seconds: float) -> None:
    row = NullWorld.objects.select_related("experiment__market").get(pk=claim.pk)
    experiment, settings = row.experiment, parse(row.experiment.settings)
    warm(settings)
    market = _market(experiment.market_id, experiment.market.sha256, experiment.seed, row.index, row.block_bars)
    world = worlds.world_read(row.kept) if row.kept else whole.begin(settings, market.symbols)
    beat, until = _Beat(claim), time.monotonic() + seconds
    while not whole.ended(world, settings):
        whole.advance(world, market, settings, beat)
        if time.monotonic() >= until:
            break
    if whole.ended(world, settings):
        _commit(
            claim, row, world, {"state": BlockState.DONE, "outcome": whole.outcome(world, market, settings), "done_at": Now(), "kept": {}}
        )
    else:
        stem = files.null_stem(UUID(str(experiment.uuid)), row.index, world.rounds, claim.fence)
        _commit(claim, row, world, {"state": BlockState.WAITING, "kept": worlds.world_write(stem, world)})


@transaction.atomic
def _commit(claim: NullClaim, row: NullWorld, world: whole.World, changes: dict[str, Any]) -> None:
    if not _ours(claim).update(rounds_done=world.rounds, attempts=0, lease_until=None, reason="", **changes):
        worlds.world_remove(changes["kept"])
        raise StaleFence(f"fence {claim.fence} has moved, or the null worlds were cancelled")
    if changes["state"] == BlockState.DONE:
        null_seal(world=NullWorld.objects.select_related("experiment").get(pk=row.pk))
    _announce_next(row.experiment_id)
    transaction.on_commit(lambda: worlds.world_remove(row.kept))


@transaction.atomic
def _release(claim: NullClaim, reason: str) -> None:
    """Give a world back after a failed attempt; after MOST_ATTEMPTS it counts as done, without an outcome."""
    if not _ours(claim).update(state=BlockState.WAITING, lease_until=None, announced_at=None, reason=reason[:LONGEST_REASON]):
        return
    row = NullWorld.objects.get(pk=claim.pk)
    if row.attempts >= MOST_ATTEMPTS:
        NullWorld.objects.filter(pk=row.pk).update(state=BlockState.DONE, done_at=Now())
    _announce_next(row.experiment_id)


def _ours(claim: NullClaim) -> QuerySet[NullWorld]:
    return NullWorld.objects.filter(pk=claim.pk, state=BlockState.CLAIMED, fence=claim.fence)


class _Beat:
    """Keeps the lease while a world plays."""

    def __init__(self, claim: NullClaim):
        self.claim, self.beaten = claim, time.monotonic()

    def __call__(self, share: float) -> None:
        if time.monotonic() - self.beaten >= BEAT_SECONDS:
            if not _ours(self.claim).update(lease_until=lease_end()):
                raise StaleFence(f"fence {self.claim.fence} has moved, or the null worlds were cancelled")
            self.beaten = time.monotonic()


@lru_cache(maxsize=1)
def _market(pk: int, _digest: str, seed: int, index: int, block_bars: int) -> MarketView:
    """The copy of a market that null world `index` is played on."""
    series = market_bars(MarketData.objects.get(pk=pk))
    return MarketView.of(shuffled(series, stream(seed, Purpose.NULL_MARKET, index), block_bars))
