"""The population as a round begins <-> its file: every agent's record, and the weights of those born for this round."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from arena.engine.results import AGENT, Birth, Purse
from arena.store import files
from ml import checkpoint

PARENTS = 2


@dataclass(frozen=True)
class Population:
    """agents: AGENT [population] by slot, newborn included.

    Of the newborn, by row: slots int64 [b], parents int64 [b, 2] (agent numbers, 0 = none), weights float32 [b, parameters].
    """

    agents: np.ndarray
    slots: np.ndarray
    parents: np.ndarray
    weights: np.ndarray
    purse: Purse


def population_of(agents: np.ndarray, births: Sequence[Birth], parameters: int, purse: Purse) -> Population:
    """The newborn put into their places. agents: AGENT [population], left as it is."""
    agents = agents.copy()
    parents = np.zeros((len(births), PARENTS), np.int64)
    weights = np.empty((len(births), parameters), np.float32)
    for row, birth in enumerate(births):
        agents[birth.slot] = birth.agent
        parents[row, : len(birth.parents)] = birth.parents
        weights[row] = birth.weights
    return Population(agents, np.array([birth.slot for birth in births], np.int64), parents, weights, purse)


@dataclass(frozen=True)
class Stored:
    """Where a population was written, and the digest of that file ("" = unknown)."""

    name: str
    sha256: str


def population_pack(population: Population) -> bytes:
    """What is written of a population. Nothing in it depends on who wrote it, when or where."""
    arrays = {
        "agents": checkpoint.pack_records(population.agents),
        "slots": population.slots,
        "numbers": population.agents["number"][population.slots],
        "parents": population.parents,
        "weights": population.weights,
    }
    return checkpoint.pack(arrays, {key: float(value).hex() for key, value in vars(population.purse).items()})


def population_write(name: str, population: Population) -> Stored:
    """Write the file."""
    data = population_pack(population)
    files.write(name, data)
    return Stored(name, checkpoint.sha256(data))


def population_read(stored: Stored) -> Population:
    """What `population_write` wrote; CheckpointError where it cannot be read or has changed."""
    name = stored.name
    data = files.read(name, stored.sha256)
    arrays = checkpoint.unpack(data, name)
    checkpoint.need(arrays, "agents", "slots", "parents", "weights", where=name)
    purse = Purse(**{key: float.fromhex(str(value)) for key, value in checkpoint.metadata(data, name).items()})
    agents = checkpoint.unpack_records(arrays["agents"], AGENT, name)
    return Population(agents, arrays["slots"], arrays["parents"], arrays["weights"], purse)


@lru_cache(maxsize=1)
def population_kept(stored: Stored) -> Population:
    """The same, kept by this process for the round's next block; it cannot be changed."""
    population = population_read(stored)
    for array in (population.agents, population.slots, population.parents, population.weights):
        array.flags.writeable = False
    return population


def births_of(population: Population, first_slot: int, stop: int) -> tuple[Birth, ...]:
    """The newborn in places `first_slot` to `stop` - 1 as the engine knows them, in the order they were written."""
    return tuple(
        Birth(
            slot=int(slot),
            number=int(population.agents["number"][slot]),
            parents=tuple(int(parent) for parent in population.parents[row] if parent),
            agent=population.agents[slot],
            weights=population.weights[row],
        )
        for row, slot in enumerate(population.slots)
        if first_slot <= slot < stop
    )
