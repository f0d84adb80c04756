"""A round as its files and rows have it, for checks that close it again; what is damaged is
reported of, not mended.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from arena.engine import packing
from arena.engine.results import AGENT, FIGURES
from arena.models import BlockRun, Round
from arena.services.audit.subject import Subject, saved
from arena.services.blocks.played import shown_kept, shown_made
from arena.store import blocks, ledger
from arena.store.population import Stored, population_read
from arena.store.rounds import block_size


class Lived(NamedTuple):
    """A done block: its row; agents AGENT [n], online float32 [n, parameters], digests uint8 [n,
    32] of its file; figures float64 [n, …] and actions uint8 [n, S, bars] of its row; trades and
    scars [any] of the rows of its agents.
    """

    run: BlockRun
    agents: np.ndarray
    online: np.ndarray
    digests: np.ndarray
    figures: np.ndarray
    actions: np.ndarray
    trades: np.ndarray
    scars: np.ndarray


def lived(subject: Subject) -> Iterator[Lived]:
    """One done block after another, by round, of those whose files are kept."""
    for run in subject.done:
        if subject.is_thin(run.round.index):
            continue
        agents, online, digests = blocks.weights_read(saved(run))
        which = {
            "experiment_id": subject.experiment.pk,
            "index": run.round.index,
            "numbers": agents["number"].tolist(),
        }
        # figures and actions are read for one block at a time
        whole = BlockRun.objects.only("figures", "actions").get(pk=run.pk)
        done = packing.unpack_figures(whole.figures), packing.unpack_actions(whole.actions)
        yield Lived(
            run,
            agents,
            online,
            digests,
            *done,
            ledger.trades_read(**which),
            ledger.scars_read(**which),
        )


class Thin:
    """Of a closed round whose files are not kept, what its rows have for its link, as
    conclusion.PlayedRows says.
    """

    def __init__(self, row: Round):
        runs = list(row.blocks.order_by("block"))
        self.figures = np.concatenate([packing.unpack_figures(run.figures) for run in runs])
        self.agents = np.zeros(len(self.figures), AGENT)
        self.agents["number"] = self.figures[:, FIGURES.index("number")].astype(np.int64)
        self.shown = np.concatenate([shown_kept(run) for run in runs])
        self.digests = np.concatenate(
            [np.frombuffer(bytes(run.digests), np.uint8).reshape(-1, 32) for run in runs]
        )
        self.steps = sum(run.agent_steps for run in runs)


class Kept:
    """All blocks of a closed round together, as conclusion.Played says."""

    def __init__(self, subject: Subject, row: Round):
        self.subject, self.size = subject, block_size(subject.experiment)
        self.runs = list(row.blocks.select_related("round").order_by("block"))
        read = [blocks.weights_read(saved(run)) for run in self.runs]
        self.agents, self.digests = (
            np.concatenate([each[part] for each in read]) for part in (0, 2)
        )
        self.figures = np.concatenate([packing.unpack_figures(run.figures) for run in self.runs])
        self.shown = np.concatenate(
            [shown_kept(run) if run.shown else shown_made(run=run) for run in self.runs]
        )
        self.parameters, self.steps = read[0][1].shape[1], sum(run.agent_steps for run in self.runs)
        self._online = lru_cache(maxsize=64)(
            lambda block: blocks.weights_read(saved(self.runs[block]))[1]
        )
        self._born = lru_cache(maxsize=8)(self._births)

    def weights_of(self, slot: int) -> np.ndarray:
        """float32 [parameters] as learned."""
        return self._online(slot // self.size)[slot % self.size]

    def born_weights_of(self, slot: int) -> np.ndarray:
        """float32 [parameters] as born."""
        places, weights = self._born(int(self.agents["birth_round"][slot]))
        return weights[places[slot]]

    def actions(self) -> np.ndarray:
        """uint8 [population, S, bars]."""
        return np.concatenate([packing.unpack_actions(run.actions) for run in self.runs])

    def _births(self, index: int) -> tuple[dict[int, int], np.ndarray]:
        row = self.subject.rounds[index]
        population = population_read(Stored(row.births_file, row.births_sha256))
        return {
            slot: place for place, slot in enumerate(population.slots.tolist())
        }, population.weights
