"""Plays a block of a round: claim it under a fence, compute outside any transaction, commit all of it or nothing."""

import logging
import time
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from arena.engine import packing
from arena.engine import play as engine
from arena.engine.results import Block, BlockResult
from arena.engine.warm import warm
from arena.models import LONGEST_REASON, BlockRun, BlockState, Experiment, Round
from arena.prices.store import market_times, market_view
from arena.services import closing, news
from arena.services.errors import StaleFence
from arena.services.leases import BEAT_SECONDS, MOST_ATTEMPTS, expired, lease_end, open_rounds, taken
from arena.services.loading import block_load
from arena.services.opening import blocks_announce, plan_of
from arena.services.states import experiment_fail, experiment_lock
from arena.services.storage import bytes_of_rows, storage_add
from arena.settings_schema import Settings, parse
from arena.store import agents as agent_rows
from arena.store import blocks, digests, files, ledger

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claim:
    """A block of a round, ours as long as the fence stands."""

    pk: int
    experiment_id: int
    experiment_uuid: UUID
    round_id: int
    index: int
    block: int
    fence: int

    @property
    def stem(self) -> str:
        return files.block_stem(self.experiment_uuid, self.index, self.block, self.fence)


@dataclass(frozen=True)
class Played:
    """What `block_play` computed and wrote, for `block_commit`."""

    block: Block
    result: BlockResult
    saved: blocks.Saved
    seconds: float


def block_run(*, round_id: int, block: int) -> None:
    """Everything about one announced block: claim, play, commit, and the close where it was the last. Nothing to do is no error."""
    _warm(round_id)
    claim = block_claim(round_id=round_id, block=block)
    if claim is None:
        return
    try:
        last = block_commit(claim=claim, played=block_play(claim=claim))
    except StaleFence as error:
        logger.info("block %d of round %d given up: %s", block, claim.index, error)
        files.remove(claim.stem + files.MEMORY, claim.stem + files.WEIGHTS)
    except Exception as error:
        logger.exception("block %d of round %d failed", block, claim.index)
        block_release(claim=claim, reason=f"{type(error).__name__}: {error}")
    else:
        if last:
            closing.round_run_close(round_id=round_id)


@transaction.atomic
def block_claim(*, round_id: int, block: int) -> Claim | None:
    """The block, for LEASE, where it waits or its holder was lost; None where it is not to be had."""
    free = Q(state=BlockState.WAITING) | Q(state=BlockState.CLAIMED) & expired()
    rows = BlockRun.objects.filter(free, round_id=round_id, block=block, attempts__lt=MOST_ATTEMPTS, round__in=open_rounds())
    if not rows.update(state=BlockState.CLAIMED, **taken()):
        return None
    row = BlockRun.objects.select_related("round__experiment").get(round_id=round_id, block=block)
    experiment = row.round.experiment
    return Claim(row.pk, experiment.pk, experiment.uuid, round_id, row.round.index, block, row.fence)


def block_play(*, claim: Claim) -> Played:
    """Load, play and write the files of a claimed block. StaleFence where the claim is lost on the way."""
    row = Round.objects.select_related("experiment__market").get(pk=claim.round_id)
    settings = parse(row.experiment.settings)
    plan = plan_of(row)
    started = time.monotonic()
    block = block_load(row=row, block=claim.block, settings=settings, beat=_Pulse(claim, 0))
    steps = len(block.agents) * settings.round_bars * (1 + settings.learning.episodes)
    result = engine.play(block, market_view(row.experiment.market), plan, settings, _Pulse(claim, steps))
    block_beat(claim=claim)
    saved = blocks.block_write(claim.stem, block, result.digests)
    return Played(block, result, saved, time.monotonic() - started)


def block_beat(*, claim: Claim) -> None:
    """Prolong the lease. StaleFence where the block is no longer ours, or the experiment stopped."""
    if not _ours(claim).update(lease_until=lease_end()):
        raise StaleFence(f"fence {claim.fence} has moved, or the experiment was stopped")


@transaction.atomic
def block_commit(*, claim: Claim, played: Played) -> bool:
    """Write all that a block did in one transaction; True where the round is ready to be closed. StaleFence where it is no longer ours."""
    experiment = experiment_lock(experiment_id=claim.experiment_id)
    result, block = played.result, played.block
    done = _ours(claim).update(
        state=BlockState.DONE,
        lease_until=None,
        checkpoint=played.saved.stem,
        checkpoint_sha256=played.saved.sha256,
        figures=packing.pack_figures(result.figures),
        actions=packing.pack_actions(result.actions),
        trades_sha256=digests.records_sha256(result.trades),
        scars_sha256=digests.records_sha256(result.scars),
        digests=result.digests.tobytes(),
        shown=_shown(block, result).tobytes(),
        agent_steps=result.agent_steps,
        seconds=played.seconds,
        done_at=timezone.now(),
    )
    if not done:
        raise StaleFence(f"fence {claim.fence} has moved, or the experiment was stopped")
    _write_rows(experiment, claim, block, result)
    storage_add(experiment_id=experiment.pk, size=played.saved.size + bytes_of_rows(result=result))
    return not BlockRun.objects.filter(round_id=claim.round_id).exclude(state=BlockState.DONE).exists()


@transaction.atomic
def block_release(*, claim: Claim, reason: str) -> None:
    """Give a block back after a failed attempt; after MOST_ATTEMPTS the experiment fails for that reason."""
    if not _ours(claim).update(state=BlockState.WAITING, lease_until=None, reason=reason[:LONGEST_REASON]):
        return
    row = BlockRun.objects.get(pk=claim.pk)
    if row.attempts >= MOST_ATTEMPTS:
        text = f"block {claim.block} of round {claim.index} failed {row.attempts} times, last with {reason}"
        experiment_fail(experiment_id=claim.experiment_id, reason=text)
    else:
        blocks_announce(blocks=[row])


def _shown(block: Block, result: BlockResult) -> np.ndarray:
    """uint8 [n, 32], the digest of what is shown of each agent."""
    return digests.shown_of(block.agents, block.online, result.figures, result.actions, result.trades, result.scars)


class _Pulse:
    """Called by the engine between agents: keeps the lease, and says how far the round is."""

    def __init__(self, claim: Claim, steps: int):
        self.claim, self.steps = claim, steps
        self.started = self.beaten = time.monotonic()

    def __call__(self, share: float) -> None:
        now = time.monotonic()
        if now - self.beaten >= BEAT_SECONDS:
            block_beat(claim=self.claim)
            self.beaten = now
        if news.progress_due(experiment_id=self.claim.experiment_id):
            self.tell(share, max(now - self.started, 1e-6))

    def tell(self, share: float, seconds: float) -> None:
        states = list(BlockRun.objects.filter(round_id=self.claim.round_id).order_by().values_list("state", flat=True))
        news.progress_told(
            experiment_id=self.claim.experiment_id,
            index=self.claim.index,
            share=min((states.count(BlockState.DONE) + share) / len(states), 1.0),
            steps_per_second=share * self.steps / seconds * max(states.count(BlockState.CLAIMED), 1),
        )


def _ours(claim: Claim):
    return BlockRun.objects.filter(pk=claim.pk, state=BlockState.CLAIMED, fence=claim.fence, round__in=open_rounds())


def _write_rows(experiment: Experiment, claim: Claim, block: Block, result: BlockResult) -> None:
    pk_of = ledger.agent_keys(experiment_id=experiment.pk, numbers=agent_rows.numbers_of(block.agents))
    told = {"index": claim.index, "pk_of": pk_of, "times": market_times(experiment.market)}
    ledger.trades_insert(result.trades, **told)
    ledger.scars_insert(result.scars, **told)
    edited = agent_rows.epsilon_edited(experiment_id=experiment.pk, index=claim.index)
    agent_rows.agents_update(block.agents, pk_of=pk_of, edited=edited, settings=parse(experiment.settings))


def _warm(round_id: int) -> None:
    """Kernels are compiled before a lease begins to run."""
    row = Round.objects.select_related("experiment").filter(pk=round_id).first()
    if row:
        _warm_kind(parse(row.experiment.settings).network.kind)


@lru_cache(maxsize=8)
def _warm_kind(kind: str) -> None:
    warm(Settings.model_validate({"network": {"kind": kind}}))
