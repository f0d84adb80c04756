"""A point of every curve: what a closed round tells, as a row of numbers in one order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.strategies.rules import BESIDE
from arena.models import Round
from arena.selectors.numbers import short
from arena.selectors.rounds.curves import (
    BASELINE_FIGURES,
    DIVERSITY,
    EVENTS,
    MEASURES,
    STATISTICS,
    WINDOWS,
    event_count,
    trailing,
)
from arena.selectors.rounds.house import BOOKS, profit

# of rounds so far: those on bars used before; money put in for newcomers, in how many rounds, and
# the last of them, -1 of none
BOOKED = ("reused", "put_in", "put_in_rounds", "put_in_last")
HOLD = "buy_and_hold"
# how many agents played a round, and how many of them earned more than who bought and held
COUNTS = ("alive", "ahead")
# where each number of a row stands among the curves; `ever`: counts of events so far
PATHS: tuple[tuple[str, ...], ...] = (
    *(("measures", measure, name) for measure in MEASURES for name in STATISTICS),
    *(("baselines", figure, name) for figure in BASELINE_FIGURES for name in BESIDE),
    *(("events", name) for name in EVENTS),
    *(("diversity", name) for name in DIVERSITY),
    *(("money", name) for name in ("profit", *BOOKS)),
    *((name,) for name in COUNTS),
    ("reused",),
    *(("ever", name) for name in (*EVENTS, *BOOKED)),
)
PLACE = {path: place for place, path in enumerate(PATHS)}


@dataclass(frozen=True)
class RoundColumns:
    """The columns of a closed round's row that curves are made of; before: baselines of up to
    WINDOWS - 1 rounds before it, oldest first.
    """

    curves: Mapping[str, Any]
    baselines: Mapping[str, Any]
    diversity: Mapping[str, Any]
    events: Mapping[str, Any]
    ledger: Mapping[str, Any]
    reused: bool
    before: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, row: Round, before: Sequence[Mapping[str, Any]]) -> "RoundColumns":
        """Of the row itself."""
        names = ("curves", "baselines", "diversity", "events", "ledger", "reused")
        return cls(**{name: getattr(row, name) for name in names}, before=before)


def line(
    row: RoundColumns, index: int, returns: np.ndarray, before: np.ndarray | None
) -> np.ndarray:
    """float64 [len(PATHS)], nan where there is no value; returns: those of all who played the
    round; before: the line of the round before.
    """
    held = _number(row.baselines.get(HOLD, {}).get("return"))
    values: dict[tuple[str, ...], Any] = {
        **{
            ("measures", measure, name): row.curves.get(measure, {}).get(name)
            for measure in MEASURES
            for name in STATISTICS
        },
        **_rules(row, before),
        **{("events", name): event_count(row.events.get(name, 0)) for name in EVENTS},
        **{("diversity", name): row.diversity.get(name) for name in DIVERSITY},
        ("money", "profit"): profit(row.ledger),
        **{("money", name): row.ledger.get(name) for name in BOOKS},
        ("alive",): len(returns),
        ("ahead",): np.nan if np.isnan(held) else np.count_nonzero(returns > held),
        ("reused",): row.reused,
    }
    values |= _ever(row, index, before)
    return np.array([_number(values[path]) for path in PATHS])


def _ever(row: RoundColumns, index: int, before: np.ndarray | None) -> dict[tuple[str, ...], Any]:
    put_in = row.ledger.get("put_in") or 0.0
    added: dict[str, Any] = {name: event_count(row.events.get(name, 0)) for name in EVENTS}
    added |= {"reused": int(row.reused), "put_in": put_in, "put_in_rounds": int(put_in > 0)}
    sofar = dict.fromkeys((*EVENTS, *BOOKED), 0.0) | {"put_in_last": -1.0}
    if before is not None:
        sofar = {name: before[PLACE["ever", name]] for name in sofar}
    found: dict[tuple[str, ...], Any] = {
        ("ever", name): sofar[name] + value for name, value in added.items()
    }
    return found | {("ever", "put_in_last"): index if put_in > 0 else sofar["put_in_last"]}


def _rules(row: RoundColumns, before: np.ndarray | None) -> dict[tuple[str, ...], Any]:
    found: dict[tuple[str, ...], Any] = {}
    for name in BESIDE:
        own, growth = row.baselines.get(name, {}), ("baselines", "growth", name)
        scores = [each.get(name, {}).get("score") for each in (*row.before, row.baselines)]
        found |= {
            ("baselines", "return", name): own.get("return"),
            ("baselines", "max_drawdown", name): own.get("max_drawdown"),
            ("baselines", "fitness", name): trailing(scores[-WINDOWS:]),
            # nan from where a return is not known
            growth: (1.0 if before is None else before[PLACE[growth]])
            * (1 + _number(own.get("return"))),
        }
    return found


def _number(value: Any) -> float:
    return np.nan if value is None or not np.isfinite(value) else float(value)


def columns(lines: np.ndarray) -> dict[str, Any]:
    """Curves as of `selectors.rounds.curves.curves`, but for the rounds, of float64 [rounds,
    len(PATHS)]: an array a line. Rules that were never played are left out.
    """
    found: dict[str, Any] = {"baselines": {name: {} for name in BASELINE_FIGURES}}
    returns = {name: lines[:, PLACE["baselines", "return", name]] for name in BESIDE}
    absent = {name for name, values in returns.items() if np.isnan(values).all()}
    for path, values in zip(PATHS, lines.T, strict=True):
        if path[0] == "ever" or (path[0] == "baselines" and path[-1] in absent):
            continue
        inner = found
        for name in path[:-1]:
            inner = inner.setdefault(name, {})
        inner[path[-1]] = values
    return found


def ever(line: np.ndarray) -> dict[str, float | int | None]:
    """How much of each of EVENTS and BOOKED there was up to the round of a line."""
    whole = {name: int(line[PLACE["ever", name]]) for name in (*EVENTS, *BOOKED)}
    return whole | {"put_in": short(float(line[PLACE["ever", "put_in"]]))}
