"""Features: the formulas against slow obvious loops, causality to the bit, finite whatever the
market does.
"""

import numpy as np
import pandas as pd
import pytest

from arena.prices.market import features as module
from arena.prices.market.bars import DAY_MS, Bars
from arena.prices.market.causality import cut, leaking_columns
from arena.prices.market.features import CLIP, HORIZON, NAMES, PREMIUM, WARMUP, features
from arena.prices.market.simulators import SIMULATORS, simulate
from tests.effort import calls

HOUR = 3_600_000


def market(kind="regimes", bars=600, seed=1, timeframe_ms=HOUR):
    rng = np.random.default_rng(seed)
    return simulate(
        kind,
        bars,
        rng,
        drift=0.25,
        volatility=0.004,
        period=48,
        amplitude=0.08,
        timeframe_ms=timeframe_ms,
    )


def flat(n=400, volume=0.0, price=5.0):
    same = np.full(n, price)
    return Bars(HOUR * np.arange(n), same, same, same, same, np.full(n, volume), HOUR)


def slow_features(bars: Bars) -> np.ndarray:
    """The same table by loops over rows, one obvious formula at a time, with pandas for the
    windows.
    """
    n, close = len(bars), pd.Series(bars.close)
    log_close = np.log(close)
    raw = [log_close - log_close.shift(k) for k in (1, 2, 4, 8, 16, 32)]
    raw += [0.5 * np.log((log_close.diff() ** 2).rolling(w).mean() + 1e-12) for w in (16, 64)]
    places = []
    for w in (16, 64):
        low, high = (
            pd.Series(bars.low).rolling(w, min_periods=1).min(),
            pd.Series(bars.high).rolling(w, min_periods=1).max(),
        )
        places.append(2 * (close - low) / (high - low) - 1)
    volume = pd.Series(bars.volume)
    z = (volume - volume.rolling(64).mean()) / volume.rolling(64).std(ddof=0)
    height = pd.Series(np.log(bars.high / bars.low))
    stamps = pd.to_datetime(bars.time, unit="ms")
    day = (stamps.hour + stamps.minute / 60) / 24
    week = (stamps.day_of_week + day) / 7
    clock = [f(2 * np.pi * share) for share in (day, week) for f in (np.sin, np.cos)]
    higher = []
    for m in (4, 16):
        closes = [bars.close[i] for i in range(n) if i % m == m - 1]
        change, volatility = np.full(n, np.nan), np.full(n, np.nan)
        for t in range(n):
            closed = [closes[k] for k in range(len(closes)) if k * m + m - 1 <= t]
            if len(closed) >= 2:
                change[t] = np.log(closed[-1] / closed[-2])
            if len(closed) >= 5:
                volatility[t] = 0.5 * np.log(np.mean(np.diff(np.log(closed[-5:])) ** 2) + 1e-12)
        higher += [pd.Series(change), pd.Series(volatility)]
    norm = [slow_normalised(x) for x in raw]
    return np.column_stack(
        [
            *norm,
            *places,
            slow_normalised(z),
            slow_normalised(height),
            *clock,
            *map(slow_normalised, higher),
        ]
    )


def slow_normalised(values: pd.Series) -> np.ndarray:
    out = np.zeros(len(values))
    for t in range(len(values)):
        past = values[:t].dropna()
        if len(past) and not np.isnan(values[t]):
            out[t] = np.clip((values[t] - past.mean()) / max(past.std(ddof=0), 1e-8), -5, 5)
    return out


def test_every_column_equals_its_formula_written_out_slowly():
    bars = market(bars=400)

    expected = slow_features(bars)

    # the first normalised rows divide by the deviation of one or two values, where rounding is all
    # there is
    np.testing.assert_allclose(features(bars)[WARMUP:], expected[WARMUP:], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(features(bars)[:, 8:10], expected[:, 8:10], rtol=1e-5, atol=1e-5)


def test_the_table_is_float32_with_one_named_column_each():
    table = features(market())

    assert table.dtype == np.float32
    assert table.shape == (600, 20) == (600, len(NAMES))
    assert [NAMES[j] for j in PREMIUM] == [
        "log return x4",
        "log volatility x4",
        "log return x16",
        "log volatility x16",
    ]
    assert (HORIZON, WARMUP) == (80, 144)


@pytest.mark.parametrize("kind", SIMULATORS)
def test_no_feature_up_to_t_changes_by_a_bit_with_the_bars_after_t(kind):
    rng = np.random.default_rng(7)
    bars = market(kind, bars=1500, seed=3)

    leaks = leaking_columns(features, bars, rng.integers(0, 1499, size=60), rng)

    assert leaks == set()


def test_no_feature_leaks_around_the_ends_of_windows_and_higher_bars():
    rng = np.random.default_rng(8)

    leaks = leaking_columns(features, market(bars=300), range(200), rng)

    assert leaks == set()


def shifted(bars):
    return np.roll(np.log(bars.close), -1)


def centred(bars):
    return pd.Series(bars.close).rolling(5, center=True, min_periods=1).mean().to_numpy()


def scaled_by_the_whole_sample(bars):
    return (bars.close - bars.close.mean()) / bars.close.std()


def higher_bar_stamped_with_its_open(bars):
    return (
        np.repeat(bars.close[3::4], 4)[: len(bars)]
        if len(bars) % 4 == 0
        else np.resize(np.repeat(bars.close[3::4], 4), len(bars))
    )


def filled_backwards(bars):
    return (
        pd.Series(np.where(np.arange(len(bars)) % 3, np.nan, bars.close))
        .bfill()
        .fillna(0)
        .to_numpy()
    )


@pytest.mark.parametrize(
    "leak",
    [
        shifted,
        centred,
        scaled_by_the_whole_sample,
        higher_bar_stamped_with_its_open,
        filled_backwards,
    ],
)
def test_the_detector_catches_a_seeded_leak_and_names_its_column(leak):
    rng = np.random.default_rng(9)

    def leaky(bars):
        table = features(bars).copy()
        table[:, 11] = leak(bars)
        return table

    leaks = leaking_columns(leaky, market(bars=400), rng.integers(20, 399, size=10), rng)

    assert leaks == {11}


def test_a_higher_bar_is_not_seen_before_it_has_closed():
    values, first = module.spread(np.array([10.0, 20.0, 30.0]), 0, 4, 13)

    assert values.tolist() == [0, 0, 0, 10, 10, 10, 10, 20, 20, 20, 20, 30, 30]
    assert first == 3


def test_the_volume_z_score_equals_the_rolling_one_of_pandas():
    volume = pd.Series(market().volume)
    rolling = volume.rolling(64)

    scores, first = module.z_score(volume.to_numpy(), 64)

    expected = (volume - rolling.mean()) / rolling.std(ddof=0)
    np.testing.assert_allclose(scores[first:], expected[first:], rtol=1e-9)


def test_a_flat_market_without_volume_shows_nothing_at_all():
    table = features(flat())

    assert not table[:, :8].any()
    assert not table[:, 8:12].any()
    assert not table[:, 16:].any()


@pytest.mark.parametrize(
    "bars",
    [
        flat(volume=1e18),
        flat(price=1e-12),
        market(bars=1),
        market(bars=2),
        market(bars=79),
        market(bars=500, timeframe_ms=60_000),
        simulate(
            "gbm", 500, np.random.default_rng(1), drift=0, volatility=0.2, period=48, amplitude=0
        ),
    ],
    ids=[
        "huge volume",
        "tiny price",
        "one bar",
        "two bars",
        "less than the horizon",
        "minutes",
        "wild",
    ],
)
def test_features_are_finite_and_within_bounds(bars):
    table = features(bars)

    assert np.isfinite(table).all()
    assert np.abs(table).max() <= CLIP


def test_a_single_jump_out_of_a_flat_market_is_clipped_not_infinite():
    bars = flat()
    close = bars.close.copy()
    close[300:] *= 1000.0
    jump = Bars(bars.time, close, close, close, close, bars.volume, HOUR)

    table = features(jump)

    assert np.isfinite(table).all()
    assert table[300, 0] == CLIP


@pytest.mark.parametrize("timeframe_ms", [DAY_MS, 7 * DAY_MS])
def test_bars_of_a_day_or_longer_have_no_clock(timeframe_ms):
    assert not features(market(timeframe_ms=timeframe_ms))[:, 12:16].any()


def test_the_week_begins_on_monday_at_midnight():
    # 2020-01-06 was a Monday
    monday = np.flatnonzero(market().time == 1_578_268_800_000)[0]

    table = features(market())

    np.testing.assert_allclose(table[monday, 12:16], [0, 1, 0, 1], atol=1e-6)


def begun_later(bars, offset):
    return Bars(
        *(
            getattr(bars, name)[offset:]
            for name in ("time", "open", "high", "low", "close", "volume")
        ),
        HOUR,
    )


def before_normalisation(bars):
    """Each windowed column as it is before it is normalised, the clock and the places in the range
    among them; float64 [n, 20].
    """
    log_close = np.log(bars.close)
    columns = [module.log_return(log_close, k)[0] for k in module.RETURNS]
    columns += [module.log_volatility(log_close, w)[0] for w in module.WINDOWS]
    columns += [module.position(bars, w) for w in module.WINDOWS]
    columns += [
        module.z_score(bars.volume, 64)[0],
        np.log(bars.high) - np.log(bars.low),
        *module.clock(bars),
    ]
    for m in module.HIGHER:
        closed = log_close[m - 1 :: m]
        for values, first in (
            module.log_return(closed, 1),
            module.log_volatility(closed, module.HIGHER_BARS),
        ):
            columns.append(module.spread(values, first, m, len(bars))[0])
    return np.column_stack(columns)


@pytest.mark.parametrize("offset", [16, 64, 320, 1600, 3200])
def test_after_the_warm_up_no_window_depends_on_where_the_series_began(offset):
    # by whole bars of the longest timeframe, which are counted from the start of the series
    bars = market("jumps", bars=5000)

    whole, late = (
        before_normalisation(bars)[offset:],
        before_normalisation(begun_later(bars, offset)),
    )

    np.testing.assert_allclose(late[HORIZON:], whole[HORIZON:], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("offset", [16, 1600])
def test_what_is_normalised_by_the_whole_past_depends_on_its_beginning_less_and_less(offset):
    bars = market("gbm", bars=40_000)

    apart = np.abs(features(bars)[offset:] - features(begun_later(bars, offset)))

    assert not apart[WARMUP:, 8:10].any()
    assert not apart[:, 12:16].any()
    early, late = apart[WARMUP : WARMUP + 500].max(), apart[-500:].max()
    assert 0 < late < early / 20
    assert late < 0.1


def test_features_of_many_bars_take_as_many_calls_as_those_of_few():
    few, many = (market(bars=bars) for bars in (3_300, 33_000))

    assert calls(lambda: features(many)) == calls(lambda: features(few))


def test_cutting_keeps_the_bars_before_the_cut():
    assert cut(market(), 5).close.tolist() == market().close[:5].tolist()
