"""A world in memory <-> the files that keep it between two steps."""

from typing import Any

import numpy as np

from arena.engine.whole import World
from arena.store import blocks, files
from arena.store.population import Population, Stored, population_read, population_write

BORN = ".born.safetensors"


def world_write(stem: str, world: World) -> dict[str, Any]:
    """Write the files; what `world_read` needs to find them again, for a JSON field."""
    agents = world.block.agents
    saved = blocks.block_write(stem, world.block, np.zeros((len(agents), 32), np.uint8))
    nobody = np.zeros((len(agents), 2), np.int64)
    born = population_write(stem + BORN, Population(agents, np.arange(len(agents)), nobody, world.born, world.purse))
    return {
        "block": vars(saved),
        "born": vars(born),
        "next_number": world.next_number,
        "rounds": world.rounds,
        "grown": world.grown.tolist(),
        "held": world.held.tolist(),
    }


def world_read(kept: dict[str, Any]) -> World:
    """The world as it was written; CheckpointError where a file is missing or another one."""
    population = population_read(Stored(**kept["born"]))
    return World(
        block=blocks.block_read(blocks.Saved(**kept["block"])),
        born=population.weights.copy(),
        purse=population.purse,
        next_number=kept["next_number"],
        rounds=kept["rounds"],
        grown=np.array(kept["grown"]),
        held=np.array(kept["held"]),
    )


def world_remove(kept: dict[str, Any]) -> None:
    """Delete the files; none to delete is no error."""
    if kept:
        stem = kept["block"]["stem"]
        files.remove(stem + files.WEIGHTS, stem + files.MEMORY, stem + BORN)
