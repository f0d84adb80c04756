"""How many bars of a series make a year: what annual figures are scaled by, and says so."""

import numpy as np

from arena.prices.market.bars import DAY_MS, Bars
from arena.prices.market.calendar import WEEK_MS, gaps, hours_of_day

# of the Gregorian calendar, on average and nearly
YEAR_MS = DAY_MS * 1461 // 4


def bars_per_year(bars: Bars) -> float:
    """As many as the series has in a year: counted over the whole years it lasts, under a year over
    whole weeks.

    Under two weeks a hole would weigh too much: there, what is missing in opening hours counts as
    well, over a week, and under a week all days count as one that is seen.
    """
    lasts = int(bars.time[-1]) + bars.timeframe_ms - int(bars.time[0])
    if lasts >= YEAR_MS:
        return _counted(bars, lasts // YEAR_MS * YEAR_MS)
    if lasts >= 2 * WEEK_MS:
        return _counted(bars, lasts // WEEK_MS * WEEK_MS)
    if bars.timeframe_ms > DAY_MS or lasts < WEEK_MS:
        return YEAR_MS / DAY_MS * _bars_a_day(bars)
    lost = int(
        np.sum(
            [missing for after, _, missing in gaps(bars) if after < bars.time[0] + WEEK_MS],
            dtype=np.int64,
        )
    )
    return _counted(bars, WEEK_MS, lost)


def _counted(bars: Bars, stretch_ms: int, lost: int = 0) -> float:
    """Bars a year by those that open in the first `stretch_ms`, and `lost` more."""
    return (
        float(np.searchsorted(bars.time, bars.time[0] + stretch_ms) + lost) * YEAR_MS / stretch_ms
    )


def _bars_a_day(bars: Bars) -> float:
    return (
        len(hours_of_day(bars.time)) if bars.timeframe_ms < DAY_MS else DAY_MS / bars.timeframe_ms
    )
