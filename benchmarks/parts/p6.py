"""P6: what an agent takes of memory, counted and as the process grows; and of the disk, for every
round it lives through.
"""

from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from arena.engine.generations.founders import founders
from arena.engine.play import fresh_block
from arena.engine.results import Block
from benchmarks.ours import BLOCK
from benchmarks.processes import said
from benchmarks.report import Goal, Result, result
from benchmarks.work import LAYERS, QUICK, ROUNDS, settings_of

ASKED = {"L=1": 300.0, "L=2": 340.0}
BLOCKS = 2 if QUICK else 8
STATM = Path("/proc/self/statm")


def measure() -> list[Result]:
    """KB an agent by both counts, and bytes a round leaves for good."""
    results = []
    for layer, hidden in LAYERS.items():
        settings = settings_of(hidden, BLOCK)
        births = founders(settings)
        counted = counted_bytes(fresh_block(births, settings, 1)) / 1024
        goal = Goal("P6", ASKED[layer], "<=", "value")
        results.append(
            result(f"arrays of an agent, replay of 10,000, {layer}", [counted], "KB", goal=goal)
        )
        if STATM.exists():
            grown = [growth(births, settings) for _ in range(ROUNDS)]
            results.append(
                result(
                    f"growth of the process an agent, replay full, {layer}", grown, "KB", goal=goal
                )
            )
    return [*results, *stored()]


def counted_bytes(block: Block) -> float:
    """Bytes of all that an agent has for itself; the ring of bars is shared."""
    arrays = [getattr(block, field.name) for field in fields(block) if field.name != "bar"]
    return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray)) / len(
        block.agents
    )


def growth(births, settings) -> float:
    """KB an agent by which the resident memory of this process grows with some more blocks, every
    page of them written.
    """
    before, blocks = resident(), []
    for _ in range(BLOCKS):
        block = fresh_block(births, settings, 1)
        for name in ("moment1", "moment2", "private", "action", "reward"):
            getattr(block, name)[:] = 1
        blocks.append(block)
    return (resident() - before) / 1024 / (BLOCKS * BLOCK)


def resident() -> int:
    """Bytes of memory this process holds."""
    return int(STATM.read_text().split()[1]) * 4096


def stored() -> list[Result]:
    """Bytes that a round of a small experiment leaves on disk and in the database, an agent."""
    with TemporaryDirectory() as folder:
        sizes = said("benchmarks.stored", {"VAR_DIR": folder})
    return [
        result(f"stored an agent and round: {what}", [size], unit) for what, size, unit in sizes
    ]
