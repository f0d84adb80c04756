"""Null worlds: an experiment run again on copies of its market without structure, a step of some
rounds at a time.
"""

import time
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone

from arena.engine import whole
from arena.engine.warm import warm
from arena.errors import WrongState
from arena.models import BlockState, Experiment, ExperimentState, NullWorld
from arena.prices.market.nulls import shuffled
from arena.prices.market.view import MarketView
from arena.prices.models import MarketData
from arena.prices.store import market_bars
from arena.selectors.machine.allowance import allowed, extent_of_experiment
from arena.selectors.machine.room import room_check, room_of_start
from arena.selectors.words import size_words
from arena.services.records.seals import null_seal
from arena.settings_schema import parse
from arena.store import files, worlds
from arena.work.claims import Claim, Pulse, StaleFence, claim_done, claim_yield, kept
from arena.work.kinds import NULL_WORLD
from arena.work.models import Job
from arena.work.queue import Wanted, jobs_ask, jobs_drop
from ml.rng import Purpose, stream

MOST_WORLDS = 200
# a world holds all its agents in memory, about a third of a megabyte each
MOST_AGENTS = 1024
# seconds after which a step ends with the round it is in, so that experiments need not wait long
# for a worker
STEP_SECONDS = 20.0
WORKERS_DIED = "its worker died each time"


@transaction.atomic
def nulls_ask(*, experiment: Experiment, count: int, block_bars: int = 1) -> int:
    """Ask for `count` more null worlds; how many there are then. WrongState says why there can be
    none.
    """
    _check(experiment, count, block_bars)
    last = NullWorld.objects.filter(experiment=experiment).aggregate(last=Max("index"))["last"]
    first, now = 0 if last is None else last + 1, timezone.now()
    common = {"experiment": experiment, "block_bars": block_bars, "asked_at": now}
    NullWorld.objects.bulk_create(
        NullWorld(index=index, **common) for index in range(first, first + count)
    )
    _ask(experiment)
    return first + count


@transaction.atomic
def nulls_again(*, experiment: Experiment) -> int:
    """Try those again that came to no outcome; how many. WrongState where there are none."""
    rows = NullWorld.objects.filter(experiment=experiment, state=BlockState.DONE, outcome={})
    count = rows.update(state=BlockState.WAITING, done_at=None, reason="")
    if not count:
        raise WrongState(f"no null world of {experiment.name} has failed")
    _ask(experiment)
    return count


@transaction.atomic
def nulls_cancel(*, experiment: Experiment) -> int:
    """Give up the null worlds that are not done yet; how many that were."""
    rows = NullWorld.objects.filter(experiment=experiment).exclude(state=BlockState.DONE)
    kept = [row.kept for row in rows]
    jobs_drop(kind=NULL_WORLD, experiment=experiment.pk)
    count, _ = rows.delete()
    for each in kept:
        transaction.on_commit(partial(worlds.world_remove, each))
    return count


def null_run(claim: Claim, *, seconds: float = STEP_SECONDS) -> None:
    """Play rounds of a claimed null world for about so long, and keep what there is. StaleFence."""
    row = NullWorld.objects.select_related("experiment__market").filter(pk=claim.subject).first()
    if row is None:
        raise StaleFence("the null world is no more")
    experiment, settings = row.experiment, parse(row.experiment.settings)
    room_check(needed=room_of_start(experiment=experiment))
    with kept(claim):
        warm(settings)
    market = _market(
        experiment.market_id, experiment.market.sha256, experiment.seed, row.index, row.block_bars
    )
    world = worlds.world_read(row.kept) if row.kept else whole.begin(settings, market.symbols)
    pulse, until = Pulse(claim), time.monotonic() + seconds
    while not whole.ended(world, settings):
        whole.advance(world, market, settings, pulse)
        if time.monotonic() >= until:
            break
    if whole.ended(world, settings):
        _end(claim, row, world, whole.outcome(world, market, settings))
    else:
        _keep(claim, row, world)


def null_given_up(job: Job) -> None:
    """It counts as done, without an outcome."""
    NullWorld.objects.filter(pk=job.subject).update(
        state=BlockState.DONE, done_at=Now(), reason=job.reason or WORKERS_DIED
    )


def null_outcome(*, row: NullWorld) -> dict[str, Any]:
    """The outcome of a null world, played anew from its beginning, which takes as long as the
    experiment did; nothing is stored.
    """
    experiment, settings = row.experiment, parse(row.experiment.settings)
    market = _market(
        experiment.market_id, experiment.market.sha256, experiment.seed, row.index, row.block_bars
    )
    world = whole.begin(settings, market.symbols)
    while not whole.ended(world, settings):
        whole.advance(world, market, settings)
    return whole.outcome(world, market, settings)


def _check(experiment: Experiment, count: int, block_bars: int) -> None:
    there = NullWorld.objects.filter(experiment=experiment)
    if experiment.state != ExperimentState.FINISHED:
        text = (
            f"{experiment.name} is {experiment.get_state_display()}; null worlds are compared with"
            " the champion of a finished experiment"
        )
        raise WrongState(text)
    if experiment.population > MOST_AGENTS:
        raise WrongState(
            f"null worlds hold all agents in memory: at most {MOST_AGENTS:,} agents,"
            f" {experiment.name} has {experiment.population:,}"
        )
    if (extent := extent_of_experiment(experiment=experiment)).worlds > allowed().memory:
        sizes = (
            f"takes {size_words(extent.worlds)} of memory, and one process has"
            f" {size_words(allowed().memory)}"
        )
        raise WrongState(f"a null world of {experiment.name} {sizes}")
    if not 1 <= count <= MOST_WORLDS - there.count():
        raise WrongState(
            f"{experiment.name} has {there.count()} null worlds; ask for 1 to"
            f" {MOST_WORLDS - there.count()} more, not {count}"
        )
    if not 1 <= block_bars <= experiment.market.bars // 10:
        raise WrongState(
            f"blocks hold 1 to {experiment.market.bars // 10:,} bars, a tenth of the series, not"
            f" {block_bars:,}"
        )
    if there.exclude(block_bars=block_bars).exists():
        raise WrongState(
            f"the null worlds of {experiment.name} keep {there[0].block_bars} bars together; more"
            " must do the same"
        )


def _ask(experiment: Experiment) -> None:
    """Have those done that are not."""
    rows = NullWorld.objects.filter(experiment=experiment).exclude(state=BlockState.DONE)
    wanted = [Wanted(NULL_WORLD, *row) for row in rows.values_list("pk", "index")]
    jobs_ask(wanted=wanted, user=experiment.owner_id, experiment=experiment.pk)


@transaction.atomic
def _end(claim: Claim, row: NullWorld, world: whole.World, outcome: dict[str, Any]) -> None:
    claim_done(claim)
    columns = {
        "state": BlockState.DONE,
        "outcome": outcome,
        "done_at": Now(),
        "kept": {},
        "reason": "",
    }
    NullWorld.objects.filter(pk=row.pk).update(rounds_done=world.rounds, **columns)
    null_seal(world=NullWorld.objects.select_related("experiment").get(pk=row.pk))
    transaction.on_commit(lambda: worlds.world_remove(row.kept))


def _keep(claim: Claim, row: NullWorld, world: whole.World) -> None:
    """Write the world as it is; the next step goes on from there."""
    kept_now = worlds.world_write(
        files.null_stem(UUID(str(row.experiment.uuid)), row.index, world.rounds, claim.fence), world
    )
    try:
        with transaction.atomic():
            claim_yield(claim)
            NullWorld.objects.filter(pk=row.pk).update(rounds_done=world.rounds, kept=kept_now)
    except StaleFence:
        worlds.world_remove(kept_now)
        raise
    worlds.world_remove(row.kept)


@lru_cache(maxsize=1)
def _market(pk: int, _digest: str, seed: int, index: int, block_bars: int) -> MarketView:
    """The copy of a market that null world `index` is played on."""
    series = market_bars(MarketData.objects.get(pk=pk))
    return MarketView.of(shuffled(series, stream(seed, Purpose.NULL_MARKET, index), block_bars))
