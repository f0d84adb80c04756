"""The population heatmap: every place of the population, round by round."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from arena.models import Experiment
from arena.selectors.rounds.figures import COLUMN, figures_by_round
from arena.store.summaries import MEASURES

MAX_CELLS = 250_000
T = TypeVar("T")


def heatmap(
    *, experiment: Experiment, rounds: Sequence[int], slot_of: Mapping[int, int]
) -> dict[str, Any]:
    """Arrays [rounds, slots] a measure, nan = no value. Where it would be too large for a page,
    rounds are left out evenly, never the last.

    rounds: closed rounds, rising. slot_of: {agent number: slot}.
    """
    shown = thinned(rounds, experiment.population)
    figures = figures_by_round(experiment=experiment, rounds=shown)
    shape = (len(shown), experiment.population)
    agent = np.zeros(shape, dtype=np.int32)
    measures = {name: np.full(shape, np.nan, dtype=np.float32) for name in MEASURES}
    for row, index in enumerate(shown):
        rows = figures.get(index, np.empty((0, len(COLUMN))))
        numbers = rows[:, COLUMN["number"]].astype(np.int64)
        slots = [slot_of[number] for number in numbers.tolist()]
        agent[row, slots] = numbers
        for name, cells in measures.items():
            cells[row, slots] = rows[:, COLUMN[name]]
    return {
        "rounds": shown,
        "slots": np.arange(experiment.population, dtype=np.int32),
        "agent": agent,
        **measures,
    }


def thinned(rounds: Sequence[int], population: int) -> list[int]:
    """`rounds`, or evenly chosen ones of them down to MAX_CELLS cells."""
    return evenly(rounds, max(MAX_CELLS // population, 1))


def evenly(values: Sequence[T], most: int) -> list[T]:
    """At most `most` of `values` at even distances, the last always among them."""
    step = -(-len(values) // most) or 1
    return list(values[::-1][::step][::-1])
