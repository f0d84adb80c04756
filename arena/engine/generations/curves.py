"""The learning curves of a round: how each measure spreads over the agents that lived through
it.
"""

import numpy as np

from arena.engine.results import FIGURES

# curve -> column of FIGURES
MEASURES = {
    "return": "return",
    "reward": "reward",
    "loss": "loss",
    "epsilon": "epsilon",
    "fitness": "fitness",
    "trust": "trust",
    "equity": "equity_end",
    "max_drawdown": "max_drawdown",
    "exposure": "exposure",
    "trades": "trades",
}
LOWER_IS_BETTER = frozenset({"loss", "max_drawdown"})
STATISTICS = ("mean", "q1", "median", "q3", "best", "worst")


def curves(figures: np.ndarray) -> dict[str, dict[str, float | None]]:
    """{measure: {statistic: number}} of figures, float64 [agents, len(FIGURES)]; None where no
    agent has a finite value.
    """
    return {
        name: spread(figures[:, FIGURES.index(column)], name in LOWER_IS_BETTER)
        for name, column in MEASURES.items()
    }


def spread(values: np.ndarray, lower_is_better: bool) -> dict[str, float | None]:
    """Mean, quartiles, best and worst of the finite values."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return dict.fromkeys(STATISTICS)
    q1, median, q3 = np.percentile(finite, [25, 50, 75])
    ends = (finite.min(), finite.max()) if lower_is_better else (finite.max(), finite.min())
    return {
        name: float(x)
        for name, x in zip(STATISTICS, (finite.mean(), q1, median, q3, *ends), strict=True)
    }
