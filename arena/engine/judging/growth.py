"""Growth in logarithms: a history of any length compounds into a number that can be held and
read.
"""

import numpy as np

from arena.engine.trading.ledger import LEAST_SHARE

# a larger log growth is no return that a float64 could hold, and counts as this one
MOST_LOG_GROWTH = 700.0


def log_returns(returns: np.ndarray) -> np.ndarray:
    """log(1 + r), float64 [bars], of net bar returns; finite, also of a bar that took
    everything.
    """
    return np.log1p(np.maximum(returns, LEAST_SHARE - 1.0))


def log_equity(returns: np.ndarray) -> np.ndarray:
    """Log of equity before the first bar, 0, and after each; float64 [bars + 1]."""
    return np.concatenate([[0.0], np.cumsum(log_returns(returns))])


def return_of(log_growth: float) -> float:
    """exp(log growth) - 1, a share; never infinite, see MOST_LOG_GROWTH."""
    return float(np.expm1(min(log_growth, MOST_LOG_GROWTH)))
