"""Several series as one market: what they have in common, bar by bar, at the same times."""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from arena.prices.market.bars import COLUMNS, Bars


class NothingCommon(ValueError):
    """Series that no bar can be taken from at one time; the text says why."""


def aligned(series: Sequence[Bars]) -> tuple[Bars, ...]:
    """The bars of each series at the times that all of them have. NothingCommon where there are none, or bars differ in length."""
    if len({bars.timeframe_ms for bars in series}) > 1:
        raise NothingCommon("their bars differ in length")
    times = reduce(lambda ours, bars: np.intersect1d(ours, bars.time, assume_unique=True), series[1:], series[0].time)
    if not times.size:
        raise NothingCommon("no bar of one opens when a bar of every other opens")
    return tuple(_at(bars, np.searchsorted(bars.time, times)) for bars in series)


def _at(bars: Bars, places: np.ndarray) -> Bars:
    return Bars(**{name: getattr(bars, name)[places] for name in COLUMNS}, timeframe_ms=bars.timeframe_ms)
