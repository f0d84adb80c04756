"""Several series become one market at the times that all of them have."""

import numpy as np
import pytest

from arena.prices.market.bars import COLUMNS, Bars, sha256_of
from arena.prices.market.together import NothingCommon, at_common_times, by_trading_day
from tests.arena.engine.small import small_bars


def kept(bars, places):
    return Bars(
        *(
            getattr(bars, name)[places]
            for name in ("time", "open", "high", "low", "close", "volume")
        ),
        bars.timeframe_ms,
    )


def test_what_is_common_is_what_every_series_has():
    rng = np.random.default_rng(3)
    series = [
        kept(small_bars(seed, 300), np.sort(rng.choice(300, 260, replace=False)))
        for seed in (1, 2, 3)
    ]

    common = at_common_times(series)

    times = sorted(set.intersection(*(set(bars.time.tolist()) for bars in series)))
    assert 0 < len(times) < 260
    for bars, whole in zip(common, series, strict=True):
        assert bars.time.tolist() == times
        by_time = dict(zip(whole.time.tolist(), whole.close.tolist(), strict=True))
        assert bars.close.tolist() == [by_time[time] for time in times]


def test_a_single_series_is_what_it_was():
    bars = small_bars()

    [same] = at_common_times([bars])

    assert same.sha256() == bars.sha256()


def test_series_that_never_meet_make_no_market():
    bars = small_bars()
    later = Bars(
        bars.time + 1, bars.open, bars.high, bars.low, bars.close, bars.volume, bars.timeframe_ms
    )

    with pytest.raises(NothingCommon, match="no bar of one opens when a bar of every other opens"):
        at_common_times([bars, later])


def test_bars_of_different_length_make_no_market():
    bars = small_bars()
    longer = Bars(
        bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume, 2 * bars.timeframe_ms
    )

    with pytest.raises(NothingCommon, match="differ in length"):
        at_common_times([bars, longer])


def test_the_hash_of_several_series_is_of_all_of_them_in_their_order():
    one, two = small_bars(1), small_bars(2)

    assert sha256_of([one]) == one.sha256()
    assert len({sha256_of(series) for series in ([one], [two], [one, two], [two, one])}) == 4


DAY = 86_400_000
HOUR = 3_600_000
# as sources stamp one trading day: midnight UTC, of New York, of Berlin the evening before, the
# last moment of the day
STAMPS = {"UTC": 0, "New York": 5 * HOUR, "Berlin": -HOUR, "close": DAY - 1}


def weekdays(shift, count=60):
    """Monday to Friday, each day's prices its number."""
    days = np.busday_offset("2021-01-04", np.arange(count)).astype(np.int64)
    price = 100.0 + days % 97
    return Bars(days * DAY + shift, price, price, price, price, price, DAY)


def test_days_of_different_sources_meet_by_trading_day():
    series = [weekdays(shift) for shift in STAMPS.values()]

    met = at_common_times(series)

    assert by_trading_day(series)
    assert all(np.array_equal(bars.time, series[0].time) for bars in met)
    assert all(np.array_equal(bars.close, series[0].close) for bars in met)


def test_a_day_that_one_source_lacks_is_left_out_of_all():
    other = weekdays(STAMPS["Berlin"])
    kept = np.delete(np.arange(60), 17)
    other = Bars(**{name: getattr(other, name)[kept] for name in COLUMNS}, timeframe_ms=DAY)

    met = at_common_times([weekdays(0), other])

    assert [len(bars) for bars in met] == [59, 59]
    assert np.array_equal(met[0].close, met[1].close)


def test_days_that_all_stamp_alike_keep_their_stamps():
    series = [weekdays(5 * HOUR), weekdays(5 * HOUR)]

    assert not by_trading_day(series)
    assert np.array_equal(at_common_times(series)[0].time, series[0].time)


def test_days_without_weekends_that_are_stamped_with_their_last_moment_meet_those_that_begin():
    days = np.arange(18_000, 18_100)
    series = [Bars(days * DAY + shift, *[100.0 + days % 7] * 5, DAY) for shift in (0, DAY - 1)]

    met = at_common_times(series)

    assert [len(bars) for bars in met] == [100, 100]
    assert np.array_equal(met[0].close, met[1].close)
