"""A market's calendar comes from its bars: nights, weekends, changes of the clock, and what of all
that is a gap.
"""

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from arena.prices.files import builtin
from arena.prices.market.bars import DAY_MS, Bars
from arena.prices.market.calendar import gaps, hours_words, own_times

HOUR = DAY_MS // 24
NEW_YORK, FRANKFURT = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")


def series(times, timeframe_ms=HOUR):
    flat = np.full(len(times), 100.0)
    return Bars(np.asarray(times, np.int64), flat, flat, flat, flat, flat, timeframe_ms)


def stamps(index):
    """int64 [n], UTC milliseconds of a pandas index with a zone."""
    return (
        index.tz_convert("UTC")
        .tz_localize(None)
        .to_numpy()
        .astype("datetime64[ms]")
        .astype(np.int64)
    )


def forex(start="2021-01-04", weeks=60):
    """By the hour from Sunday 17:00 to Friday 17:00 in New York, whose clock is put forward and
    back.
    """
    hours = pd.date_range(start, periods=weeks * 168, freq="h", tz="UTC").tz_convert(NEW_YORK)
    day, hour = hours.day_of_week, hours.hour
    closed = (day == 5) | ((day == 4) & (hour >= 17)) | ((day == 6) & (hour < 17))
    return stamps(hours[~closed])


def session(first, last, minutes=60, start="2021-01-04", weeks=60, zone=NEW_YORK):
    """Bars from `first` to `last` o'clock of each weekday, by the zone's clock."""
    times = pd.date_range(
        start, periods=weeks * 7 * 1440 // minutes, freq=f"{minutes}min", tz="UTC"
    ).tz_convert(zone)
    inside = (
        (times.day_of_week < 5)
        & (times.hour + times.minute / 60 >= first)
        & (times.hour + times.minute / 60 < last)
    )
    return stamps(times[inside])


def test_gaps_are_listed_with_the_bars_around_them_and_the_number_missing():
    assert gaps(series(HOUR * np.array([0, 1, 4, 5, 7]))) == [
        (HOUR, 4 * HOUR, 2),
        (5 * HOUR, 7 * HOUR, 1),
    ]


def test_weekends_are_no_gaps_of_business_days_but_holidays_are():
    # Thursday 1970-01-01, Friday, Monday, Wednesday, Thursday
    assert gaps(series(DAY_MS * np.array([0, 1, 4, 6, 7]), DAY_MS)) == [(4 * DAY_MS, 6 * DAY_MS, 1)]


def test_a_market_that_never_closes_misses_its_weekend():
    # Friday, Saturday, Tuesday ...
    assert gaps(series(DAY_MS * np.array([1, 2, 5, 6, 7]), DAY_MS)) == [(2 * DAY_MS, 5 * DAY_MS, 2)]


@pytest.mark.parametrize(
    ("times", "timeframe", "hours"),
    [
        (forex(), HOUR, "open 120 of 168 hours a week"),
        (session(9.5, 16, 30), HOUR // 2, "open 32.5 of 168 hours a week"),
        (session(9.5, 16, 1, weeks=12), 60_000, "open 32.5 of 168 hours a week"),
        (session(9, 17.5, 30, zone=FRANKFURT), HOUR // 2, "open 42.5 of 168 hours a week"),
        (np.arange(60 * 168) * HOUR, HOUR, ""),
        (forex(weeks=60)[::4], 4 * HOUR, "open 120 of 168 hours a week"),
    ],
    ids=[
        "forex",
        "New York",
        "New York by the minute",
        "Frankfurt",
        "all the time",
        "forex by four hours",
    ],
)
def test_nights_weekends_and_changes_of_the_clock_are_no_gaps(times, timeframe, hours):
    assert gaps(series(times, timeframe)) == []
    assert hours_words(series(times, timeframe)) == hours


@pytest.mark.parametrize("times", [forex(), session(9.5, 16)], ids=["forex", "New York"])
def test_what_is_missing_in_open_hours_is_found_wherever_it_is(times):
    # whole days and single hours, none at the end of a session, where a gap cannot be told from an
    # early close
    lost = np.unique(np.random.default_rng(3).integers(20, len(times) - 20, 25))
    lost = lost[np.diff(lost, prepend=0) > 1]

    found = gaps(series(np.delete(times, lost)))

    assert sum(missing for _, _, missing in found) == len(lost)
    assert {(after, before) for after, before, _ in found} == {
        (times[i - 1], times[i + 1]) for i in lost
    }


def test_an_outage_of_months_is_missing_and_not_closed():
    times = np.concatenate([np.arange(30 * 168), np.arange(45 * 168, 70 * 168)]) * HOUR

    assert gaps(series(times)) == [(times[30 * 168 - 1], times[30 * 168], 15 * 168)]


def test_one_odd_bar_on_a_weekend_opens_no_weekend():
    saturday = 1_624_708_800_000  # 2021-06-26 12:00 UTC
    times = np.sort(np.append(forex(), saturday))

    assert gaps(series(times)) == []
    assert hours_words(series(times)) == "open 120 of 168 hours a week"


def test_a_few_days_tell_nights_and_a_weekend():
    assert gaps(series(session(9.5, 16, weeks=1, start="2021-03-01"))) == []
    times = session(9.5, 16, start="2021-03-03", weeks=1)  # Wednesday to Tuesday
    assert gaps(series(times)) == []
    assert gaps(series(np.delete(times, 10))) == [(times[9], times[11], 1)]


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("UTC", 0),
        ("Europe/Berlin", 0),
        ("America/New_York", 0),
        ("Asia/Tokyo", 0),
        ("Australia/Sydney", 0),
        ("UTC", 14),
    ],
)
def test_a_day_is_the_markets_own_whatever_zone_it_is_stamped_in(zone, hour):
    """As 22:00 and 23:00 UTC of the day before, for a day of Frankfurt's."""
    days = pd.bdate_range("2020-01-06", periods=700)
    local = stamps((days + pd.Timedelta(hours=hour)).tz_localize(zone))
    plain = days.to_numpy().astype("datetime64[ms]").astype(np.int64)

    np.testing.assert_array_equal(own_times(series(local, DAY_MS)), plain)
    assert gaps(series(local, DAY_MS)) == gaps(series(plain, DAY_MS)) == []
    assert hours_words(series(local, DAY_MS)) == "open 5 of 7 days a week"


def test_of_real_days_the_holidays_alone_are_missing():
    bars = builtin.load("ibm_daily")[0]
    days = bars.time.astype("datetime64[ms]").astype("datetime64[D]")

    found = gaps(bars)

    # counted by the calendar of business days
    expected = np.busday_count(days[:-1], days[1:]) - 1
    assert sum(missing for _, _, missing in found) == expected.sum()
    assert len(found) == np.count_nonzero(expected)


def test_at_the_ends_of_a_series_nothing_is_overlooked():
    """Another hour lost every day, from the first week to the last, of a market that never
    closes.
    """
    times = np.arange(24, 31 * 24)
    lost = times[times % 24 == times // 24 % 23]

    assert sum(missing for _, _, missing in gaps(series(np.setdiff1d(times, lost) * HOUR))) == len(
        lost
    )
