"""How far figures of one stretch of bars could have been otherwise: the stationary bootstrap
(Politis and Romano, 1994).

Blocks of random length are drawn from the series, round its end to its beginning, until they are as
long as it is. Within a block bars keep their order, so that what depends on the bars just before is
kept. Blocks are summed by differences of running sums.
"""

from dataclasses import dataclass

import numpy as np

from arena.engine.judging.growth import log_returns, return_of

SAMPLES = 1000
LEVEL = 0.95


@dataclass(frozen=True)
class BootstrapInterval:
    """Ends between which a figure lies with LEVEL; p: how likely so much above 0 is by chance
    alone.

    p is the share of resampled series whose figure is not above 0, counting this one as another, so
    that it is never 0.
    """

    low: float
    high: float
    p: float


def block_length(bars: int) -> float:
    """Mean length of a block, bars: the cube root of the series, the rate at which it must grow."""
    return max(1.0, round(bars ** (1 / 3)))


def resampled_sums(
    series: np.ndarray, rng: np.random.Generator, samples: int = SAMPLES
) -> np.ndarray:
    """Sums of each column of float64 [bars, columns] over `samples` resampled series, float64
    [samples, columns].
    """
    running = np.concatenate(
        [np.zeros((1, series.shape[1])), np.cumsum(np.concatenate([series, series]), axis=0)]
    )
    return np.stack([_sum(running, *blocks(len(series), rng)) for _ in range(samples)])


def blocks(bars: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(starts, lengths), int64 [any], of blocks that are `bars` long together; starts in 0 .. bars
    - 1, lengths geometric.
    """
    mean = block_length(bars)
    found = _lengths(bars, mean, bars, rng)
    ends = found.cumsum()
    while ends[-1] < bars:
        found = np.concatenate([found, _lengths(bars - int(ends[-1]), mean, bars, rng)])
        ends = found.cumsum()
    count = int(ends.searchsorted(bars)) + 1
    found[count - 1] -= ends[count - 1] - bars
    return rng.integers(0, bars, count), found[:count]


def _lengths(short: int, mean: float, bars: int, rng: np.random.Generator) -> np.ndarray:
    """Lengths of blocks, int64 [any], that will most likely do for `short` bars more."""
    found = rng.geometric(1.0 / mean, int(short / mean * 1.2) + 8)
    # no block longer than the series, or it would run round it twice
    return np.minimum(found, bars, out=found)


def _sum(running: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    return (running.take(starts + lengths, axis=0) - running.take(starts, axis=0)).sum(axis=0)


def interval_of_return(
    returns: np.ndarray, rng: np.random.Generator, against: np.ndarray | None = None
) -> BootstrapInterval | None:
    """Of the whole return, a share; with `against` (returns of another on the same bars) of equity
    relative to theirs, less 1.
    """
    if len(returns) < 2:
        return None
    growth = log_returns(returns) - (log_returns(against) if against is not None else 0.0)
    found = _interval(resampled_sums(growth[:, None], rng)[:, 0])
    return BootstrapInterval(return_of(found.low), return_of(found.high), found.p)


def interval_of_sharpe(returns: np.ndarray, rng: np.random.Generator) -> BootstrapInterval | None:
    """Of the Sharpe ratio a bar; None where returns do not vary."""
    n = len(returns)
    if n < 2 or np.var(returns) <= 1e-18:
        return None
    total, squares = resampled_sums(np.stack([returns, returns**2], axis=1), rng).T
    variance = (squares - total**2 / n) / (n - 1)
    found = np.where(variance > 1e-18, total / n / np.sqrt(np.maximum(variance, 1e-18)), 0.0)
    return _interval(found)


def _interval(found: np.ndarray) -> BootstrapInterval:
    """Of what resampled series gave, float64 [samples]."""
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return BootstrapInterval(
        float(low), float(high), (1 + int(np.sum(found <= 0.0))) / (1 + len(found))
    )
