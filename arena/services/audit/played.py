"""What each block did: figures, actions and rows against the records in its files, and the digests
of what is shown.
"""

from collections.abc import Iterator

import numpy as np

from arena.engine.play import agent_digest
from arena.engine.results import FIGURES
from arena.models import Round
from arena.services.audit.kept import Lived, lived
from arena.services.audit.subject import Subject, saved
from arena.services.blocks.played import shown_kept
from arena.store import blocks, digests, files
from arena.store.population import Stored, population_read

# columns of FIGURES that an agent's record after the round holds, by the record's field
SAME = {
    "number": "number",
    "equity_end": "equity",
    "fitness": "fitness",
    "epsilon": "epsilon",
    "trust": "trust",
    "tier": "tier",
} | {
    "scars": "scars",
    "state": "state",
}
UNSEEN = "that weights, figures and actions are those that were committed"
NOT_KEPT = "what agents were in rounds that are not kept whole; --replay plays them again"


def played(subject: Subject) -> Iterator[str]:
    """Figures, actions, trades and scars of every block are those that its agents' records and
    digests tell of.
    """
    records: tuple[int, dict[int, np.void]] = (-1, {})
    for row in subject.closed:
        if subject.is_thin(row.index):
            subject.leave_out(NOT_KEPT, row.index)
    for block in lived(subject):
        row = block.run.round
        if records[0] != row.index:
            records = row.index, _begun(row)
        where = f"round {row.index}, block {block.run.block}"
        yield from _shape(where, block)
        yield from (f"{where}: {text}" for text in _figures(block, records[1]))
        yield from (f"{where}: {text}" for text in _shown(block))
        yield from (f"{where}: {text}" for text in _remembered(block))
        if not block.run.shown:
            subject.leave_out(UNSEEN, row.index)


def _begun(row: Round) -> dict[int, np.void]:
    """{agent number: its record as the round begins}."""
    return {
        int(agent["number"]): agent
        for agent in population_read(Stored(row.births_file, row.births_sha256)).agents
    }


def _shape(where: str, block: Lived) -> Iterator[str]:
    start, stop = block.run.round.plan["competition"]
    if block.figures.shape != (len(block.agents), len(FIGURES)):
        yield (
            f"{where}: figures of shape {block.figures.shape}, not"
            f" {(len(block.agents), len(FIGURES))}"
        )
    if block.actions.shape[::2] != (len(block.agents), stop - start):
        yield (
            f"{where}: actions of shape {block.actions.shape} for {len(block.agents)} agents and"
            f" {stop - start} bars"
        )


def _figures(block: Lived, begun: dict[int, np.void]) -> Iterator[str]:
    """What the records before and after the round say of its figures."""
    for agent, row in zip(block.agents, block.figures, strict=True):
        stored = dict(zip(FIGURES, row.tolist(), strict=True))
        before = begun[int(agent["number"])]
        right = {name: float(agent[field]) for name, field in SAME.items()}
        right |= {
            "equity_start": float(before["equity"]),
            "trades": float(agent["trades"] - before["trades"]),
        }
        right["return"] = float(agent["equity"] / before["equity"] - 1.0)
        for name, value in right.items():
            if stored[name] != value and not (np.isnan(stored[name]) and np.isnan(value)):
                yield (
                    f"{name} of agent {agent['number']} is {stored[name]!r} among its figures,"
                    f" {value!r} by its records"
                )


def _shown(block: Lived) -> Iterator[str]:
    if not block.run.shown:
        return
    if block.run.digests and bytes(block.run.digests) != block.digests.tobytes():
        yield "the digests of what its agents are, in its row, are not those of its file"
    made = digests.shown_of(
        block.agents, block.online, block.figures, block.actions, block.trades, block.scars
    )
    kept = shown_kept(block.run)
    if kept.shape != made.shape:
        yield f"{len(kept)} digests of what is shown are kept for {len(made)} agents"
        return
    for number in block.agents["number"][(kept != made).any(axis=1)]:
        yield (
            f"what is shown of agent {number} is not what was committed: record, weights, figures,"
            " actions, trades or scars"
        )


def _remembered(block: Lived) -> Iterator[str]:
    """Where the memory is kept, each agent's digest can be made again from all it covers."""
    if not files.exists(block.run.checkpoint + files.MEMORY):
        return
    whole = blocks.block_read(saved(block.run))
    for place, number in enumerate(block.agents["number"]):
        trades, scars = (of[of["agent"] == number] for of in (block.trades, block.scars))
        if (
            agent_digest(whole, place, trades, scars, block.actions[place]) != block.digests[place]
        ).any():
            yield f"the digest of agent {number} is not that of what it is, remembers and did"
