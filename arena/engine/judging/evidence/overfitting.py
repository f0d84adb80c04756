"""The probability of backtest overfitting, by symmetric cross-validation (Bailey, Borwein, Lopez de
Prado and Zhu, 2017).
"""

from itertools import combinations

import numpy as np

from agents.life.sharpe import STILL

SLICES = 16
# of each slice, so that a Sharpe ratio can be taken of half of them
LEAST_BARS = 4
# ways of halving worked on at once: bounds the memory
AT_ONCE = 256


def slice_sums(returns: np.ndarray, slices: int = SLICES) -> np.ndarray | None:
    """Number, sum and sum of squares of the returns (float64 [bars]) in each of `slices` equal
    parts, float64 [slices, 3].

    The first bars that fill no part are left out. None where a part would hold fewer than
    LEAST_BARS.
    """
    length = len(returns) // slices
    if length < LEAST_BARS:
        return None
    parts = returns[len(returns) - length * slices :].reshape(slices, length)
    return np.stack(
        [np.full(slices, float(length)), parts.sum(axis=1), (parts**2).sum(axis=1)], axis=1
    )


def overfitting(sums: np.ndarray) -> float | None:
    """Of all ways to choose on one half, the share in which the chosen trial does worse on the
    other half than the median trial.

    sums: float64 [trials, slices, 3] as of `slice_sums`; a trial is chosen by its Sharpe ratio.
    Exactly the median counts half. None for a single trial.
    """
    trials, slices, _ = sums.shape
    if trials < 2:
        return None
    halves = np.array(list(combinations(range(slices), slices // 2)))
    worse = [
        _worse(sums, halves[first : first + AT_ONCE]) for first in range(0, len(halves), AT_ONCE)
    ]
    return float(np.mean(np.concatenate(worse)))


def _worse(sums: np.ndarray, halves: np.ndarray) -> np.ndarray:
    """1 where the trial chosen on a half, slices int64 [ways, slices / 2], is below the median on
    the other, 0.5 where at it, else 0.
    """
    chosen = np.zeros((len(halves), sums.shape[1]))
    np.put_along_axis(chosen, halves, 1.0, axis=1)
    here, there = (sharpes(np.tensordot(half, sums, (1, 1))) for half in (chosen, 1.0 - chosen))
    best = np.argmax(here, axis=1)[:, None]
    own = np.take_along_axis(there, best, axis=1)
    # the mean rank among equals, from 1
    rank = (there < own).sum(axis=1) + ((there == own).sum(axis=1) + 1) / 2
    relative = rank / (there.shape[1] + 1)
    return np.where(np.isclose(relative, 0.5), 0.5, (relative < 0.5).astype(float))


def sharpes(sums: np.ndarray) -> np.ndarray:
    """Sharpe ratio a bar from number, sum and sum of squares in the last axis; 0 where nothing
    varied: nothing was ventured.
    """
    n, total, squares = sums[..., 0], sums[..., 1], sums[..., 2]
    mean = total / n
    variance = (squares - n * mean**2) / (n - 1)
    still = variance <= STILL
    return np.where(still, 0.0, mean / np.sqrt(np.where(still, 1.0, variance)))
