"""What an experiment takes: bytes of files and rows a round, and memory an agent while it is
played.
"""

from collections import defaultdict
from dataclasses import dataclass, fields

import numpy as np
from django.db.models import Sum
from django.db.models.functions import Length

from agents.models import Scar, Trade
from arena.engine.generations.founders import founders
from arena.engine.play import fresh_block
from arena.models import BlockRun, Experiment, Round
from arena.settings_schema import parse
from arena.store import files


@dataclass(frozen=True)
class Size:
    """Bytes of one kind, in so many files or rows."""

    what: str
    bytes: int
    count: int


def experiment_sizes(*, experiment: Experiment) -> list[Size]:
    """Stored bytes by kind, those a fork shares with its original among them; rows of trades and
    scars are counted alone.
    """
    runs = BlockRun.objects.filter(round__experiment=experiment).exclude(checkpoint="")
    found: dict[str, list[int]] = defaultdict(list)
    for stem in runs.values_list("checkpoint", flat=True):
        found["weights and records, every round"].append(files.size(stem + files.WEIGHTS))
        found["memories, rounds that can go on"].append(files.size(stem + files.MEMORY))
    rows = Round.objects.filter(experiment=experiment)
    for name in {
        name for pair in rows.values_list("births_file", "close_file") for name in pair if name
    }:
        found["populations, every round"].append(files.size(name))
    sizes = [
        Size(what, sum(stored), len([size for size in stored if size]))
        for what, stored in found.items()
    ]
    packed = runs.aggregate(figures=Sum(Length("figures")), actions=Sum(Length("actions")))
    sizes += [
        Size(f"{name} in rows, every round", packed[name] or 0, runs.count())
        for name in ("figures", "actions")
    ]
    for name, model in (("trades", Trade), ("scars", Scar)):
        sizes.append(
            Size(f"rows of {name}", 0, model.objects.filter(agent__experiment=experiment).count())
        )
    return sizes


def bytes_per_round(*, experiment: Experiment, sizes: list[Size]) -> float:
    """What every further round leaves for good: all but the memories."""
    kept = sum(size.bytes for size in sizes if not size.what.startswith("memories"))
    return kept / max(experiment.rounds_done, 1)


def bytes_per_agent(*, experiment: Experiment) -> int:
    """Memory an agent takes while its block is played: weights, target, moments, a whole replay
    memory, its record.
    """
    settings = parse(experiment.settings).model_copy(update={"population": 2})
    # symbols share the memory, so their number makes no difference
    block = fresh_block(founders(settings), settings, 1)
    # the one array that all agents share
    arrays = [getattr(block, field.name) for field in fields(block) if field.name != "bar"]
    return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray)) // len(
        block.agents
    )
