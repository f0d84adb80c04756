"""A year in bars: of markets that never close, of markets that keep their weekends, of bars longer than a day."""

import numpy as np
import pytest

from arena.prices.files import builtin
from arena.prices.market.bars import DAY_MS, Bars
from arena.prices.market.year import bars_per_year

HOUR = DAY_MS // 24


def series(times, timeframe_ms):
    flat = np.full(len(times), 100.0)
    return Bars(np.asarray(times, np.int64), flat, flat, flat, flat, flat, timeframe_ms)


@pytest.mark.parametrize(("timeframe", "expected"), [(HOUR, 8760), (60_000, 525_600), (DAY_MS, 365), (4 * HOUR, 2190)])
def test_a_market_that_never_closes_has_365_days(timeframe, expected):
    bars = series(np.arange(200 * DAY_MS // max(timeframe, HOUR)) * timeframe, timeframe)

    assert bars_per_year(bars) == expected


def test_daily_stocks_have_252_bars():
    assert bars_per_year(builtin.load("ibm_daily")[0]) == 252


def test_stocks_by_the_hour_have_252_days_of_their_session():
    days = [day for day in range(60) if day % 7 not in (2, 3)]
    times = [day * DAY_MS + (14 + hour) * HOUR for day in days for hour in range(7)]

    assert bars_per_year(series(times, HOUR)) == pytest.approx(252 * 7)


def test_a_series_too_short_to_hold_a_weekend_for_certain_counts_every_day():
    times = np.arange(5 * 24) * HOUR + 4 * DAY_MS  # Monday to Friday

    assert bars_per_year(series(times, HOUR)) == 8760


def test_weeks_are_counted_by_their_length():
    assert bars_per_year(series(np.arange(100) * 7 * DAY_MS + 4 * DAY_MS, 7 * DAY_MS)) == pytest.approx(365 / 7)
