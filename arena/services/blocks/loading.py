"""Loads blocks as a round begins; where a file of the round before is damaged, that block is played
again and must give the same bytes.
"""

import logging
from collections.abc import Callable

import numpy as np

from arena.engine import play as engine
from arena.engine.results import Block
from arena.models import BlockRun, Round
from arena.prices.store import market_view
from arena.selectors.settings_as_of import settings_of_round
from arena.settings_schema import Settings
from arena.store import agents as agent_rows
from arena.store import blocks
from arena.store.formats import UnknownFormat
from arena.store.population import Stored, births_of, population_kept
from arena.store.rounds import block_size, plan_of
from ml.checkpoint import CheckpointError

logger = logging.getLogger(__name__)
REMEDY = "put the file back from a backup, or fork the experiment after an earlier round"
Beat = Callable[[float], None]


def block_load(*, row: Round, block: int, settings: Settings, beat: Beat | None = None) -> Block:
    """A block as round `row` begins: the founders, or what the round before left, with its close,
    births and people's edits upon it.

    CheckpointError where a file is damaged and cannot be made again. beat: called with a share
    done, now and then.
    """
    before = _before(row, block)
    if before is None:
        return _begun(row, block, settings, None)
    try:
        loaded = blocks.block_read(_saved(before))
    except CheckpointError as error:
        block_mend(run=before, error=error, beat=beat)
        loaded = blocks.block_read(_saved(before))
    return _begun(row, block, settings, loaded)


def weights_load(
    *, run: BlockRun, beat: Beat | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(agents AGENT [n], online float32 [n, parameters], digests uint8 [n, 32]) of a done block,
    mended where that is needed.
    """
    try:
        return blocks.weights_read(_saved(run))
    except CheckpointError as error:
        block_mend(run=run, error=error, beat=beat)
        return blocks.weights_read(_saved(run))


def block_mend(*, run: BlockRun, error: CheckpointError, beat: Beat | None = None) -> None:
    """Play a done block, whose files gave `error`, again from the round before, and write its files
    anew.

    CheckpointError with a remedy where the round before is not kept either, or other bytes come
    out.
    """
    if isinstance(error, UnknownFormat):
        raise error
    row = run.round
    logger.warning("%s; playing block %d of round %d again", error, run.block, row.index)
    settings, before = (
        settings_of_round(experiment=row.experiment, index=row.index),
        _before(row, run.block),
    )
    try:
        block = _begun(
            row, run.block, settings, blocks.block_read(_saved(before)) if before else None
        )
    except CheckpointError as reason:
        raise CheckpointError(
            f"{error}; it cannot be made again, because {reason}; {REMEDY}"
        ) from None
    result = engine.play(block, market_view(row.experiment.market), plan_of(row), settings, beat)
    packed = blocks.block_pack_again(block, result.digests, run.checkpoint_sha256)
    if packed is None:
        raise CheckpointError(
            f"{error}; playing it again gives other bytes on this machine; {REMEDY}"
        )
    blocks.packed_write(run.checkpoint, packed)


def _before(row: Round, block: int) -> BlockRun | None:
    """The block in the round before; None for the first round."""
    runs = BlockRun.objects.select_related("round__experiment__market")
    return (
        runs.get(round__experiment=row.experiment, round__index=row.index - 1, block=block)
        if row.index
        else None
    )


def _saved(run: BlockRun) -> blocks.Saved:
    return blocks.Saved(run.checkpoint, run.checkpoint_sha256)


def _begun(row: Round, block: int, settings: Settings, before: Block | None) -> Block:
    """before: the block as the round before left it, changed in place; None: newborn founders."""
    try:
        population = population_kept(Stored(row.births_file, row.births_sha256))
    except CheckpointError as error:
        raise CheckpointError(f"{error}; {REMEDY}") from None
    first, stop = block * block_size(row.experiment), (block + 1) * block_size(row.experiment)
    if before is None:
        before = engine.fresh_block(
            births_of(population, first, stop), settings, market_view(row.experiment.market).symbols
        )
    else:
        blocks.begin_round(before, population, first)
    agent_rows.edits_apply(before.agents, experiment_id=row.experiment_id, index=row.index)
    return before
