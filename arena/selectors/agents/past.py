"""Agents as they stood when an earlier round was closed."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from arena.models import Experiment, Intervention
from arena.selectors.agents.population import Row
from arena.selectors.rounds.figures import COLUMN, figures_by_round

Figures = dict[int, dict[str, float]]  # {agent number: {figure: value}}
# {agent number: (trades, net profits)}, since its birth
Lived = Mapping[int, tuple[int, float]]


@dataclass(frozen=True)
class Past:
    """What is known of the close of a round: figures of it and of the round after; by agent number
    what it had come to, and learning rates before later edits.
    """

    now: Figures
    later: Figures
    lived: Lived
    rates: dict[int, float]


def rows_as_of(*, experiment: Experiment, index: int, rows: list[Row], lived: Lived) -> list[Row]:
    """`rows` as they stood when round `index` was closed: later births left out, later deaths
    undone, figures as of then.

    lived: of those who then lived, as the round's summary has it.

    None where nothing tells: the lifetime drawdown of who was alive, and trust and tier of who was
    just born.
    """
    figures = figures_by_round(experiment=experiment, rounds=(index, index + 1))
    past = Past(
        now=_by_number(figures.get(index)),
        later=_by_number(figures.get(index + 1)),
        lived=lived,
        rates=_rates_before_edits(experiment, index),
    )
    known = [row for row in rows if row["birth_round"] <= index + 1]
    return [row if _dead_by(row, index) else {**row, **_then(row, past)} for row in known]


def _dead_by(row: Row, index: int) -> bool:
    return row["death_round"] is not None and row["death_round"] <= index


def _then(row: Row, past: Past) -> Row:
    """Fields of one who was alive then."""
    number = row["number"]
    now, later = past.now.get(number), past.later.get(number)
    alive: Row = {"state": "active", "death_round": None, "max_drawdown": None}
    alive["trade_count"], earned = past.lived.get(number, (0, 0.0))
    alive["learning_rate"] = past.rates.get(number, row["learning_rate"])
    if now is None:
        newborn = {
            "fitness": None,
            "trust": None,
            "tier": None,
            "scar_count": 0,
            "return_since_birth": 0.0,
        }
        return {**alive, **newborn, "equity": row["endowment"]}
    equity = later["equity_start"] if later else now["equity_end"]
    # whatever was paid for children, a return since birth is the net profits over the endowment
    grown = earned / row["endowment"]
    judged = {
        "fitness": now["fitness"],
        "trust": now["trust"],
        "tier": int(now["tier"]),
        "scar_count": int(now["scars"]),
    }
    return {**alive, **judged, "equity": equity, "return_since_birth": grown}


def _by_number(figures: np.ndarray | None) -> Figures:
    if figures is None:
        return {}
    return {
        int(row[COLUMN["number"]]): dict(zip(COLUMN, row.tolist(), strict=True)) for row in figures
    }


def _rates_before_edits(experiment: Experiment, index: int) -> dict[int, float]:
    """Learning rates before the first edit that was felt later than in round `index` + 1."""
    edits = Intervention.objects.filter(
        experiment=experiment, field="learning_rate", effective_round__gt=index + 1
    )
    return {
        number: float(before)
        for number, before in edits.order_by("-pk").values_list("agent__number", "before")
    }
