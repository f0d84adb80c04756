"""The population as a round begins <-> its file: every agent's record, and the weights of those born for this round."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from arena.engine import limits
from arena.engine.results import AGENT, Birth, Purse
from arena.store import files
from ml import checkpoint

PARENTS = 2
# of the newborn, beside the agents
BORN: limits.Shapes = {
    "slots": (np.dtype(np.int64), ("b",)),
    "numbers": (np.dtype(np.int64), ("b",)),
    "parents": (np.dtype(np.int64), ("b", "g")),
    "weights": (np.dtype(np.float32), ("b", "p")),
}


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
    """Where a population was written, and the digest of that file ("" = unknown). size: bytes, 0
    where nobody asked.
    """

    name: str
    sha256: str
    size: int = 0


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
    return Stored(name, checkpoint.sha256(data), len(data))


def population_read(stored: Stored) -> Population:
    """What `population_write` wrote; CheckpointError where it cannot be read or has changed."""
    name = stored.name
    data = files.read(name, stored.sha256)
    arrays = checkpoint.unpack(data, name)
    checkpoint.need(arrays, "agents", *BORN, where=name)
    agents = checkpoint.unpack_records(arrays["agents"], AGENT, name)
    checkpoint.sound(limits.agents_problem(agents) or _problem(agents, arrays), name)
    return Population(agents, arrays["slots"], arrays["parents"], arrays["weights"], _purse(data, name))


def record_read(name: str, slot: int) -> np.ndarray:
    """AGENT [1], the record of one place of a population's file, without reading the rest of it.

    CheckpointError where it cannot be one; whether the file was changed, only what comes of the
    record can tell.
    """
    raw = checkpoint.row_read(lambda start, size: files.read_part(name, start, size), "agents", slot, name)
    records = checkpoint.unpack_records(raw, AGENT, name)
    checkpoint.sound(limits.agents_problem(records), name)
    return records


def _problem(agents: np.ndarray, arrays: dict[str, np.ndarray]) -> str | None:
    """What is wrong with the newborn: everyone has one place among the agents, and a network."""
    slots, numbers = arrays["slots"], arrays["numbers"]
    limits_of = {"slots": (0, len(agents) - 1), "parents": (0, limits.MOST), "weights": limits.BLOCK_LIMITS["online"]}
    problem = limits.misshaped(arrays, BORN, {"g": PARENTS})
    for field, limit in limits_of.items():
        problem = problem or limits.outside(field, arrays[field], limit)
    if problem:
        return problem
    for row in np.flatnonzero(np.diff(np.sort(slots)) == 0):
        return f"slots hold {np.sort(slots)[row]} twice"
    for row in np.flatnonzero(agents["number"][slots] != numbers):
        return f"numbers[{row}] is {numbers[row]}, though place {slots[row]} holds agent {agents['number'][slots[row]]}"
    return None


def _purse(data: bytes, name: str) -> Purse:
    """The purse of a population's file; CheckpointError."""
    note = checkpoint.metadata(data, name)
    if set(note) != (fields := {field.name for field in dataclasses.fields(Purse)}):
        raise checkpoint.CheckpointError(f"{name}: the purse has {sorted(note)}, not {sorted(fields)}")
    try:
        amounts = {field: float.fromhex(str(value)) for field, value in note.items()}
    except (ValueError, OverflowError) as error:
        raise checkpoint.CheckpointError(f"{name}: the purse cannot be read: {error}") from None
    for field, amount in amounts.items():
        if not abs(amount) <= limits.MONEY:
            raise checkpoint.CheckpointError(f"{name}: {field} of the purse is {amount}")
    return Purse(**amounts)


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
