"""A part of a series, and longer bars made of its bars."""

import numpy as np

from arena.prices.market.bars import COLUMNS, DAY_MS, MONTH_MS, Bars

WEEK_MS = 7 * DAY_MS
# 1970-01-05 was the first Monday
MONDAY_MS = 4 * DAY_MS


class Unfit(ValueError):
    """Bars that cannot be made of these; the text says why."""


def between(bars: Bars, start_ms: int, stop_ms: int) -> Bars | None:
    """The bars that open in [start_ms, stop_ms), None where that is fewer than two."""
    first, last = np.searchsorted(bars.time, [start_ms, stop_ms])
    if last - first < 2:
        return None
    return Bars(
        **{name: getattr(bars, name)[first:last] for name in COLUMNS},
        timeframe_ms=bars.timeframe_ms,
    )


def longer(bars: Bars, length_ms: int) -> Bars:
    """Bars of `length_ms` made of shorter ones: days begin at 00:00 UTC, weeks on Monday, months on
    their first day.

    open of the first, highest high, lowest low, close of the last, volumes added; where a bar is
    missing, the longer one is made of those that are there. Raises Unfit for a length that is not
    one of several whole bars.
    """
    own = bars.timeframe_ms
    fits = length_ms % own == 0 or (length_ms % MONTH_MS == 0 and own <= DAY_MS)
    if length_ms <= own or not fits:
        raise Unfit("a longer bar must be made of several whole bars")
    opens = openings(bars.time, length_ms)
    starts = np.flatnonzero(np.diff(opens, prepend=opens[0] - 1))
    ends = np.append(starts[1:], len(bars)) - 1
    return Bars(
        opens[starts],
        bars.open[starts],
        np.maximum.reduceat(bars.high, starts),
        np.minimum.reduceat(bars.low, starts),
        bars.close[ends],
        np.add.reduceat(bars.volume, starts),
        length_ms,
    )


def openings(time: np.ndarray, length_ms: int) -> np.ndarray:
    """int64 [n]: when the bar of `length_ms` opens that each of some times, ms UTC, falls into."""
    if length_ms % MONTH_MS == 0:
        months = time.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
        each = length_ms // MONTH_MS
        return (
            (months // each * each)
            .astype("datetime64[M]")
            .astype("datetime64[ms]")
            .astype(np.int64)
        )
    since = MONDAY_MS if length_ms % WEEK_MS == 0 else 0
    return (time - since) // length_ms * length_ms + since
