"""A year has as many bars as the series has in a year, whatever is open when."""

import numpy as np
import pytest

from arena.prices.files import builtin
from arena.prices.market.bars import DAY_MS
from arena.prices.market.year import bars_per_year
from tests.arena.prices.market.test_calendar import HOUR, forex, series, session

YEAR = 365.25


@pytest.mark.parametrize(
    ("timeframe", "expected"),
    [
        (HOUR, 24 * YEAR),
        (60_000, 1440 * YEAR),
        (DAY_MS, YEAR),
        (4 * HOUR, 6 * YEAR),
        (7 * DAY_MS, YEAR / 7),
    ],
)
def test_a_market_that_never_closes_has_every_bar(timeframe, expected):
    assert bars_per_year(
        series(np.arange(30 * 7 * DAY_MS // max(timeframe, HOUR)) * timeframe, timeframe)
    ) == pytest.approx(expected)


def slow_count(times, length_ms):
    """Bars that open within so long of the first, one by one."""
    return sum(1 for time in times.tolist() if time < times[0] + length_ms)


def test_hourly_forex_has_about_6250_bars_and_not_8760():
    times = forex(weeks=80)

    found = bars_per_year(series(times))

    assert found == slow_count(times, YEAR * DAY_MS)
    assert 6_240 <= found <= 6_270
    # under a year over whole weeks; a clock that is changed may move one bar in
    assert bars_per_year(series(times[:2_500])) == pytest.approx(120 * YEAR / 7, abs=4)


def test_one_bar_on_a_weekend_changes_next_to_nothing():
    times = forex()
    saturday = 1_624_708_800_000  # 2021-06-26 12:00 UTC

    assert bars_per_year(series(np.sort(np.append(times, saturday)))) == pytest.approx(
        bars_per_year(series(times)), abs=1.5
    )


def test_real_days_are_counted_over_whole_years():
    bars = builtin.load("ibm_daily")[0]
    years = int((bars.time[-1] + DAY_MS - bars.time[0]) / (YEAR * DAY_MS))

    assert bars_per_year(bars) == pytest.approx(
        slow_count(bars.time, years * YEAR * DAY_MS) / years
    )
    assert 251 < bars_per_year(bars) < 253


def test_a_session_has_its_own_hours():
    assert bars_per_year(series(session(10, 17, weeks=30))) == pytest.approx(
        5 * 7 * YEAR / 7, abs=4
    )


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (
            np.arange(5 * 24) * HOUR + 4 * DAY_MS,
            24 * YEAR,
        ),  # Monday to Friday: the weekend cannot be known
        (
            session(10, 17, weeks=1)[:28],
            7 * YEAR,
        ),  # four days: the nights can be known, the weekend cannot
        (forex(start="2021-03-01", weeks=1), 120 * YEAR / 7),
        (forex(start="2021-02-24", weeks=2)[:200], 120 * YEAR / 7),
        (np.delete(forex(start="2021-02-24", weeks=2)[:200], [30, 31]), 120 * YEAR / 7),
        (np.arange(2) * HOUR, 24 * YEAR),
    ],
    ids=[
        "five days",
        "four sessions",
        "a week of forex",
        "more than a week",
        "with a hole",
        "two bars",
    ],
)
def test_under_two_weeks_the_calendar_tells_as_much_as_can_be_seen(times, expected):
    assert bars_per_year(series(times)) == pytest.approx(expected)


def test_bars_longer_than_a_day_are_counted_too():
    months = np.array(
        [
            np.datetime64(f"{2000 + i // 12}-{i % 12 + 1:02}", "ms").astype(np.int64)
            for i in range(61)
        ]
    )

    assert bars_per_year(series(months, 30 * DAY_MS)) == pytest.approx(12, abs=0.3)
