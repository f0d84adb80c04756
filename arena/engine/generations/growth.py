"""What a round made of the agents of a block: fitness, trust and tier, and the figures that are
kept of it.
"""

from math import isnan
from typing import Any, NamedTuple

import numpy as np

from agents.life.trust import probabilistic_sharpe, tier_of, trust_of
from arena.engine.generations.fitness import score_of, sharpe_of
from arena.engine.results import FIGURES
from arena.settings_schema import Settings
from ml.sums import total

LIVED = ("bars", "sum1", "sum2", "sum3", "sum4")


class _Lived(NamedTuple):
    """Of an AGENT record what trust is made of."""

    bars: int
    sum1: float
    sum2: float
    sum3: float
    sum4: float
    max_drawdown: float
    scar_trust: float
    birth_trust: float
    tier: int


def grow(agents: np.ndarray, windows: np.ndarray, settings: Settings) -> None:
    """Fitness, trust and tier after a competition window each. agents: AGENT [n]; windows: WINDOW
    [n].

    What is more than a sum is worked out number by number: an agent's bits do not depend on who
    stands beside it.
    """
    for name in LIVED:
        agents[name] += windows[name]
    lived = np.flatnonzero(windows["bars"])
    scores = [score_of(settings.evolution.fitness, sums) for sums in _rows(windows[lived])]
    agents["scores"][lived, agents["windows"][lived] % agents["scores"].shape[1]] = scores
    agents["windows"][lived] += 1
    agents["fitness"][lived] = [_mean(kept) for kept in agents["scores"][lived].tolist()]
    lives = (
        _Lived(*row)
        for row in zip(*(agents[name].tolist() for name in _Lived._fields), strict=True)
    )
    trust = [_trust(life) for life in lives]
    agents["trust"], agents["tier"] = zip(*trust, strict=True)


def figures(
    agents: np.ndarray,
    equity_start: np.ndarray,
    practices: np.ndarray,
    windows: np.ndarray,
    trades: list[int],
) -> np.ndarray:
    """float64 [n, FIGURES] after `grow`. practices, windows: WINDOW [n], sums over practice and
    over the competition window.
    """
    lived, sums = windows["bars"] > 0, list(_rows(windows))
    columns = {
        name: agents[name]
        for name in ("number", "fitness", "epsilon", "trust", "tier", "scars", "state")
    } | {
        "equity_start": equity_start,
        "equity_end": agents["equity"],
        "return": agents["equity"] / equity_start - 1.0,
        "score": np.where(lived, [score_of("score", each) for each in sums], np.nan),
        "max_drawdown": np.where(lived, windows["max_drawdown"], np.nan),
        "sharpe": [sharpe_of(each) for each in sums],
        "reward": _per(practices["reward"], practices["bars"]),
        "loss": _per(practices["loss"], practices["updates"]),
        "trades": trades,
        "exposure": _per(windows["exposure"], windows["bars"]),
    }
    return np.stack([np.asarray(columns[name], np.float64) for name in FIGURES], axis=1)


def _rows(windows: np.ndarray) -> Any:
    """Of each WINDOW its fields by name, as plain numbers."""
    return (dict(zip(windows.dtype.names or (), row, strict=True)) for row in windows.tolist())


def _mean(scores: list[float]) -> float:
    """Of those there are."""
    known = [score for score in scores if not isnan(score)]
    return total(known) / len(known)


def _trust(life: _Lived) -> tuple[float, int]:
    """Trust and tier of one agent."""
    skill = probabilistic_sharpe(life.bars, life.sum1, life.sum2, life.sum3, life.sum4)
    trust = trust_of(
        bars=life.bars,
        skill=skill,
        max_drawdown=life.max_drawdown,
        scar_trust=life.scar_trust,
        birth_trust=life.birth_trust,
    )
    return trust, tier_of(trust, life.tier)


def _per(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    """total / count; nan where there is nothing to divide by."""
    return np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
