"""Learning curves: how the population did round by round, beside the baselines."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from agents.strategies.rules import BESIDE
from arena.models import Round
from arena.selectors.numbers import short
from arena.selectors.rounds.house import money

MEASURES = ("return", "reward", "loss", "epsilon", "fitness", "trust", "equity", "max_drawdown")
STATISTICS = ("mean", "q1", "median", "q3", "best", "worst")
# of each window; the page makes equity and fitness of them
BASELINE_FIGURES = ("return", "max_drawdown", "score")
EVENTS = ("births", "immigrants", "deaths", "scars", "trades")
DIVERSITY = ("weights", "behaviour", "lineages", "clades", "skill")


def curves(
    *, rounds: Sequence[Round], births: Sequence[int], deaths: Sequence[int]
) -> dict[str, Any]:
    """One entry a closed round in every list; births, deaths: the rounds in which agents first and
    last lived.
    """
    index = [row.index for row in rounds]
    return {
        "rounds": index,
        "reused": [row.reused for row in rounds],
        "measures": {
            measure: {name: _measure(rounds, measure, name) for name in STATISTICS}
            for measure in MEASURES
        },
        "baselines": baselines(rounds),
        "events": {name: [_count(row.events.get(name, 0)) for row in rounds] for name in EVENTS},
        "diversity": {
            name: [short(row.diversity.get(name)) for row in rounds] for name in DIVERSITY
        },
        "money": money(rounds=rounds),
        "alive": alive(index, births, deaths),
    }


def baselines(rounds: Sequence[Round]) -> dict[str, dict[str, list[float | int | None]]]:
    """{figure: {name: a value a round}} of those of BESIDE that were played in any of them."""
    played = [name for name in BESIDE if any(name in row.baselines for row in rounds)]
    return {
        figure: {name: _baseline(rounds, name, figure) for name in played}
        for figure in BASELINE_FIGURES
    }


def _baseline(rounds: Sequence[Round], name: str, figure: str) -> list[float | int | None]:
    return [short(row.baselines.get(name, {}).get(figure)) for row in rounds]


def alive(rounds: Sequence[int], births: Sequence[int], deaths: Sequence[int]) -> list[int]:
    """How many agents played each of `rounds`: born by then, and not dead before."""
    born = np.searchsorted(np.sort(births), rounds, side="right")
    dead = np.searchsorted(np.sort(deaths), rounds, side="left")
    return (born - dead).tolist()


def _measure(rounds: Sequence[Round], measure: str, name: str) -> list[float | int | None]:
    return [short(row.curves.get(measure, {}).get(name)) for row in rounds]


def _count(value: Any) -> int:
    """A count, or the sum of the counts by cause."""
    return sum(value.values()) if isinstance(value, dict) else value
