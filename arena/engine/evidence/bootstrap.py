"""How far figures of one stretch of bars could have been otherwise: the stationary bootstrap (Politis and Romano, 1994).

Blocks of random length are drawn from the series, round its end to its beginning, until they are as long as it is. Within a block
bars keep their order, so that what depends on the bars just before is kept. Blocks are summed by differences of running sums.
"""

from dataclasses import dataclass

import numpy as np

from arena.engine.judging.growth import log_returns, return_of

SAMPLES = 1000
LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """Ends between which a figure lies with LEVEL."""

    low: float
    high: float


def block_length(bars: int) -> float:
    """Mean length of a block, bars: the cube root of the series, the rate at which it must grow."""
    return max(1.0, round(bars ** (1 / 3)))


def resampled_sums(series: np.ndarray, rng: np.random.Generator, samples: int = SAMPLES) -> np.ndarray:
    """Sums of each column of float64 [bars, columns] over `samples` resampled series, float64 [samples, columns]."""
    running = np.concatenate([np.zeros((1, series.shape[1])), np.cumsum(np.concatenate([series, series]), axis=0)])
    return np.stack([_sum(running, *blocks(len(series), rng)) for _ in range(samples)])


def blocks(bars: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(starts, lengths), int64 [any], of blocks that are `bars` long together; starts in 0 .. bars - 1, lengths geometric."""
    mean = block_length(bars)
    lengths: list[np.ndarray] = []
    short = bars
    while short > 0:
        # no block longer than the series, or it would run round it twice
        drawn = np.minimum(rng.geometric(1.0 / mean, int(short / mean * 1.2) + 8), bars)
        lengths.append(drawn)
        short -= int(drawn.sum())
    found = np.concatenate(lengths)
    ends = np.cumsum(found)
    found = found[: int(np.searchsorted(ends, bars)) + 1].copy()
    found[-1] -= found.sum() - bars
    return rng.integers(0, bars, len(found)), found


def _sum(running: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    return (running[starts + lengths] - running[starts]).sum(axis=0)


def interval_of_return(returns: np.ndarray, rng: np.random.Generator, against: np.ndarray | None = None) -> Interval | None:
    """Of the whole return, a share; with `against` (returns of another on the same bars) of equity relative to theirs, less 1."""
    if len(returns) < 2:
        return None
    growth = log_returns(returns) - (log_returns(against) if against is not None else 0.0)
    low, high = np.quantile(resampled_sums(growth[:, None], rng)[:, 0], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(return_of(low), return_of(high))


def interval_of_sharpe(returns: np.ndarray, rng: np.random.Generator) -> Interval | None:
    """Of the Sharpe ratio a bar; None where returns do not vary."""
    n = len(returns)
    if n < 2 or np.var(returns) <= 1e-18:
        return None
    total, squares = resampled_sums(np.stack([returns, returns**2], axis=1), rng).T
    variance = (squares - total**2 / n) / (n - 1)
    found = np.where(variance > 1e-18, total / n / np.sqrt(np.maximum(variance, 1e-18)), 0.0)
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))
