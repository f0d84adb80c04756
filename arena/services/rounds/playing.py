"""Plays a block of a round: compute outside any transaction, commit all of it or nothing."""

import time
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import numpy as np
from django.db import transaction
from django.utils import timezone

from arena.engine import packing
from arena.engine import play as engine
from arena.engine.results import Block, BlockResult
from arena.engine.warm import warm
from arena.models import BlockRun, BlockState, Experiment, Round
from arena.prices.store import market_times, market_view
from arena.selectors.machine.room import room_check, room_of_round
from arena.services.blocks.loading import block_load
from arena.services.records import notifications
from arena.services.records.states import experiment_fail, experiment_lock
from arena.services.records.storage import bytes_of_rows, storage_add
from arena.services.rounds.mending import births_load
from arena.services.rounds.opening import close_ask
from arena.settings_schema import Settings, parse
from arena.store import agents as agent_rows
from arena.store import blocks, digests, files, ledger
from arena.store.rounds import plan_of
from arena.work.claims import (
    Claim,
    Pulse,
    StaleFence,
    claim_beat,
    claim_done,
    failed_words,
    kept,
    under_way,
)
from arena.work.counted import count
from arena.work.kinds import BLOCK
from arena.work.models import Job

# kinds of networks whose kernels this process has at hand
_warmed: set[str] = set()


@dataclass(frozen=True)
class BlockClaim:
    """A block of a round, ours as long as the claim of its job stands."""

    job: Claim
    experiment_id: int
    experiment_uuid: UUID
    round_id: int
    index: int
    block: int

    @property
    def stem(self) -> str:
        return files.block_stem(self.experiment_uuid, self.index, self.block, self.job.fence)


@dataclass(frozen=True)
class PlayedBlock:
    """What `block_play` computed and wrote, for `block_commit`."""

    block: Block
    result: BlockResult
    saved: blocks.Saved
    seconds: float


def block_run(claim: Claim) -> None:
    """Everything about a claimed block: play, commit, and ask for the close where it was the last.
    StaleFence.
    """
    block = block_claimed(claim)
    room_check(
        needed=room_of_round(row=Round.objects.select_related("experiment").get(pk=block.round_id))
    )
    _warm(block)
    try:
        played = block_play(claim=block)
    except BaseException:
        # another attempt has another fence, and so under other names
        _remove(block)
        raise
    try:
        block_commit(claim=block, played=played)
    except StaleFence:
        _remove(block)
        raise


def block_claimed(claim: Claim) -> BlockClaim:
    """What the claim of a job is about. StaleFence where the block is no more."""
    row = BlockRun.objects.select_related("round__experiment").filter(pk=claim.subject).first()
    if row is None:
        raise StaleFence("the block is no more")
    experiment = row.round.experiment
    return BlockClaim(
        claim, experiment.pk, experiment.uuid, row.round_id, row.round.index, row.block
    )


def block_given_up(job: Job) -> None:
    """Its experiment fails for that reason, until it is tried again."""
    row = BlockRun.objects.select_related("round").get(pk=job.subject)
    text = f"block {row.block} of round {row.round.index} failed {failed_words(job)}"
    experiment_fail(experiment_id=row.round.experiment_id, reason=text)


def block_play(*, claim: BlockClaim) -> PlayedBlock:
    """Load, play and write the files of a claimed block. StaleFence where the claim is lost on the
    way.
    """
    row = Round.objects.select_related("experiment__market").get(pk=claim.round_id)
    settings = parse(row.experiment.settings)
    plan = plan_of(row)
    started = time.monotonic()
    births_load(row=row, beat=Pulse(claim.job))
    block = block_load(row=row, block=claim.block, settings=settings, beat=_Progress(claim, 0))
    steps = len(block.agents) * settings.round_bars * (1 + settings.learning.episodes)
    result = engine.play(
        block, market_view(row.experiment.market), plan, settings, _Progress(claim, steps)
    )
    claim_beat(claim.job)
    saved = blocks.block_write(claim.stem, block, result.digests)
    return PlayedBlock(block, result, saved, time.monotonic() - started)


@transaction.atomic
def block_commit(*, claim: BlockClaim, played: PlayedBlock) -> bool:
    """Write all that a block did in one transaction, and ask for the close of its round where it
    was the last, which is what is returned.

    StaleFence where it is no longer ours.
    """
    experiment = experiment_lock(experiment_id=claim.experiment_id)
    result, block = played.result, played.block
    claim_done(claim.job)
    BlockRun.objects.filter(pk=claim.job.subject).update(
        state=BlockState.DONE,
        fence=claim.job.fence,
        worker=claim.job.worker,
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
    _write_rows(experiment, claim, block, result)
    storage_add(experiment_id=experiment.pk, size=played.saved.size + bytes_of_rows(result=result))
    last = (
        not BlockRun.objects.filter(round_id=claim.round_id).exclude(state=BlockState.DONE).exists()
    )
    if last:
        close_ask(round_id=claim.round_id, experiment=experiment)
    transaction.on_commit(partial(count, "agent_steps", by=result.agent_steps), robust=True)
    return last


def _remove(claim: BlockClaim) -> None:
    files.remove(claim.stem + files.MEMORY, claim.stem + files.WEIGHTS)


def _shown(block: Block, result: BlockResult) -> np.ndarray:
    """uint8 [n, 32], the digest of what is shown of each agent."""
    return digests.shown_of(
        block.agents, block.online, result.figures, result.actions, result.trades, result.scars
    )


class _Progress:
    """Called by the engine between agents: keeps the lease, and says how far the round is."""

    def __init__(self, claim: BlockClaim, steps: int):
        self.pulse = Pulse(claim.job)
        self.block, self.steps, self.started = claim, steps, time.monotonic()

    def __call__(self, share: float) -> None:
        self.pulse()
        if notifications.progress_due(experiment_id=self.block.experiment_id):
            self.tell(share, max(time.monotonic() - self.started, 1e-6))

    def tell(self, share: float, seconds: float) -> None:
        states = list(
            BlockRun.objects.filter(round_id=self.block.round_id)
            .order_by()
            .values_list("state", flat=True)
        )
        notifications.progress_notify(
            experiment_id=self.block.experiment_id,
            index=self.block.index,
            share=min((states.count(BlockState.DONE) + share) / len(states), 1.0),
            steps_per_second=share
            * self.steps
            / seconds
            * max(under_way(experiment=self.block.experiment_id, kind=BLOCK), 1),
        )


def _write_rows(
    experiment: Experiment, claim: BlockClaim, block: Block, result: BlockResult
) -> None:
    pk_of = ledger.agent_keys(
        experiment_id=experiment.pk, numbers=agent_rows.numbers_of(block.agents)
    )
    index, times = claim.index, market_times(experiment.market)
    ledger.trades_insert(result.trades, index=index, pk_of=pk_of, times=times)
    ledger.scars_insert(result.scars, index=index, pk_of=pk_of, times=times)
    edited = agent_rows.epsilon_edited(experiment_id=experiment.pk, index=claim.index)
    agent_rows.agents_update(
        block.agents, pk_of=pk_of, edited=edited, settings=parse(experiment.settings)
    )


def _warm(claim: BlockClaim) -> None:
    """Kernels that this process has not compiled yet may take longer than a lease."""
    kind = parse(
        Experiment.objects.values_list("settings", flat=True).get(pk=claim.experiment_id)
    ).network.kind
    if kind not in _warmed:
        with kept(claim.job):
            warm(Settings.model_validate({"network": {"kind": kind}}))
        _warmed.add(kind)
