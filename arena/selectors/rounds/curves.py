"""Learning curves: how the population did round by round, beside the baselines."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from agents.strategies.rules import BESIDE
from arena.models import Round
from arena.selectors.numbers import short, short_list
from arena.selectors.rounds.house import money
from ml.sums import total

MEASURES = ("return", "reward", "loss", "epsilon", "fitness", "trust", "equity", "max_drawdown")
STATISTICS = ("mean", "q1", "median", "q3", "best", "worst")
# fitness: as of an agent that lived through the same windows; growth: of money that began as 1
BASELINE_FIGURES = ("return", "max_drawdown", "fitness", "growth")
# a fitness is a mean over so many windows
WINDOWS = 5
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
        "events": {
            name: [event_count(row.events.get(name, 0)) for row in rounds] for name in EVENTS
        },
        "diversity": {
            name: [short(row.diversity.get(name)) for row in rounds] for name in DIVERSITY
        },
        "money": money(rounds=rounds),
        "alive": alive(index, births, deaths),
    }


def baselines(rounds: Sequence[Round]) -> dict[str, dict[str, list[float | int | None]]]:
    """{figure: {name: a value a round}} of those of BESIDE that were played in any of them. Fitness
    and growth begin with the first of `rounds`.
    """
    played = [name for name in BESIDE if any(name in row.baselines for row in rounds)]
    made = {name: _baseline([row.baselines.get(name, {}) for row in rounds]) for name in played}
    return {figure: {name: made[name][figure] for name in played} for figure in BASELINE_FIGURES}


def _baseline(rounds: Sequence[Mapping[str, Any]]) -> dict[str, list[float | int | None]]:
    """Of one of them: {figure: a value a round}."""
    scores, returns = ([figures.get(name) for figures in rounds] for name in ("score", "return"))
    values: dict[str, Iterable[Any]] = {
        "return": returns,
        "max_drawdown": (figures.get("max_drawdown") for figures in rounds),
        "fitness": (
            trailing(scores[max(end - WINDOWS, 0) : end]) for end in range(1, len(rounds) + 1)
        ),
        "growth": accumulate(returns, grown, initial=1.0),
    }
    drawn = {name: short_list(each) for name, each in values.items()}
    return drawn | {"growth": drawn["growth"][1:]}


def grown(money: float | None, earned: float | None) -> float | None:
    """Money after a window; None from where a return is not known."""
    return None if money is None or earned is None else money * (1 + earned)


def trailing(scores: Iterable[float | None]) -> float | None:
    """The mean of those that are known, None of none."""
    known = [score for score in scores if score is not None]
    return total(known) / len(known) if known else None


def alive(rounds: Sequence[int], births: Sequence[int], deaths: Sequence[int]) -> list[int]:
    """How many agents played each of `rounds`: born by then, and not dead before."""
    born = np.searchsorted(np.sort(births), rounds, side="right")
    dead = np.searchsorted(np.sort(deaths), rounds, side="left")
    return (born - dead).tolist()


def _measure(rounds: Sequence[Round], measure: str, name: str) -> list[float | int | None]:
    return [short(row.curves.get(measure, {}).get(name)) for row in rounds]


def event_count(value: Any) -> int:
    """A count, or the sum of the counts by cause."""
    return sum(value.values()) if isinstance(value, dict) else value
