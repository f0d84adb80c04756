"""The jumps market has the stylised facts of real prices and the random walk has none of them;
black swans are where it says they are.
"""

import numpy as np
import pytest

from arena.prices.market import jumps
from arena.prices.market.simulators import simulate, simulated
from tests.arena.prices.market.facts import autocorrelation, clustering, excess_kurtosis

# chance alone gives a kurtosis of 0.07 and autocorrelations of 0.014 at two deviations on this many
# bars of a random walk
BARS = 20_000
SEEDS = range(8)
VOLATILITY = 0.002


def make(kind="jumps", bars=BARS, seed=1, **changed):
    figures = {"drift": 0.25, "volatility": VOLATILITY} | changed
    return simulated(kind, bars, np.random.default_rng(seed), **figures)


def returns_of(kind, seed, **changed):
    return np.diff(np.log(make(kind, seed=seed, **changed)[0].close))


@pytest.mark.parametrize("seed", SEEDS)
def test_returns_have_fat_tails_that_a_random_walk_has_not(seed):
    assert excess_kurtosis(returns_of("jumps", seed, swan_rate=0.0)) > 3.0
    assert abs(excess_kurtosis(returns_of("gbm", seed))) < 0.3


@pytest.mark.parametrize("seed", SEEDS)
def test_tails_are_fat_even_without_any_jump(seed):
    assert excess_kurtosis(returns_of("jumps", seed, swan_rate=0.0, jump_rate=0.0)) > 1.5


@pytest.mark.parametrize("seed", SEEDS)
def test_wild_bars_come_in_clusters_that_a_random_walk_has_not(seed):
    returns, walk = returns_of("jumps", seed, swan_rate=0.0), returns_of("gbm", seed)

    assert all(clustering(returns, lag) > 0.1 for lag in (1, 2, 5, 10, 20))
    assert all(abs(clustering(walk, lag)) < 0.04 for lag in (1, 2, 5, 10, 20))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_clusters_fade_with_time(seed):
    returns = returns_of("jumps", seed, swan_rate=0.0)

    assert clustering(returns, 1) > clustering(returns, 100) + 0.05


@pytest.mark.parametrize("seed", SEEDS)
def test_the_next_return_cannot_be_told_from_the_last_ones_in_a_line(seed):
    returns = returns_of("jumps", seed, swan_rate=0.0)

    # clusters make the error of an autocorrelation three times that of a random walk's
    assert all(abs(autocorrelation(returns, lag)) < 0.08 for lag in (1, 2, 5, 10))
    assert (
        abs(np.mean([autocorrelation(returns_of("jumps", s, swan_rate=0.0), 1) for s in SEEDS]))
        < 0.03
    )


def test_volatility_rises_after_falls_more_than_after_rises():
    effect = [
        np.corrcoef(r[:-1], np.abs(r[1:]))[0, 1]
        for r in (returns_of("jumps", seed, swan_rate=0.0) for seed in SEEDS)
    ]

    assert max(effect) < -0.02


def test_volume_rises_with_volatility():
    bars, _ = make()
    size = np.abs(np.log(bars.close / bars.open))

    assert np.corrcoef(np.log(bars.volume), np.log(size + 1e-9))[0, 1] > 0.3
    assert (
        abs(
            np.corrcoef(
                np.log(
                    simulate("gbm", BARS, np.random.default_rng(1), volatility=VOLATILITY).volume
                ),
                size,
            )[0, 1]
        )
        < 0.05
    )


@pytest.mark.parametrize("unrest", [0.0, 0.3, 0.6])
def test_without_events_a_bar_moves_by_the_volatility_of_the_settings(unrest):
    spread = [
        returns_of(
            "jumps", seed, bars=100_000, unrest=unrest, jump_rate=0.0, swan_rate=0.0, drift=0.0
        ).std()
        for seed in SEEDS
    ]

    assert np.sqrt(np.mean(np.square(spread))) == pytest.approx(VOLATILITY, rel=0.06)


def test_jumps_come_as_often_and_as_large_as_set():
    returns = returns_of(
        "jumps",
        3,
        bars=200_000,
        volatility=1e-4,
        unrest=0.0,
        drift=0.0,
        jump_rate=10.0,
        jump_size=1000.0,
        swan_rate=0.0,
    )

    # nothing but a jump moves a bar by 20 volatilities; of jumps themselves 1.6 % stay below
    jumped = returns[np.abs(returns) > 20 * 1e-4]

    assert len(jumped) / len(returns) == pytest.approx(0.0100 * 0.984, rel=0.06)
    assert jumped.std() == pytest.approx(0.1, rel=0.06)


def test_black_swans_fall_by_what_is_set_in_the_bars_that_are_named():
    bars, swans = make(
        bars=100_000, swan_rate=5.0, swan_drop=0.3, volatility=1e-4, jump_rate=0.0, drift=0.0
    )
    change = bars.close / bars.open - 1.0

    assert len(swans) == pytest.approx(50, abs=4 * np.sqrt(50))
    np.testing.assert_allclose(change[swans], -0.3, atol=0.002)
    assert sorted(swans) == sorted(np.flatnonzero(change < -0.2))


def test_the_market_stays_nervous_after_a_black_swan():
    bars, swans = make(bars=200_000, swan_rate=5.0)
    size = np.abs(np.log(bars.close / bars.open))
    swans = swans[(swans > 200) & (swans < len(bars) - 200)]

    before, after = (
        np.mean([size[swan + part].mean() for swan in swans])
        for part in (np.arange(-50, 0), np.arange(1, 51))
    )

    assert after > 1.5 * before


def test_no_other_market_has_black_swans():
    assert not len(make("regimes")[1])
    assert not len(make(swan_rate=0.0)[1])


def test_regimes_last_as_long_as_promised():
    chain = jumps.leaping_regimes(1_000_000, np.random.default_rng(5))
    changes = np.flatnonzero(np.diff(chain))

    ends = np.bincount(chain[changes], minlength=3) / np.bincount(chain, minlength=3)

    assert ends == pytest.approx(jumps.END, rel=0.12)
    lengths = 1 / jumps.END
    assert np.bincount(chain) / len(chain) == pytest.approx(lengths / lengths.sum(), abs=0.05)


def test_log_volatility_equals_its_recursion_written_out():
    move, swans = np.random.default_rng(1).standard_normal(300), np.arange(300) == 100

    level = jumps.leaping_volatility(0.5, move, swans, np.random.default_rng(2))

    own, slow = np.random.default_rng(2), []
    noise, first = own.standard_normal(300), own.standard_normal()
    for t in range(300):
        shock = 0.5 * np.sqrt(1 - 0.99**2) * (-0.5 * move[t - 1] + np.sqrt(0.75) * noise[t])
        slow.append(
            0.5 * first if t == 0 else 0.99 * slow[-1] + shock + (1.0 if t - 1 == 100 else 0.0)
        )
    np.testing.assert_allclose(level, np.array(slow) - 0.25, rtol=1e-10)
