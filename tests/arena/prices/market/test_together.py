"""Several series become one market at the times that all of them have."""

import numpy as np
import pytest

from arena.prices.market.bars import Bars, sha256_of
from arena.prices.market.together import NothingCommon, aligned
from tests.arena.engine.small import small_bars


def kept(bars, places):
    return Bars(*(getattr(bars, name)[places] for name in ("time", "open", "high", "low", "close", "volume")), bars.timeframe_ms)


def test_what_is_common_is_what_every_series_has():
    rng = np.random.default_rng(3)
    series = [kept(small_bars(seed, 300), np.sort(rng.choice(300, 260, replace=False))) for seed in (1, 2, 3)]

    common = aligned(series)

    times = sorted(set.intersection(*(set(bars.time.tolist()) for bars in series)))
    assert 0 < len(times) < 260
    for bars, whole in zip(common, series, strict=True):
        assert bars.time.tolist() == times
        by_time = dict(zip(whole.time.tolist(), whole.close.tolist(), strict=True))
        assert bars.close.tolist() == [by_time[time] for time in times]


def test_a_single_series_is_what_it_was():
    bars = small_bars()

    [same] = aligned([bars])

    assert same.sha256() == bars.sha256()


def test_series_that_never_meet_make_no_market():
    bars = small_bars()
    later = Bars(bars.time + 1, bars.open, bars.high, bars.low, bars.close, bars.volume, bars.timeframe_ms)

    with pytest.raises(NothingCommon, match="no bar of one opens when a bar of every other opens"):
        aligned([bars, later])


def test_bars_of_different_length_make_no_market():
    bars = small_bars()
    longer = Bars(bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume, 2 * bars.timeframe_ms)

    with pytest.raises(NothingCommon, match="differ in length"):
        aligned([bars, longer])


def test_the_hash_of_several_series_is_of_all_of_them_in_their_order():
    one, two = small_bars(1), small_bars(2)

    assert sha256_of([one]) == one.sha256()
    assert len({sha256_of(series) for series in ([one], [two], [one, two], [two, one])}) == 4
