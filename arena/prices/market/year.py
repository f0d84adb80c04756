"""How many bars of a series make a year: what annual figures are scaled by, and says so."""

import numpy as np

from arena.prices.market.bars import DAY_MS, Bars

# days on which a market that is open all the time trades, and one that keeps its weekends
EVERY_DAY, WEEKDAYS = 365.0, 252.0
# a series shorter than this may miss a weekend by chance
WHOLE_WEEKS_MS = 14 * DAY_MS


def bars_per_year(bars: Bars) -> float:
    """365 days of bars; 252 days of as many bars as a day has on average where nothing ever opens at a weekend (UTC).

    Bars longer than a day are counted by their length alone.
    """
    days = bars.time // DAY_MS
    # 1970-01-01 was a Thursday: day 2 and 3 of each seven are the weekend
    weekends = np.isin(days % 7, (2, 3)).any()
    if weekends or bars.timeframe_ms > DAY_MS or bars.time[-1] - bars.time[0] < WHOLE_WEEKS_MS:
        return EVERY_DAY * DAY_MS / bars.timeframe_ms
    return WEEKDAYS * len(bars) / len(np.unique(days))
