"""Copies of a market without its structure: the same bars in another order, so that the past says
nothing about the future.
"""

from collections.abc import Sequence

import numpy as np

from arena.prices.market.bars import Bars


def shuffled(series: Sequence[Bars], rng: np.random.Generator, block: int = 1) -> tuple[Bars, ...]:
    """Series of the same times in blocks of `block` bars, the blocks in one random order for all;
    times stay where they are.

    A bar keeps its shape: its open from the close before, its high, low and close from its open, in
    logarithms, and its volume. So drift and distribution of returns stay, and the price ends where
    it ended. What lies within a block stays too: 1 leaves nothing. And what happened in one bar
    stays together: symbols move with one another as they did.
    """
    order = _order(len(series[0]), rng, block)
    return tuple(_reordered(bars, order) for bars in series)


def _reordered(bars: Bars, order: np.ndarray) -> Bars:
    before = np.concatenate([bars.open[:1], bars.close[:-1]])
    gap, body = np.log(bars.open / before)[order], np.log(bars.close / bars.open)[order]
    closes = np.log(bars.open[0]) + np.cumsum(gap + body)
    open_, close = np.exp(closes - body), np.exp(closes)
    high, low = open_ * (bars.high / bars.open)[order], open_ * (bars.low / bars.open)[order]
    # the last digit of a product may fall on the wrong side of it
    high, low = np.maximum.reduce([high, open_, close]), np.minimum.reduce([low, open_, close])
    return Bars(bars.time, open_, high, low, close, bars.volume[order], bars.timeframe_ms)


def _order(count: int, rng: np.random.Generator, block: int) -> np.ndarray:
    """int64 [count]: which bar comes where; the last block may be shorter."""
    starts = rng.permutation(np.arange(0, count, block))
    return np.concatenate([np.arange(start, min(start + block, count)) for start in starts])
