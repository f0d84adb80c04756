"""When a market is open, inferred from its bars: nights, weekends and changes of the clock are its
calendar, missing bars are not.

A week is cut into slots as long as a bar. A slot is open in a week if most weeks around it have a
bar there; so one odd bar opens nothing, a holiday closes nothing, and where the clock is put
forward or back the slots move with it, for both happen on a Sunday and weeks are counted from
there. The whole series is looked at: nothing here is known to an agent.
"""

from dataclasses import dataclass

import numpy as np

from arena.prices.market.bars import DAY_MS, Bars

WEEK_MS = 7 * DAY_MS
MINUTE_MS = 60_000
# 1970-01-01 was a Thursday: day 2 and 3 of each seven are the weekend
WEEKEND = (2, 3)
SUNDAY_MS = 3 * DAY_MS
# weeks either side that have a say in what is usual
AROUND = 3
# a week with fewer bars than this share of the usual one says nothing of what is usual: an outage,
# or an end of the series
THIN = 0.5
# of all bars: what opening hours must account for, or the bars come at no hours that could be
# inferred
EXPLAINED = 0.9
# lengths of a slot that are tried where the one of a bar tells nothing, because not every bar is
# traded
COARSE = 15 * MINUTE_MS
# slots that are looked at, and how many for each bar: of a series with fewer bars nothing regular
# can be inferred
MOST_SLOTS, SPARSE = 1_000_000, 64
# from one close to the next open, over a weekend
LONGEST_WEEKEND_MS = 3 * DAY_MS
# days on which a slot of the day has to be seen to be one, in a series of less than two weeks
FEWEST_DAYS = 3


@dataclass(frozen=True, eq=False)
class Calendar:
    """Opening hours of a series. open: bool [weeks, slots], the first week from `start_ms` on; a
    slot lasts `slot_ms`.
    """

    start_ms: int
    slot_ms: int
    open: np.ndarray

    @property
    def slots_a_week(self) -> float:
        """How many are open in a usual week."""
        return float(np.median(self.open.sum(axis=1)))

    def missing(self, times: np.ndarray, timeframe_ms: int) -> np.ndarray:
        """Bars missing after each of `times` but the last, int64 [n - 1]: those that would open in
        an open slot.
        """
        running = np.concatenate([[0], np.cumsum(self.open.ravel(), dtype=np.int64)])
        places, into = np.divmod(times - self.start_ms, self.slot_ms)
        if timeframe_ms == self.slot_ms:
            # strictly between, wherever in its slot a bar begins
            return running[places[1:]] - running[places[:-1] + 1]
        # several bars to a slot, and the open part of the slots at either end
        open_ms = running[places] * self.slot_ms + self.open.ravel()[places] * into
        end_ms = open_ms[:-1] + self.open.ravel()[places[:-1]] * timeframe_ms
        return np.maximum((open_ms[1:] - end_ms) // timeframe_ms, 0)


def own_times(bars: Bars) -> np.ndarray:
    """int64 [n]: open times, where bars are a day long the market's own day at 00:00, whatever
    zone's midnight they are stamped with.

    A stamp belongs to the midnight nearest to it. Where that puts bars on a weekend and the day it
    falls on does not, as of days that are stamped with the hour at which a session opens, it is the
    day it falls on.
    """
    if bars.timeframe_ms != DAY_MS:
        return bars.time
    near, fallen_on = (bars.time + DAY_MS // 2) // DAY_MS, bars.time // DAY_MS
    # stamped with its last moment, a day is the one that ends then
    near = np.where(bars.time % DAY_MS >= DAY_MS - 1000, fallen_on, near)
    days = fallen_on if _at_weekends(fallen_on) < _at_weekends(near) else near
    # of two bars that claim one day, as where the clock changes, both keep their own
    return (days if np.all(np.diff(days) > 0) else fallen_on) * DAY_MS


def calendar_of(bars: Bars) -> Calendar | None:
    """The opening hours of a series; None where none can be inferred: under two weeks, or of bars
    longer than a day, or at no hours.
    """
    times = own_times(bars)
    if (
        WEEK_MS % bars.timeframe_ms
        or bars.timeframe_ms > DAY_MS
        or times[-1] + bars.timeframe_ms - times[0] < 2 * WEEK_MS
    ):
        return None
    for slot_ms in dict.fromkeys(
        max(bars.timeframe_ms, shortest) for shortest in (MINUTE_MS, COARSE)
    ):
        found = _regular(times, slot_ms)
        if found is not None:
            return found
    return None


def gaps(bars: Bars) -> list[tuple[int, int, int]]:
    """(open time of the bar before, of the bar after, bars missing between) for each gap.

    What a market lacks at night, over weekends and at any other hour at which it is regularly
    closed is no gap; a holiday is one.
    """
    times, calendar = own_times(bars), calendar_of(bars)
    missing = (
        _in_short(times, bars.timeframe_ms)
        if calendar is None
        else calendar.missing(times, bars.timeframe_ms)
    )
    return [
        (int(bars.time[i]), int(bars.time[i + 1]), int(missing[i]))
        for i in np.flatnonzero(missing > 0)
    ]


def hours_words(bars: Bars) -> str:
    """ "open 120 of 168 hours a week", or "open 5 of 7 days a week"; "" where the market never
    closes or it cannot be inferred.
    """
    calendar = calendar_of(bars)
    if calendar is None:
        kept = bars.timeframe_ms == DAY_MS and not _at_weekends(own_times(bars) // DAY_MS)
        return "open 5 of 7 days a week" if kept else ""
    if calendar.slots_a_week >= calendar.open.shape[1]:
        return ""
    unit_ms, unit = (DAY_MS, "days") if bars.timeframe_ms == DAY_MS else (DAY_MS // 24, "hours")
    return (
        f"open {calendar.slots_a_week * calendar.slot_ms / unit_ms:g} of {WEEK_MS // unit_ms}"
        f" {unit} a week"
    )


def _at_weekends(days: np.ndarray) -> int:
    """How many of days since 1970 are Saturdays or Sundays."""
    return int(np.isin(days % 7, WEEKEND).sum())


def _regular(times: np.ndarray, slot_ms: int) -> Calendar | None:
    """Opening hours in slots of that length; None where they do not account for the bars."""
    # slots begin where bars do, weeks on a Sunday
    start = (times[0] - SUNDAY_MS) // WEEK_MS * WEEK_MS + SUNDAY_MS + times[0] % slot_ms
    start -= WEEK_MS if start > times[0] else 0
    weeks, slots = int((times[-1] - start) // WEEK_MS) + 1, WEEK_MS // slot_ms
    if weeks * slots > MOST_SLOTS + SPARSE * len(times):
        return None
    places = (times - start) // slot_ms
    seen = np.zeros(weeks * slots, bool)
    seen[places] = True
    covered = np.zeros(weeks * slots, bool)
    covered[places[0] : places[-1] + 1] = True
    usual = _usual(seen.reshape(weeks, slots), covered.reshape(weeks, slots))
    return (
        Calendar(int(start), slot_ms, usual) if usual.ravel()[places].mean() >= EXPLAINED else None
    )


def _usual(seen: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """bool [weeks, slots]: whether most of the weeks around each, of those that say something, were
    seen to have a bar in the slot.
    """
    counts = seen.sum(axis=1)
    telling = np.flatnonzero(counts >= THIN * np.median(counts[counts > 0]))
    seen_there, covered_there = seen[telling], covered[telling]
    votes, asked = _around(seen_there), _around(covered_there)
    found = (2 * votes > asked) | (2 * votes == asked) & _as_ever(seen_there, covered_there)
    # a week that says nothing keeps the hours of the next one before it that does
    return found[np.maximum(np.searchsorted(telling, np.arange(len(seen)), side="right") - 1, 0)]


def _as_ever(seen: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """bool [n, slots]: what is open in most weeks of the series, in weeks that have no bar at any
    other hour; it decides a tie.

    A week with bars at other hours is one whose clock was changed, or an odd one: there nothing is
    open by custom.
    """
    custom = 2 * seen.sum(axis=0) >= covered.sum(axis=0)
    return custom & ~(seen & ~custom).any(axis=1, keepdims=True)


def _around(weeks: np.ndarray) -> np.ndarray:
    """Sums of bool [n, slots] over each row and as many either side, AROUND at most, one at least;
    int32 [n, slots].

    As many on one side as on the other, or before the end of a series a clock that was changed just
    now would be outvoted.
    """
    running = np.concatenate(
        [np.zeros((1, weeks.shape[1]), np.int32), np.cumsum(weeks, axis=0, dtype=np.int32)]
    )
    places = np.arange(len(weeks))
    reach = np.clip(np.minimum(places, places[::-1]), 1, AROUND)
    return (
        running[np.minimum(places + reach + 1, len(weeks))] - running[np.maximum(places - reach, 0)]
    )


def _in_short(times: np.ndarray, timeframe_ms: int) -> np.ndarray:
    """Bars missing after each where there is no calendar; nights and weekends left out where the
    little there is tells them.
    """
    missing = np.rint(np.diff(times) / timeframe_ms).astype(np.int64) - 1
    if (
        timeframe_ms > DAY_MS
        or not timeframe_ms >= MINUTE_MS
        or times[-1] + timeframe_ms - times[0] >= 2 * WEEK_MS
    ):
        return missing
    keeps_weekends = not _at_weekends(times // DAY_MS)
    hours = hours_of_day(times)
    for place in np.flatnonzero(missing > 0).tolist():
        opens = times[place] + timeframe_ms * np.arange(1, missing[place] + 1)
        if timeframe_ms < DAY_MS:
            closed = ~np.isin(opens % DAY_MS, hours) | _is_weekend(opens[0], times[place + 1])
        else:
            closed = np.isin(opens // DAY_MS % 7, WEEKEND) & keeps_weekends
        missing[place] = np.count_nonzero(~closed)
    return missing


def hours_of_day(times: np.ndarray) -> np.ndarray:
    """Times of the day, ms since 00:00 UTC, int64 [any], at which a series has bars; all there are
    where too few days are seen.
    """
    timeframe_ms = int(np.diff(times).min()) if len(times) > 1 else DAY_MS
    if len(np.unique(times // DAY_MS)) < FEWEST_DAYS:
        return np.arange(times[0] % timeframe_ms, DAY_MS, timeframe_ms)
    return np.unique(times % DAY_MS)


def _is_weekend(closed_ms: int, open_ms: int) -> bool:
    """Whether a market that closes and opens then does so over a weekend: a whole Saturday, and no
    more than three days.
    """
    saturday = -(-(closed_ms - 2 * DAY_MS) // WEEK_MS) * WEEK_MS + 2 * DAY_MS
    return saturday + DAY_MS <= open_ms and open_ms - closed_ms <= LONGEST_WEEKEND_MS
