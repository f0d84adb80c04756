"""The population as a round begins <-> its file: every agent's record, and the weights of those
born for this round.
"""

import dataclasses
import hashlib
import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from arena.engine import limits
from arena.engine.agent_record import MONEY, MOST
from arena.engine.generations.founders import founder_records, founder_weights, founders_money
from arena.engine.results import AGENT, Birth, Purse
from arena.settings_schema import Settings
from arena.store import files, formats
from ml import checkpoint
from ml.networks.registry import NETWORKS

PARENTS = 2
# founders whose weights are in memory at a time
AT_ONCE = 64
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

    Of the newborn, by row: slots int64 [b], parents int64 [b, 2] (agent numbers, 0 = none), weights
    float32 [b, parameters].
    """

    agents: np.ndarray
    slots: np.ndarray
    parents: np.ndarray
    weights: np.ndarray
    purse: Purse


@dataclass(frozen=True)
class PopulationKept:
    """The same, of which the weights stay in the file until they are asked for."""

    agents: np.ndarray
    slots: np.ndarray
    parents: np.ndarray
    weights: "StoredWeights"
    purse: Purse


def population_of(
    agents: np.ndarray, births: Sequence[Birth], parameters: int, purse: Purse
) -> Population:
    """The newborn put into their places. agents: AGENT [population], left as it is."""
    agents = agents.copy()
    parents = np.zeros((len(births), PARENTS), np.int64)
    weights = np.empty((len(births), parameters), np.float32)
    for row, birth in enumerate(births):
        agents[birth.slot] = birth.agent
        parents[row, : len(birth.parents)] = birth.parents
        weights[row] = birth.weights
    return Population(
        agents, np.array([birth.slot for birth in births], np.int64), parents, weights, purse
    )


@dataclass(frozen=True)
class Stored:
    """Where a population was written, and the digest of that file ("" = unknown). size: bytes, 0
    where it was not asked for.
    """

    name: str
    sha256: str
    size: int = 0


def population_pack(population: Population) -> bytes:
    """What is written of a population. Nothing in it depends on who wrote it, when or where. Its
    digest hangs in the chain, so it says no format as long as that is the first.
    """
    arrays = {
        "agents": checkpoint.pack_records(population.agents),
        "slots": population.slots,
        "numbers": population.agents["number"][population.slots],
        "parents": population.parents,
        "weights": population.weights,
    }
    return checkpoint.pack(arrays, _purse_metadata(population.purse))


def population_write(name: str, population: Population) -> Stored:
    """Write the file."""
    data = population_pack(population)
    files.write(name, data)
    return Stored(name, checkpoint.sha256(data), len(data))


def founders_write(name: str, settings: Settings, beat: Callable[[int], None]) -> Stored:
    """Write the file of all founders as `population_write` would, a few of them in memory at a
    time; beat(n) after so many more.
    """
    living, parameters = (
        settings.population,
        NETWORKS[settings.network.kind].layout(settings.network.hidden).size,
    )
    sizes = {"b": living, "g": PARENTS, "p": parameters}
    shapes: dict[str, tuple[np.dtype, tuple[int, ...]]] = {
        key: (dtype, tuple(sizes[str(axis)] for axis in axes))
        for key, (dtype, axes) in BORN.items()
    }
    shapes["agents"] = (np.dtype(np.uint8), (living, AGENT.itemsize))
    ranges = [range(first, min(first + AT_ONCE, living)) for first in range(0, living, AT_ONCE)]
    made: dict[str, Callable[[range], np.ndarray]] = {
        "slots": lambda slots: np.arange(slots.start, slots.stop),
        "numbers": lambda slots: np.arange(slots.start, slots.stop) + 1,
        "parents": lambda slots: np.zeros((len(slots), PARENTS), np.int64),
        "weights": lambda slots: np.stack([founder_weights(settings, slot) for slot in slots]),
        "agents": lambda slots: checkpoint.pack_records(founder_records(settings, slots)),
    }

    def pieces(key: str) -> Iterator[np.ndarray]:
        for slots in ranges:
            yield made[key](slots)
            if key == "weights":
                beat(len(slots))

    purse = Purse(treasury=0.0, money_put_in=founders_money(settings, living))
    digest = hashlib.sha256()
    with tempfile.TemporaryFile() as file:
        for piece in checkpoint.pack_pieces(shapes, _purse_metadata(purse), pieces):
            digest.update(piece)
            file.write(piece)
        size = file.tell()
        file.seek(0)
        files.write_from(name, file)
    return Stored(name, digest.hexdigest(), size)


def _purse_metadata(purse: Purse) -> dict[str, object]:
    stated: dict[str, object] = {} if formats.FORMAT == formats.FIRST else {**formats.STATED}
    return {key: float(value).hex() for key, value in vars(purse).items()} | stated


def population_read(stored: Stored) -> Population:
    """What `population_write` wrote; CheckpointError where it cannot be read or has changed."""
    name = stored.name
    data = files.read(name, stored.sha256)
    formats.check(checkpoint.metadata(data, name), name)
    arrays = checkpoint.unpack(data, name)
    checkpoint.need(arrays, "agents", *BORN, where=name)
    agents = checkpoint.unpack_records(arrays["agents"], AGENT, name)
    weights = limits.outside("weights", arrays["weights"], limits.BLOCK_LIMITS["online"])
    checkpoint.sound(limits.agents_problem(agents) or _problem(agents, arrays) or weights, name)
    return Population(
        agents, arrays["slots"], arrays["parents"], arrays["weights"], _purse(data, name)
    )


def record_read(name: str, slot: int) -> np.ndarray:
    """AGENT [1], the record of one place of a population's file, without reading the rest of it.

    CheckpointError where it cannot be one; whether the file was changed, only what comes of the
    record can tell.
    """
    formats.check(checkpoint.metadata(_head(name), name), name)
    raw = checkpoint.row_read(
        lambda start, size: files.piece(name, start, size), "agents", slot, name
    )
    records = checkpoint.unpack_records(raw, AGENT, name)
    checkpoint.sound(limits.agents_problem(records), name)
    return records


def _problem(agents: np.ndarray, arrays: dict[str, np.ndarray]) -> str | None:
    """What is wrong with the newborn: everyone has one place among the agents, and a network."""
    slots, numbers = arrays["slots"], arrays["numbers"]
    limits_of = {"slots": (0, len(agents) - 1), "parents": (0, MOST)}
    problem = limits.misshaped(
        arrays, {key: BORN[key] for key in BORN if key in arrays}, {"g": PARENTS}
    )
    for field, limit in limits_of.items():
        problem = problem or limits.outside(field, arrays[field], limit)
    if problem:
        return problem
    for row in np.flatnonzero(np.diff(np.sort(slots)) == 0):
        return f"slots hold {np.sort(slots)[row]} twice"
    for row in np.flatnonzero(agents["number"][slots] != numbers):
        return (
            f"numbers[{row}] is {numbers[row]}, though place {slots[row]} holds agent"
            f" {agents['number'][slots[row]]}"
        )
    return None


def _purse(data: bytes, name: str) -> Purse:
    """The purse of a population's file; CheckpointError."""
    note = checkpoint.metadata(data, name)
    note.pop(formats.KEY, None)
    if set(note) != (fields := {field.name for field in dataclasses.fields(Purse)}):
        raise checkpoint.CheckpointError(
            f"{name}: the purse has {sorted(note)}, not {sorted(fields)}"
        )
    try:
        amounts = {field: float.fromhex(str(value)) for field, value in note.items()}
    except (ValueError, OverflowError) as error:
        raise checkpoint.CheckpointError(f"{name}: the purse cannot be read: {error}") from None
    for field, amount in amounts.items():
        if not abs(amount) <= MONEY:
            raise checkpoint.CheckpointError(f"{name}: {field} of the purse is {amount}")
    return Purse(**amounts)


class StoredWeights:
    """float32 [b, parameters] in a file, of which a row is read when it is asked for: all of them
    may be gigabytes.
    """

    def __init__(self, name: str, shape: tuple[int, ...], first: int):
        self.name, self.shape, self.first = name, shape, first

    def __getitem__(self, row: int) -> np.ndarray:
        return self.rows(row, row + 1)[0]

    def rows(self, start: int, stop: int) -> np.ndarray:
        """Rows start .. stop - 1."""
        size = self.shape[1] * np.dtype(np.float32).itemsize
        data = files.piece(
            self.name, self.first + start * size, (min(stop, self.shape[0]) - start) * size
        )
        found = np.frombuffer(data, np.float32).reshape(-1, self.shape[1])
        checkpoint.sound(limits.outside("weights", found, limits.BLOCK_LIMITS["online"]), self.name)
        return found


@lru_cache(maxsize=1)
def population_kept(stored: Stored) -> PopulationKept:
    """The same, kept by this process for the round's next block; it cannot be changed."""
    name = stored.name
    files.check(name, stored.sha256)
    head = _head(name)
    formats.check(checkpoint.metadata(head, name), name)
    there = checkpoint.places(head, name)
    checkpoint.need(there, "agents", *BORN, where=name)
    arrays = {key: _whole(name, *there[key]) for key in ("agents", "slots", "numbers", "parents")}
    dtype, shape, first = there["weights"]
    agents = checkpoint.unpack_records(arrays["agents"], AGENT, name)
    checkpoint.sound(limits.agents_problem(agents) or _problem(agents, arrays), name)
    if dtype != np.float32 or len(shape) != 2 or shape[0] != len(arrays["slots"]):
        raise checkpoint.CheckpointError(
            f"{name}: weights are {dtype} {shape}, of {len(arrays['slots'])} newborn"
        )
    agents.flags.writeable = False
    return PopulationKept(
        agents,
        arrays["slots"],
        arrays["parents"],
        StoredWeights(name, shape, first),
        _purse(head, name),
    )


def _head(name: str) -> bytes:
    """The whole header of a file; CheckpointError."""
    size = int.from_bytes(files.piece(name, 0, 8), "little")
    return files.piece(name, 0, 8 + min(size, checkpoint.LONGEST_HEADER))


def _whole(name: str, dtype: np.dtype, shape: tuple[int, ...], first: int) -> np.ndarray:
    """An array of a file, which cannot be changed; CheckpointError."""
    data = files.piece(name, first, dtype.itemsize * math.prod(shape))
    return np.frombuffer(data, dtype).reshape(shape)


def births_of(
    population: Population | PopulationKept, first_slot: int, stop: int
) -> tuple[Birth, ...]:
    """The newborn in places `first_slot` to `stop` - 1 as the engine knows them, in the order they
    were written.
    """
    rows = np.flatnonzero((population.slots >= first_slot) & (population.slots < stop)).tolist()
    return tuple(
        Birth(
            slot=int(population.slots[row]),
            number=int(population.agents["number"][population.slots[row]]),
            parents=tuple(int(parent) for parent in population.parents[row] if parent),
            agent=population.agents[population.slots[row]],
            weights=population.weights[row],
        )
        for row in rows
    )
