"""A round as its blocks left it, for its close and its judgement."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from agents.models import Agent, AgentState
from arena.engine import packing
from arena.models import BlockRun, Experiment, Round
from arena.services.blocks import loading
from arena.store import blocks, digests, ledger
from arena.store.population import Stored, population_read
from arena.store.rounds import block_size


class Played:
    """A round as its blocks left it, see conclusion.Played; what a block of an older version did
    not tell of its agents is made up for.
    """

    def __init__(self, row: Round, pulse: Callable[[], None]):
        self.row, self.size = row, block_size(row.experiment)
        runs = list(row.blocks.order_by("block").select_related("round__experiment__market"))
        self.saved = [blocks.Saved(run.checkpoint, run.checkpoint_sha256) for run in runs]
        # all weights of a large population at once would be gigabytes: they are read again, a block
        # at a time, where they are needed
        read = []
        for run in runs:
            agents, weights, found = loading.weights_load(run=run, beat=lambda share: pulse())
            read.append((agents, found))
        self.agents, self.digests = (np.concatenate(each) for each in zip(*read, strict=True))
        self.figures = np.concatenate([packing.unpack_figures(run.figures) for run in runs])
        self.shown = np.concatenate(
            [shown_kept(run) if run.shown else shown_made(run=run) for run in runs]
        )
        self.parameters, self.steps = weights.shape[1], sum(run.agent_steps for run in runs)
        self._actions = [run.actions for run in runs]
        self._online = lru_cache(maxsize=64)(
            lambda block: blocks.weights_read(self.saved[block])[1]
        )
        self._born = lru_cache(maxsize=64)(
            lambda file: population_read(_births(row.experiment, file)).weights
        )

    def weights_of(self, slot: int) -> np.ndarray:
        """float32 [parameters] as learned."""
        return self._online(slot // self.size)[slot % self.size]

    def born_weights_of(self, slot: int) -> np.ndarray:
        """float32 [parameters] as born."""
        agent = Agent.objects.only("birth_file", "birth_row").get(
            experiment=self.row.experiment, slot=slot, state=AgentState.ACTIVE
        )
        return self._born(agent.birth_file)[agent.birth_row]

    def actions(self) -> np.ndarray:
        """uint8 [population, S, bars]."""
        return np.concatenate([packing.unpack_actions(data) for data in self._actions])


def shown_kept(run: BlockRun) -> np.ndarray:
    """uint8 [n, 32], what a done block shows of its agents."""
    return np.frombuffer(bytes(run.shown), np.uint8).reshape(-1, 32)


def shown_made(*, run: BlockRun) -> np.ndarray:
    """uint8 [n, 32], the same from a done block's files and rows."""
    agents, online, _ = blocks.weights_read(blocks.Saved(run.checkpoint, run.checkpoint_sha256))
    which = {
        "experiment_id": run.round.experiment_id,
        "index": run.round.index,
        "numbers": agents["number"].tolist(),
    }
    done = packing.unpack_figures(run.figures), packing.unpack_actions(run.actions)
    return digests.shown_of(
        agents, online, *done, ledger.trades_read(**which), ledger.scars_read(**which)
    )


def _births(experiment: Experiment, file: str) -> Stored:
    """The file of a round's newborn, with its digest."""
    return Stored(
        file,
        experiment.rounds.filter(births_file=file).values_list("births_sha256", flat=True).first()
        or "",
    )
