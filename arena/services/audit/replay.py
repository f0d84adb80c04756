"""Plays an experiment again from its seed, with the settings and people's changes of each round,
and names the first round and row that are not what comes of it. A forgery whose digests were all
made again is found so, and in no other way.
"""

import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np

from agents.life import traits
from arena.engine import play as engine
from arena.engine.generations.founders import founders
from arena.engine.packing import unpack_actions, unpack_figures
from arena.engine.results import AGENT, FIGURES, Block, BlockResult, Purse
from arena.engine.warm import warm
from arena.models import BlockRun, Round
from arena.selectors.settings_as_of import settings_at_start, settings_of_round
from arena.services.audit.closes import Closes
from arena.services.audit.subject import Subject, saved
from arena.settings_schema import parse
from arena.store import agents as agent_rows
from arena.store import blocks, digests, ledger
from arena.store.population import (
    Population,
    Stored,
    births_of,
    population_of,
    population_pack,
    population_read,
)
from arena.store.rounds import block_size, plan_of
from ml.checkpoint import CheckpointError, sha256

PLAYED = "what comes of playing again"
Tell = Callable[[str], None]
# of a block: agents AGENT [n], what was played, and uint8 [n, 32] of what is shown
Part = tuple[np.ndarray, BlockResult, np.ndarray]


def replay(subject: Subject, tell: Tell) -> Iterator[str]:
    """Sentences on the first round that comes out otherwise; nothing where all come out as stored.
    `tell` hears a line a round.

    Rounds closed by older rules cannot be played again; those after them can where the last one's
    memories are kept.
    """
    first = next((row.index for row in subject.closed if row.rules_version >= 2), None)
    for row in subject.closed[:first]:
        subject.leave_out(PLAYED, row.index)
    if first is None:
        return
    warm(subject.settings)
    with tempfile.TemporaryDirectory() as folder:
        again = _Again(subject, Path(folder))
        if first and not again.take_up(first):
            for row in subject.closed[first:]:
                subject.leave_out(PLAYED, row.index)
            return
        for row in subject.closed[first:]:
            started, found = time.monotonic(), False
            for problem in again.round(row):
                found = True
                yield problem
            tell(
                f"round {row.index + 1} of {len(subject.closed)} played again in"
                f" {time.monotonic() - started:.1f} s"
            )
            if found:
                return


class _Again:
    """The population between two rounds, a file a block, so that memory holds one block at a
    time.
    """

    def __init__(self, subject: Subject, folder: Path):
        self.subject, self.folder, self.size = subject, folder, block_size(subject.experiment)
        self.closes = Closes(subject)

    def take_up(self, first: int) -> bool:
        """Begin with what is kept of the round before `first`; False where its memories are not."""
        try:
            for run in self._runs(self.subject.rounds[first - 1]):
                self._put(run.block, blocks.block_read(saved(run)))
        except CheckpointError:
            return False
        for row in self.subject.closed[:first]:
            self.closes.pass_over(row)
        return True

    def round(self, row: Round) -> Iterator[str]:
        """Play the next round and close it."""
        population = population_read(Stored(row.births_file, row.births_sha256))
        if row.index == 0:
            yield from self._founders(row)
        yield from self._edits(row, population.agents)
        parts, happened = [], {"scars": 0, "trades": 0}
        for run in self._runs(row):
            result = yield from self._block(row, run, population)
            parts.append(result)
            happened["scars"] += len(result[1].scars)
            happened["trades"] += len(result[1].trades)
        yield from self.closes.problems(row, _Replayed(self, parts), happened)

    def _founders(self, row: Round) -> Iterator[str]:
        """The first population comes of settings and seed."""
        settings = parse(settings_at_start(experiment=self.subject.originals[-1]))
        born = founders(settings)
        purse = Purse(
            treasury=0.0, money_put_in=sum(float(birth.agent["endowment"]) for birth in born)
        )
        made = population_of(np.zeros(len(born), AGENT), born, len(born[0].weights), purse)
        if sha256(population_pack(made)) != row.births_sha256:
            yield "round 0: its founders are not those of settings and seed"

    def _edits(self, row: Round, agents: np.ndarray) -> Iterator[str]:
        """What a person changed was what is said to have stood there before; epsilon moves by
        itself.
        """
        standing = {
            int(agent["number"]): {name: float(agent[name]) for name in traits.BOUNDS}
            for agent in agents
        }
        edits = self.subject.experiment.interventions.filter(
            agent__isnull=False, effective_round=row.index, field__in=traits.BOUNDS
        )
        for number, field, before, after in edits.order_by("pk").values_list(
            "agent__number", "field", "before", "after"
        ):
            had = standing.get(number, {}).get(field)
            if had is not None and field != "epsilon" and float(before) != traits.clip(field, had):
                yield (
                    f"round {row.index}: {field} of agent {number} is said to have been {before},"
                    f" it was {had!r}"
                )
            if had is not None:
                standing[number][field] = float(after)

    def _block(
        self, row: Round, run: BlockRun, population: Population
    ) -> Generator[str, None, Part]:
        """Play a block, keep it, and compare."""
        settings = settings_of_round(experiment=self.subject.experiment, index=row.index)
        first = run.block * self.size
        if row.index == 0:
            block = engine.fresh_block(
                births_of(population, first, first + self.size),
                settings,
                self.subject.market.symbols,
            )
        else:
            block = self._take(run.block)
            blocks.begin_round(block, population, first)
        agent_rows.edits_apply(
            block.agents, experiment_id=self.subject.experiment.pk, index=row.index
        )
        result = engine.play(block, self.subject.market, plan_of(row), settings)
        self._put(run.block, block)
        shown = digests.shown_of(
            block.agents, block.online, result.figures, result.actions, result.trades, result.scars
        )
        yield from _differences(self.subject, run, block, result, shown)
        return block.agents, result, shown

    def online(self, block: int) -> np.ndarray:
        """float32 [n, parameters] after the round."""
        with np.load(self._file(block)) as kept:
            return kept["online"]

    def born_weights_of(self, slot: int, agents: np.ndarray) -> np.ndarray:
        """float32 [parameters]; the files of the newborn were found to be what they must be when
        they were born.
        """
        row = self.subject.rounds[int(agents["birth_round"][slot])]
        population = population_read(Stored(row.births_file, row.births_sha256))
        return population.weights[np.flatnonzero(population.slots == slot)[0]]

    def _runs(self, row: Round) -> list[BlockRun]:
        return list(row.blocks.select_related("round").order_by("block"))

    def _put(self, block: int, state: Block) -> None:
        np.savez(self._file(block), **vars(state))

    def _take(self, block: int) -> Block:
        with np.load(self._file(block)) as kept:
            arrays = {name: kept[name] for name in kept.files if name != "head"}
            return Block(**arrays, head=int(kept["head"]))

    def _file(self, block: int) -> Path:
        return self.folder / f"{block}.npz"


class _Replayed:
    """A round that was played again, as conclusion.Played says."""

    def __init__(self, again: _Again, parts: list[Part]):
        self.again = again
        self.agents, self.shown = (
            np.concatenate([part[place] for part in parts]) for place in (0, 2)
        )
        results = [part[1] for part in parts]
        self.figures, self.digests = (
            np.concatenate([getattr(each, name) for each in results])
            for name in ("figures", "digests")
        )
        self._actions = [each.actions for each in results]
        self.steps = sum(each.agent_steps for each in results)
        self._online = lru_cache(maxsize=64)(again.online)
        self.parameters = self._online(0).shape[1]

    def weights_of(self, slot: int) -> np.ndarray:
        """float32 [parameters] as learned."""
        return self._online(slot // self.again.size)[slot % self.again.size]

    def born_weights_of(self, slot: int) -> np.ndarray:
        """float32 [parameters] as born."""
        return self.again.born_weights_of(slot, self.agents)

    def actions(self) -> np.ndarray:
        """uint8 [population, S, bars]."""
        return np.concatenate(self._actions)


def _differences(
    subject: Subject, run: BlockRun, block: Block, result: BlockResult, shown: np.ndarray
) -> Iterator[str]:
    """What a block's rows and file have otherwise than it was played."""
    which = {
        "experiment_id": subject.experiment.pk,
        "index": run.round.index,
        "numbers": block.agents["number"].tolist(),
    }
    where, numbers = f"round {run.round.index}", block.agents["number"].tolist()
    yield from _records(f"{where}: trade", ledger.trades_read(**which), result.trades)
    yield from _records(f"{where}: scar", ledger.scars_read(**which), result.scars)
    yield from _figures(where, run, result.figures, numbers)
    yield from _bits(f"{where}: actions", numbers, unpack_actions(run.actions), result.actions)
    if not subject.is_thin(run.round.index):
        agents, online, kept = blocks.weights_read(saved(run))
        yield from _fields(where, agents, block.agents)
        yield from _bits(f"{where}: weights", numbers, online, block.online)
        yield from _bits(f"{where}: digest of all it is", numbers, kept, result.digests)
    yield from _bits(
        f"{where}: digest of what is shown",
        numbers,
        np.frombuffer(bytes(run.shown), np.uint8).reshape(-1, 32),
        shown,
    )
    stored = blocks.block_pack_again(block, result.digests, run.checkpoint_sha256)
    packed = stored or blocks.block_pack(block, result.digests)
    for name, right in (
        ("agent_steps", result.agent_steps),
        ("checkpoint_sha256", packed.sha256),
    ):
        if getattr(run, name) != right:
            yield (
                f"{where}, block {run.block}: {name} is {getattr(run, name)}, played again {right}"
            )


def _records(what: str, found: np.ndarray, right: np.ndarray) -> Iterator[str]:
    """The first trade or scar that is another one, missing or too many; found: by agent and
    sequence.
    """
    right = right[np.lexsort((right["sequence"], right["agent"]))]
    for left, row in zip(found, right, strict=False):
        for name in row.dtype.names or ():
            if left[name].tobytes() != row[name].tobytes() and not (
                np.isnan(left[name]).all() and not np.isfinite(row[name]).any()
            ):
                yield (
                    f"{what} of agent {row['agent']}, sequence {row['sequence']}: {name} is"
                    f" {left[name]}, played again {row[name]}"
                )
                return
    if len(found) != len(right):
        yield f"{what}s: there are {len(found)}, played again {len(right)}"


def _figures(where: str, run: BlockRun, right: np.ndarray, numbers: list[int]) -> Iterator[str]:
    found = unpack_figures(run.figures)
    if found.shape != right.shape:
        yield f"{where}: figures of shape {found.shape}, played again {right.shape}"
        return
    for place, column in np.argwhere(~((found == right) | (np.isnan(found) & np.isnan(right))))[:1]:
        pair = found[place, column], right[place, column]
        yield (
            f"{where}: {FIGURES[column]} of agent {numbers[place]} is {pair[0]} among its figures,"
            f" played again {pair[1]}"
        )


def _fields(where: str, found: np.ndarray, right: np.ndarray) -> Iterator[str]:
    for name in right.dtype.names or ():
        for left, row in zip(found, right, strict=True):
            if left[name].tobytes() != row[name].tobytes():
                yield (
                    f"{where}: {name} of agent {row['number']} is {left[name]} in its record,"
                    f" played again {row[name]}"
                )
                return


def _bits(what: str, numbers: list[int], found: np.ndarray, right: np.ndarray) -> Iterator[str]:
    if found.shape != right.shape:
        yield f"{what}: {found.shape}, played again {right.shape}"
        return
    for place, number in enumerate(numbers):
        if found[place].tobytes() != right[place].tobytes():
            yield f"{what} of agent {number} are not those that come of playing again"
            return
