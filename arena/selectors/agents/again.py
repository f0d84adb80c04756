"""One agent played again to the end of a round whose files are not kept: from the last round that
is, or from its birth.

What an agent does depends on itself and the market alone, but for what closes and people change in
its record: each round's population file has that, and people's edits are rows. What comes out must
have the digest that was stored when the round was played.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import fields
from threading import Lock

import numpy as np

from agents.models import Agent
from arena.engine import play as engine
from arena.engine.results import Block, BlockResult
from arena.models import BlockRun, BlockState, Experiment, Round
from arena.prices.store import market_view
from arena.selectors.machine import keeping
from arena.selectors.settings_as_of import settings_of_round
from arena.store import agents as agent_rows
from arena.store import blocks, digests
from arena.store.population import Stored, births_of, population_read, record_read
from arena.store.rounds import block_size, plan_of
from ml.checkpoint import CheckpointError

SHARED = ("bar", "head")
# states of agents that were looked at lately: who steps through rounds plays one more, not all
MOST_KEPT = 16
_lately: OrderedDict[tuple[int, int], Block] = OrderedDict()
_guard = Lock()


def is_thin(*, experiment: Experiment, index: int) -> bool:
    """Whether the files of a round are not kept, or not for long."""
    return not keeping.is_whole(
        index, experiment.rounds_done, experiment.keep_every, experiment.forked_after
    )


def agent_again(
    *, agent: Agent, index: int, before: Callable[[], None] | None = None
) -> tuple[np.void, np.ndarray]:
    """(AGENT record, weights float32 [parameters]) of an agent after round `index`, to the bit.
    CheckpointError.

    before: called where it has to be played, and may refuse that.
    """
    rows = {
        row.index: row
        for row in Round.objects.filter(experiment=agent.experiment_id, index__lte=index)
    }
    at, block = _begin(agent, index, rows)
    result = None
    if at < index and before:
        before()
    while at < index:
        at += 1
        result = _play(agent, block, rows[at])
    if result is not None:
        _check(agent, block, result, rows[index])
    _keep(agent.pk, index, block)
    return block.agents[0].copy(), block.online[0].copy()


def _begin(agent: Agent, index: int, rows: dict[int, Round]) -> tuple[int, Block]:
    """(round, the agent alone as it left that round): the latest that is known; -1 before its
    birth.
    """
    for at in range(index, agent.birth_round - 1, -1):
        if (known := _known(agent.pk, at)) is not None:
            return at, known
        if at < index and not is_thin(experiment=agent.experiment, index=at):
            try:
                return at, _single(agent, rows[at])
            except CheckpointError:
                # damaged, or gone with the experiment it was shared with: an earlier one will do
                continue
    return agent.birth_round - 1, _newborn(agent, rows)


def _single(agent: Agent, row: Round) -> Block:
    """The agent as a kept round left it."""
    size = block_size(agent.experiment)
    run = BlockRun.objects.get(round=row, block=agent.slot // size, state=BlockState.DONE)
    whole, place = (
        blocks.block_read(blocks.Saved(run.checkpoint, run.checkpoint_sha256)),
        agent.slot % size,
    )
    if whole.agents["number"][place] != agent.number:
        raise CheckpointError(f"{run.checkpoint} does not hold agent {agent.number}")
    parts = {field.name: getattr(whole, field.name) for field in fields(Block)}
    return Block(
        **{
            name: part if name in SHARED else part[place : place + 1].copy()
            for name, part in parts.items()
        }
    )


def _newborn(agent: Agent, rows: dict[int, Round]) -> Block:
    """The agent as it was born, with the shared part of memory as the rounds before have turned
    it.
    """
    row, market = rows[agent.birth_round], market_view(agent.experiment.market)
    births = births_of(
        population_read(Stored(row.births_file, row.births_sha256)), agent.slot, agent.slot + 1
    )
    if [birth.number for birth in births] != [agent.number]:
        raise CheckpointError(f"{row.births_file} does not hold the birth of agent {agent.number}")
    block = engine.fresh_block(
        births, settings_of_round(experiment=agent.experiment, index=row.index), market.symbols
    )
    for index in range(agent.birth_round):
        engine.turn_memory(block, plan_of(rows[index]), len(market))
    return block


def _play(agent: Agent, block: Block, row: Round) -> BlockResult:
    """One more round, with what the close before it and people made of the agent's record."""
    block.agents[:] = record_read(row.births_file, agent.slot)
    if block.agents["number"][0] != agent.number:
        raise CheckpointError(
            f"{row.births_file} does not hold agent {agent.number} at place {agent.slot}"
        )
    agent_rows.edits_apply(block.agents, experiment_id=agent.experiment_id, index=row.index)
    settings = settings_of_round(experiment=agent.experiment, index=row.index)
    return engine.play(block, market_view(agent.experiment.market), plan_of(row), settings)


def _check(agent: Agent, block: Block, result: BlockResult, row: Round) -> None:
    """CheckpointError unless what came out is what was committed: record, weights, figures,
    actions, trades and scars.
    """
    size = block_size(agent.experiment)
    run = BlockRun.objects.only("shown").get(
        round=row, block=agent.slot // size, state=BlockState.DONE
    )
    made = digests.shown_of(
        block.agents, block.online, result.figures, result.actions, result.trades, result.scars
    )[0]
    place = 32 * (agent.slot % size)
    if bytes(run.shown)[place : place + 32] != made.tobytes():
        text = f"agent {agent.number} played again to round {row.index} is not what it was then"
        raise CheckpointError(
            f"{text}: another type of machine or other versions of libraries give other bits"
        )


def _known(agent_id: int, index: int) -> Block | None:
    """A copy of what was kept of an agent."""
    with _guard:
        block = _lately.get((agent_id, index))
    if block is None:
        return None
    parts = {field.name: getattr(block, field.name) for field in fields(Block)}
    return Block(**{name: part if name == "head" else part.copy() for name, part in parts.items()})


def _keep(agent_id: int, index: int, block: Block) -> None:
    with _guard:
        _lately[agent_id, index] = block
        _lately.move_to_end((agent_id, index))
        while len(_lately) > MOST_KEPT:
            _lately.popitem(last=False)
