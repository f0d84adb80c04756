"""What one competition window was worth, from its sums (a WINDOW record): the choices of
`evolution.fitness`.
"""

from math import expm1, sqrt
from typing import Any

import numpy as np

from agents.life.trust import BRONZE

# of the largest drawdown, in the default score
DRAWDOWN_WEIGHT = 0.5


def score_of(kind: str, window: Any) -> float:
    """Fitness of one window. Ratios are per bar; 0 where returns do not vary or nothing was
    lost.
    """
    growth, drawdown = float(window["log_growth"]), float(window["max_drawdown"])
    if kind == "score":
        return growth - DRAWDOWN_WEIGHT * drawdown
    if kind == "roi":
        return expm1(growth)
    if kind == "sharpe":
        value = sharpe_of(window)
        return 0.0 if np.isnan(value) else value
    if kind == "sortino":
        deviation = sqrt(float(window["downside2"]) / max(int(window["bars"]), 1))
        return float(window["sum1"]) / int(window["bars"]) / deviation if deviation > 1e-12 else 0.0
    if kind == "calmar":
        return growth / drawdown if drawdown > 1e-12 else 0.0
    raise ValueError(f"no fitness is called {kind!r}")


def at_full_size(agents: np.ndarray, endowment: float) -> np.ndarray:
    """Copies, AGENT [n], that start with a founder's money and take what it may: no appetite of
    their own, no dearer trades and no lower leverage for scars. What scars took from their sight is
    gone.
    """
    copies = agents.copy()
    for name in ("endowment", "equity", "peak"):
        copies[name] = endowment
    for name in ("risk_fraction", "cost_multiplier", "scar_leverage"):
        copies[name] = 1.0
    copies["tier"], copies["no_leverage"], copies["state"] = BRONZE, 0, 0
    return copies


def sharpe_of(window: Any) -> float:
    """Mean over sample deviation of the window's bar returns, per bar; nan where they do not
    vary.
    """
    n = int(window["bars"])
    if n < 2:
        return float("nan")
    mean = float(window["sum1"]) / n
    variance = (float(window["sum2"]) - n * mean**2) / (n - 1)
    return mean / sqrt(variance) if variance > 1e-18 else float("nan")
