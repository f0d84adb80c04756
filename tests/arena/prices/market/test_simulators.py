"""Simulators: the same bits from the same seed, valid bars, and the statistics they promise."""

import numpy as np
import pytest

from arena.prices.market.simulators import (
    BASE_PRICE,
    BASE_VOLUME,
    REGIME_END,
    REGIMES,
    SIMULATORS,
    SimulatorError,
    regime_chain,
    simulate,
)
from tests.arena.prices.market.facts import autocorrelation


def make(kind, bars=4000, seed=1, **changed):
    settings = {"drift": 0.25, "volatility": 0.004, "period": 48, "amplitude": 0.08} | changed
    return simulate(kind, bars, np.random.default_rng(seed), **settings)


def log_returns(bars):
    return np.diff(np.log(bars.close))


@pytest.mark.parametrize("kind", SIMULATORS)
def test_the_same_seed_gives_the_same_bits_and_another_seed_others(kind):
    assert make(kind).sha256() == make(kind).sha256()
    assert make(kind, seed=2).sha256() != make(kind).sha256()


@pytest.mark.parametrize("kind", SIMULATORS)
def test_bars_follow_each_other_without_a_jump_between(kind):
    bars = make(kind)

    assert (bars.open[1:] == bars.close[:-1]).all()
    assert (np.diff(bars.time) == bars.timeframe_ms).all()
    assert (bars.high > bars.low).all()


@pytest.mark.parametrize("kind", SIMULATORS)
@pytest.mark.parametrize(
    "changed",
    [{"volatility": 0.0}, {"drift": 0.0}, {"amplitude": 0.9}, {"period": 4}, {"volatility": 0.2}],
)
def test_the_edges_of_the_settings_give_valid_bars(kind, changed):
    assert len(make(kind, bars=500, **changed)) == 500


@pytest.mark.parametrize("kind", SIMULATORS)
def test_a_million_bars_stay_finite_and_positive(kind):
    bars = make(kind, bars=1_000_000)

    assert np.isfinite(bars.high).all()
    assert bars.low.min() > 0


def test_prices_beyond_the_range_of_numbers_are_refused_with_the_remedy():
    with pytest.raises(SimulatorError, match="lower drift or volatility"):
        make("trend_up", bars=1_000_000, drift=5.0)


@pytest.mark.parametrize(("kind", "bars"), [("moon", 10), ("gbm", 0)])
def test_an_unknown_market_or_no_bars_is_refused(kind, bars):
    with pytest.raises(SimulatorError):
        make(kind, bars=bars)


def test_gbm_has_no_drift_whatever_the_setting_says():
    returns = log_returns(make("gbm", bars=200_000, drift=5.0, volatility=0.01))

    error = returns.std() / np.sqrt(len(returns))

    assert abs(returns.mean() + 0.01**2 / 2) < 4 * error
    assert returns.std() == pytest.approx(0.01, rel=0.01)


def test_the_expected_price_of_gbm_stays_where_it_began():
    ends = np.array(
        [make("gbm", bars=200, seed=seed, volatility=0.03).close[-1] for seed in range(3000)]
    )

    error = ends.std() / np.sqrt(len(ends))

    # without the term of -volatility^2/2 the mean would stand about 9 % higher, more than 10 errors
    # away
    assert abs(ends.mean() - BASE_PRICE) < 3.5 * error
    assert 10 * error < BASE_PRICE * 0.09 * 1.2


@pytest.mark.parametrize(("kind", "sign"), [("trend_up", 1), ("trend_down", -1)])
def test_a_trend_drifts_by_its_setting_per_thousand_bars(kind, sign):
    returns = log_returns(make(kind, bars=100_000))

    error = returns.std() / np.sqrt(len(returns))

    assert abs(returns.mean() - sign * 0.25 / 1000) < 4 * error
    assert sign * returns.mean() > 10 * error


@pytest.mark.parametrize("period", [24, 48, 200])
def test_the_sine_has_its_period_and_its_height(period):
    close = make("sine", bars=40 * period, period=period).close

    spectrum = np.abs(np.fft.rfft(close - close.mean()))

    assert np.argmax(spectrum) == 40
    assert 2 * spectrum[40] / len(close) == pytest.approx(0.08 * BASE_PRICE, rel=0.03)


def test_the_noise_of_the_sine_does_not_add_up():
    close = make("sine", bars=48 * 2000).close.reshape(2000, 48)

    # the same phase of every wave, late ones as near to each other as early ones
    assert close[-500:].std(axis=0).mean() == pytest.approx(close[:500].std(axis=0).mean(), rel=0.1)
    assert (close.std(axis=0) / close.mean(axis=0)).mean() == pytest.approx(0.004 / 4, rel=0.1)


def test_regimes_last_as_long_as_promised_and_each_other_one_is_as_likely():
    chain = regime_chain(1_000_000, np.random.default_rng(5))

    changes = np.flatnonzero(np.diff(chain))
    moves = np.bincount((chain[changes + 1] - chain[changes]) % 3, minlength=3)

    assert len(changes) / len(chain) == pytest.approx(REGIME_END, rel=0.07)
    assert moves[0] == 0
    assert moves[1] / len(changes) == pytest.approx(0.5, abs=0.04)
    assert np.bincount(chain, minlength=len(REGIMES)) / len(chain) == pytest.approx(
        [1 / 3] * 3, abs=0.04
    )


def test_bull_rises_bear_falls_and_flat_does_neither():
    bars = 300_000
    market = make("regimes", bars=bars)
    chain = regime_chain(bars, np.random.default_rng(1))
    returns = np.log(market.close / market.open)

    means = [returns[chain == i].mean() for i in range(3)]
    deviations = [returns[chain == i].std() for i in range(3)]

    assert means == pytest.approx([0.001, -0.001, 0.0], abs=1e-4)
    assert deviations == pytest.approx([0.004, 0.006, 0.002], rel=0.02)


@pytest.mark.parametrize("persistence", [-0.3, 0.05, 0.3])
def test_returns_persist_as_far_as_the_setting_says_and_keep_their_deviation(persistence):
    returns = log_returns(make("autoregressive", bars=200_000, persistence=persistence))

    assert autocorrelation(returns, 1) == pytest.approx(persistence, abs=0.01)
    assert autocorrelation(returns, 2) == pytest.approx(persistence**2, abs=0.01)
    assert returns.std() == pytest.approx(0.004, rel=0.01)


@pytest.mark.parametrize("pull", [0.05, 0.2, 1.0])
def test_a_reverting_price_loses_its_share_of_the_distance_from_the_middle(pull):
    log_price = np.log(make("mean_reverting", bars=200_000, pull=pull).close / BASE_PRICE)

    slope = np.polyfit(log_price[:-1], np.diff(log_price), 1)[0]

    assert slope == pytest.approx(-pull, abs=0.01)
    # the stationary deviation of a first-order autoregression of 1 - pull
    assert log_price.std() == pytest.approx(0.004 / np.sqrt(1 - (1 - pull) ** 2), rel=0.03)


def test_the_rule_of_two_shows_in_neither_feature_alone_but_in_their_product():
    bars = make("rule_of_two", bars=200_000, signal=0.25)
    busy, up = np.sign(np.log(bars.volume / BASE_VOLUME))[:-1], np.sign(log_returns(bars))

    ahead, up, busy = log_returns(bars)[1:], up[:-1], busy[1:]
    error = 4 * 0.004 / np.sqrt(len(ahead))

    assert abs((up * ahead).mean()) < error
    assert abs((busy * ahead).mean()) < error
    assert (up * busy * ahead).mean() == pytest.approx(0.25 * 0.004, abs=error)
