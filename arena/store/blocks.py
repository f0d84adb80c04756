"""A block of agents <-> its two files: weights (kept for every round) and memory (kept for the last
two).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from arena.engine import limits
from arena.engine.results import AGENT, Block
from arena.settings_schema import Learning
from arena.store import files, formats
from arena.store.population import Population, PopulationKept
from ml import checkpoint

# by agent; the rest of a block's memory file is `bar` and `head`, shared by all
OPTIMISER = ("target", "moment1", "moment2")
MEMORIES = ("private", "action", "reward")
# kept only of those experiments whose agents have priorities
PRIORITY = "priority"
MEMORY_DIGEST = "memory_xxh3"
# of the weights file, beside the agents
WEIGHTS: limits.Shapes = {
    "online": limits.BLOCK_SHAPES["online"],
    "digests": (np.dtype(np.uint8), ("n", 32)),
}
# the largest memory that can be set; no file makes room for more
MOST_SLOTS = next(
    rule.le for rule in Learning.model_fields["replay"].metadata if hasattr(rule, "le")
)


@dataclass(frozen=True)
class Saved:
    """Where a block was written, and the digest of its weights file, which in turn names the digest
    of its memory file.

    size: bytes of both, 0 where it was not asked for.
    """

    stem: str
    sha256: str
    size: int = 0


@dataclass(frozen=True)
class Packed:
    """The bytes of a block's two files, and the digest of the first."""

    weights: bytes
    memory: bytes
    sha256: str


def block_write(stem: str, block: Block, digests: np.ndarray) -> Saved:
    """Write both files of a block; digests: uint8 [n, 32]."""
    return packed_write(stem, block_pack(block, digests))


def packed_write(stem: str, packed: Packed) -> Saved:
    """Write the bytes of both files."""
    files.write(stem + files.MEMORY, packed.memory)
    files.write(stem + files.WEIGHTS, packed.weights)
    return Saved(stem, packed.sha256, len(packed.weights) + len(packed.memory))


def block_pack(
    block: Block, digests: np.ndarray, stated: Mapping[str, object] = formats.STATED
) -> Packed:
    """What is written of a block; equal blocks give equal bytes. digests: uint8 [n, 32]; stated:
    what the files say of their format.
    """
    used = _used(block.bar, block.head)
    slots = (*MEMORIES, PRIORITY) if block.priority.size else MEMORIES
    memory = {name: getattr(block, name) for name in OPTIMISER} | {
        name: getattr(block, name)[:, :, :used] for name in slots
    }
    memory_data = checkpoint.pack(
        {**memory, "bar": block.bar[:, :used]},
        {"head": int(block.head), "capacity": block.bar.shape[1], **stated},
    )
    weights = {
        "online": block.online,
        "agents": checkpoint.pack_records(block.agents),
        "digests": digests,
    }
    data = checkpoint.pack(weights, {MEMORY_DIGEST: checkpoint.xxh3(memory_data), **stated})
    return Packed(data, memory_data, checkpoint.sha256(data))


def block_pack_again(block: Block, digests: np.ndarray, sha256: str) -> Packed | None:
    """The bytes of a block that was stored under `sha256`: as they are written now, or as they were
    before files said their format; None where it is neither.
    """
    packed = (block_pack(block, digests, stated) for stated in (formats.STATED, {}))
    return next((each for each in packed if each.sha256 == sha256), None)


def block_read(saved: Saved) -> Block:
    """A block as it was written; CheckpointError where a file is missing, another one, or holds
    what no block can.
    """
    data = files.read(saved.stem + files.WEIGHTS, saved.sha256)
    agents, online, _ = _weights_of(data, saved.stem + files.WEIGHTS)
    name = saved.stem + files.MEMORY
    memory_data = _memory_read(saved.stem, data)
    memory = _arrays(memory_data, name, "bar", *OPTIMISER, *MEMORIES)
    _check_memory(memory, online, name)
    head, capacity = _ring(memory_data, memory["bar"], name)
    block = Block(
        agents=agents,
        online=online,
        **{field: memory[field] for field in OPTIMISER},
        **{field: _padded(memory[field], capacity, axis=2, fill=0) for field in MEMORIES},
        priority=_padded(memory[PRIORITY], capacity, axis=2, fill=0)
        if PRIORITY in memory
        else np.zeros((*memory["action"].shape[:2], 0), np.float32),
        bar=_padded(memory["bar"], capacity, axis=1, fill=-1),
        head=head,
    )
    checkpoint.sound(limits.block_problem(block), name)
    return block


def weights_read(saved: Saved) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(agents AGENT [n], online float32 [n, parameters], digests uint8 [n, 32]) of a block, without
    its memory; CheckpointError.
    """
    name = saved.stem + files.WEIGHTS
    return _weights_of(files.read(name, saved.sha256), name)


def block_copy(saved: Saved, stem: str) -> None:
    """Copy both files of a block to `stem`; CheckpointError where one is missing or not what was
    written.
    """
    data = files.read(saved.stem + files.WEIGHTS, saved.sha256)
    memory = _memory_read(saved.stem, data)
    files.write(stem + files.MEMORY, memory)
    files.write(stem + files.WEIGHTS, data)


def begin_round(block: Block, population: Population | PopulationKept, first_slot: int) -> None:
    """Bring a block from the end of a round to the start of the next: what the close did to its
    agents, and newborns in their places.

    CheckpointError where population and block are not of the same experiment.
    """
    stop, parameters = first_slot + len(block.agents), block.online.shape[1]
    if stop > len(population.agents) or population.weights.shape[1] != parameters:
        shape = (
            f"{len(population.agents)} agents, newborns of {population.weights.shape[1]} parameters"
        )
        raise checkpoint.CheckpointError(
            f"a population of {shape} has no places {first_slot} to {stop - 1} with {parameters}"
        )
    block.agents[:] = population.agents[first_slot:stop]
    for row in np.flatnonzero(
        (population.slots >= first_slot) & (population.slots < stop)
    ).tolist():
        place = int(population.slots[row]) - first_slot
        block.online[place] = block.target[place] = population.weights[row]
        for name in ("moment1", "moment2", *MEMORIES, PRIORITY):
            getattr(block, name)[place] = 0


def _weights_of(data: bytes, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What `weights_read` gives, of the bytes of the file `name`."""
    arrays = _arrays(data, name, "online", "agents", "digests")
    agents, online, digests = (
        checkpoint.unpack_records(arrays["agents"], AGENT, name),
        arrays["online"],
        arrays["digests"],
    )
    shaped = {"online": online, "digests": digests}
    problem = limits.misshaped(shaped, WEIGHTS, {"n": len(agents)}) or limits.agents_problem(agents)
    checkpoint.sound(
        problem or limits.outside("online", online, limits.BLOCK_LIMITS["online"]), name
    )
    return agents, online, digests


def _check_memory(memory: dict[str, np.ndarray], online: np.ndarray, name: str) -> None:
    """CheckpointError unless all arrays of a memory file fit together and with the weights, and as
    many slots of each are kept.
    """
    shapes = {field: limits.BLOCK_SHAPES[field] for field in ("bar", *OPTIMISER, *MEMORIES)}
    if PRIORITY in memory:
        shapes[PRIORITY] = (np.dtype(np.float32), limits.BLOCK_SHAPES["action"][1])
    checkpoint.sound(
        limits.misshaped(memory, shapes, {"n": online.shape[0], "p": online.shape[1]}), name
    )


def _ring(data: bytes, bar: np.ndarray, name: str) -> tuple[int, int]:
    """(head, capacity) of a memory whose first slots were written, bar int32 [S, used];
    CheckpointError.
    """
    note, used = checkpoint.metadata(data, name), bar.shape[1]
    capacity = checkpoint.whole(note, "capacity", max(used, 1), MOST_SLOTS, name)
    head = checkpoint.whole(note, "head", 0, capacity - 1, name)
    if used not in (head, capacity):
        raise checkpoint.CheckpointError(
            f"{name}: bar has {used} slots of {capacity}, though the head is {head}"
        )
    return head, capacity


def _memory_read(stem: str, weights: bytes) -> bytes:
    """The memory file that belongs to a weights file; CheckpointError."""
    note = checkpoint.metadata(weights, stem + files.WEIGHTS)
    if not isinstance(digest := note.get(MEMORY_DIGEST), str) or not digest:
        raise checkpoint.CheckpointError(
            f"{stem + files.WEIGHTS} does not say what its memory is: {MEMORY_DIGEST} is {digest!r}"
        )
    return files.read(stem + files.MEMORY, digest, checkpoint.xxh3)


def _used(bar: np.ndarray, head: int) -> int:
    """How many slots of every lane of the ring were ever written; the rest is not worth a place in
    the file.
    """
    return bar.shape[1] if bar.size and bar[0, -1] >= 0 else head


def _padded(array: np.ndarray, capacity: int, *, axis: int, fill: int) -> np.ndarray:
    shape = list(array.shape)
    shape[axis] = capacity
    whole = np.full(shape, fill, array.dtype)
    whole[(slice(None),) * axis + (slice(0, array.shape[axis]),)] = array
    return whole


def _arrays(data: bytes, name: str, *needed: str) -> dict[str, np.ndarray]:
    formats.check(checkpoint.metadata(data, name), name)
    arrays = checkpoint.unpack(data, name)
    checkpoint.need(arrays, *needed, where=name)
    return arrays
