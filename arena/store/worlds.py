"""A world in memory <-> the files that keep it between two steps."""

from typing import Any

import numpy as np

from arena.engine import limits
from arena.engine.agent_record import MOST
from arena.engine.results import Block
from arena.engine.whole import World
from arena.store import blocks, files
from arena.store.population import Population, Stored, population_read, population_write
from ml import checkpoint

BORN = ".born.safetensors"


def world_write(stem: str, world: World) -> dict[str, Any]:
    """Write the files; what `world_read` needs to find them again, for a JSON field."""
    agents = world.block.agents
    saved = blocks.block_write(stem, world.block, np.zeros((len(agents), 32), np.uint8))
    no_parents = np.zeros((len(agents), 2), np.int64)
    born = population_write(
        stem + BORN, Population(agents, np.arange(len(agents)), no_parents, world.born, world.purse)
    )
    return {
        "block": {"stem": saved.stem, "sha256": saved.sha256},
        "born": {"name": born.name, "sha256": born.sha256},
        "next_number": world.next_number,
        "rounds": world.rounds,
        "grown": world.grown.tolist(),
        "held": world.held.tolist(),
    }


def world_read(kept: dict[str, Any]) -> World:
    """The world as it was written; CheckpointError where a file is missing, another one, or does
    not fit the others.
    """
    try:
        saved, stored = blocks.Saved(**kept["block"]), Stored(**kept["born"])
        numbers = {name: np.array(kept[name], np.float64) for name in ("grown", "held")}
        counts = {name: kept[name] for name in ("next_number", "rounds")}
    except (KeyError, TypeError, ValueError) as error:
        raise checkpoint.CheckpointError(
            f"what is kept of a world does not say where: {error!r}"
        ) from None
    block, population = blocks.block_read(saved), population_read(stored)
    checkpoint.sound(_problem(block, population, numbers), saved.stem)
    return World(
        block=block,
        born=population.weights.copy(),
        purse=population.purse,
        next_number=checkpoint.whole(
            counts, "next_number", 1 + int(block.agents["number"].max()), MOST, saved.stem
        ),
        rounds=checkpoint.whole(counts, "rounds", 0, MOST, saved.stem),
        grown=numbers["grown"],
        held=numbers["held"],
    )


def _problem(block: Block, population: Population, numbers: dict[str, np.ndarray]) -> str | None:
    """What is wrong between a block, what was kept of its agents at birth, and what they have
    earned.
    """
    count = len(block.agents)
    if (
        not np.array_equal(population.slots, np.arange(count))
        or population.agents.tobytes() != block.agents.tobytes()
    ):
        return f"its {count} agents are not those of its weights at birth"
    if population.weights.shape != block.online.shape:
        return (
            f"weights at birth have shape {population.weights.shape}, weights now"
            f" {block.online.shape}"
        )
    shapes: limits.Shapes = dict.fromkeys(numbers, (np.dtype(np.float64), ("n",)))
    problem = limits.misshaped(numbers, shapes, {"n": count})
    for name, values in numbers.items():
        problem = problem or limits.outside(name, values, limits.NUMBER)
    return problem


def world_files(kept: dict[str, Any]) -> list[str]:
    """Names of the files; [] where nothing is kept."""
    return (
        [kept["block"]["stem"] + ending for ending in (files.WEIGHTS, files.MEMORY, BORN)]
        if kept
        else []
    )


def world_remove(kept: dict[str, Any]) -> None:
    """Delete the files; none to delete is no error."""
    files.remove(*world_files(kept))
