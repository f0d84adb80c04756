"""Several series as one market: what they have in common, bar by bar, at the same times."""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from arena.prices.market.bars import COLUMNS, DAY_MS, Bars
from arena.prices.market.calendar import own_times


class NothingCommon(ValueError):
    """Series that no bar can be taken from at one time; the text says why."""


def at_common_times(series: Sequence[Bars]) -> tuple[Bars, ...]:
    """The bars of each series at the times that all of them have. NothingCommon where there are
    none, or bars differ in length.

    Days that are stamped otherwise in one series than in another meet by trading day, at 00:00 UTC
    of it.
    """
    if len({bars.timeframe_ms for bars in series}) > 1:
        raise NothingCommon("their bars differ in length")
    own = meeting_times(series)
    times = reduce(
        lambda ours, theirs: np.intersect1d(ours, theirs, assume_unique=True), own[1:], own[0]
    )
    if not times.size:
        raise NothingCommon("no bar of one opens when a bar of every other opens")
    return tuple(
        _at(bars, np.searchsorted(theirs, times), times)
        for bars, theirs in zip(series, own, strict=True)
    )


def meeting_times(series: Sequence[Bars]) -> list[np.ndarray]:
    """Of each series the times, int64 [n], by which its bars meet those of the others."""
    return (
        [own_times(bars) for bars in series]
        if by_trading_day(series)
        else [bars.time for bars in series]
    )


def by_trading_day(series: Sequence[Bars]) -> bool:
    """Whether all bars are a day long and one series stamps its days with another time than the
    others.
    """
    return (
        all(bars.timeframe_ms == DAY_MS for bars in series)
        and len({_stamps(bars) for bars in series}) > 1
    )


def _stamps(bars: Bars) -> bytes:
    """The times of day at which a series stamps its days."""
    return np.unique(bars.time % DAY_MS).tobytes()


def _at(bars: Bars, places: np.ndarray, times: np.ndarray) -> Bars:
    kept = {name: getattr(bars, name)[places] for name in COLUMNS if name != "time"}
    return Bars(time=times, **kept, timeframe_ms=bars.timeframe_ms)
