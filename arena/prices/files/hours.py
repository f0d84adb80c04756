"""When a market trades, in words, as its bars tell it: days, hours by the clock of a city that
keeps them steady, days a year.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np

from arena.prices.files.cells.local_time import offsets_of
from arena.prices.market.bars import DAY_MS, MONTH_MS, Bars
from arena.prices.market.calendar import own_times
from arena.prices.market.year import YEAR_MS, bars_per_year

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# cities whose clocks are tried, those of the largest markets first; UTC where none keeps hours
# steadier
CITIES = (
    "America/New_York",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Tokyo",
    "Asia/Hong_Kong",
    "Asia/Kolkata",
    "Australia/Sydney",
)
# share of the most frequent weekday's bars that makes another one a trading day
USUAL_DAY = 0.3
# days that have to be seen before hours are inferred
LEAST_DAYS = 5
MOST_DAYS = 4000


def hours_of(bars: Bars) -> str:
    """ "Mon-Fri 09:30-16:00 New York, about 252 days a year"; "" where too little is there to
    tell.
    """
    if bars.timeframe_ms % MONTH_MS == 0:
        return f"calendar months, {12 * MONTH_MS // bars.timeframe_ms} bars a year"
    times = own_times(bars)[-MOST_DAYS * 1440 :]
    if bars.timeframe_ms > DAY_MS or len(np.unique(times // DAY_MS)) < LEAST_DAYS:
        return ""
    if bars.timeframe_ms == DAY_MS:
        usual = _weekdays(times)
        return f"{_days(usual)}, about {_a_year(bars, len(usual), 1.0)} days a year"
    city, local = _steady(times)
    days, first = np.unique(local // DAY_MS, return_index=True)
    last = np.append(first[1:], len(local)) - 1
    opens, closes = local[first] % DAY_MS, local[last] % DAY_MS + bars.timeframe_ms
    words, a_week = _hours(days, opens, closes)
    return f"{words} {city}, about {_a_year(bars, a_week, len(times) / len(days))} days a year"


def _a_year(bars: Bars, days_a_week: float, bars_a_day: float) -> int:
    """Trading days a year: counted where the series lasts one, else as many as its weeks make."""
    lasts = int(bars.time[-1]) + bars.timeframe_ms - int(bars.time[0])
    if lasts >= YEAR_MS and days_a_week == int(days_a_week):
        return min(round(bars_per_year(bars) / bars_a_day), 365)
    return min(round(days_a_week * YEAR_MS / (7 * DAY_MS)), 365)


def _steady(times: np.ndarray) -> tuple[str, np.ndarray]:
    """(city, times by its clock) of the clock by which days begin at the fewest different times."""
    found = [("UTC", times)] + [
        (zone.rpartition("/")[2].replace("_", " "), times + offsets_of(times, ZoneInfo(zone)))
        for zone in CITIES
    ]
    return min(found, key=lambda each: _beginnings(each[1]))


def _beginnings(local: np.ndarray) -> int:
    """How many different times of day there are bars at, over all days."""
    return len(np.unique(local % DAY_MS))


def _weekdays(times: np.ndarray) -> list[int]:
    """Days of the week with bars, Monday 0."""
    counts = np.bincount((times // DAY_MS + 3) % 7, minlength=7)
    return [day for day in range(7) if counts[day] >= USUAL_DAY * counts.max()]


def _hours(days: np.ndarray, opens: np.ndarray, closes: np.ndarray) -> tuple[str, float]:
    """(days and hours: one stretch a day, or one a week; trading days a week)."""
    weekday = (days + 3) % 7
    usual = _weekdays(days * DAY_MS)
    usual_hours = {
        day: (_most(opens[weekday == day]), _most(closes[weekday == day])) for day in usual
    }
    if all(usual_hours[day] == (0, DAY_MS) for day in usual):
        return f"{_days(usual)} all day", len(usual)
    if len({*usual_hours.values()}) == 1:
        start, end = usual_hours[usual[0]]
        return f"{_days(usual)} {_clock(start)}-{_clock(end)}", len(usual)
    week = sorted(usual, key=lambda day: (day + 1) % 7)
    inner = [day for day in week[1:-1] if usual_hours[day] == (0, DAY_MS)]
    if (
        len(inner) == len(week) - 2
        and usual_hours[week[0]][1] == DAY_MS
        and usual_hours[week[-1]][0] == 0
    ):
        start, end = usual_hours[week[0]][0], usual_hours[week[-1]][1]
        lasts = len(week) - 1 + (end - start) / DAY_MS
        return f"{DAYS[week[0]]} {_clock(start)} to {DAYS[week[-1]]} {_clock(end)}", lasts + 1e-9
    start, end = _most(opens), _most(closes)
    return f"{_days(usual)} mostly {_clock(start)}-{_clock(end)}", len(usual)


def _days(days: Sequence[int]) -> str:
    """Mon-Fri, every day, or one by one."""
    if len(days) == 7:
        return "every day"
    if len(days) > 2 and list(days) == list(range(days[0], days[0] + len(days))):
        return f"{DAYS[days[0]]}-{DAYS[days[-1]]}"
    if len(days) > 2 and sorted((day + 1) % 7 for day in days) == list(range(len(days))):
        return f"Sun-{DAYS[len(days) - 2]}"
    return ", ".join(DAYS[day] for day in days)


def _most(values: np.ndarray) -> int:
    sizes, counts = np.unique(values, return_counts=True)
    return int(sizes[np.argmax(counts)])


def _clock(ms: int) -> str:
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}"
