"""What the next bar is expected to bring, and what positions are worth: beside bars that were
drawn, sums, and the exact chain.
"""

import numpy as np
import pytest
from scipy.stats import norm

from agents.strategies.sides import of_forecasts
from arena.engine.judging.ceiling import ceiling
from arena.engine.judging.chains import NoCeiling
from arena.engine.judging.law import LAWS, Law, law_of
from arena.engine.judging.oracle import (
    best_a_bar,
    best_growth,
    best_threshold,
    expected_growth,
)
from arena.prices.market.bars import COLUMNS
from arena.prices.market.simulators import (
    REGIME_DRIFT,
    REGIME_END,
    REGIME_VOLATILITY,
    SIMULATORS,
    simulate,
)
from arena.settings_schema import Costs, parse

BARS = 60_000
FIGURES = {"volatility": 0.003, "drift": 1.0, "persistence": 0.2, "signal": 0.3, "period": 37}


def settings_of(kind, direction="long_short", costs=None, **market):
    return parse(
        {
            "market": {"kind": kind} | FIGURES | market,
            "life": {"direction": direction},
            "costs": costs or {},
        }
    )


def drawn(settings, bars=BARS, seed=1):
    figures = {
        name: getattr(settings.market, name) for name in SIMULATORS[settings.market.kind].figures
    }
    made = simulate(settings.market.kind, bars, np.random.default_rng(seed), **figures)
    return tuple(getattr(made, name) for name in COLUMNS[1:])


@pytest.mark.parametrize("kind", LAWS)
def test_the_next_bar_comes_as_its_law_says(kind):
    settings = settings_of(kind)
    bars = drawn(settings)

    law = law_of(bars, settings.market)
    off = (np.diff(np.log(bars[3])) - law.mean[:-1]) / np.sqrt(law.variance[:-1])

    error = 4 / np.sqrt(BARS)
    assert abs(off.mean()) < error
    assert (off**2).mean() == pytest.approx(1.0, abs=4 * error)
    # what was expected is no guide to what is off: nothing is left over to know
    if law.mean.std() > 1e-12:
        assert abs(np.corrcoef(law.mean[:-1], off)[0, 1]) < error


def test_the_filter_of_regimes_is_bayes_rule_written_out():
    settings = settings_of("regimes", drift=2.0)
    bars = drawn(settings, bars=60)
    drift, spread = REGIME_DRIFT * 2.0 / 1000, REGIME_VOLATILITY * 0.003

    chance, expected = [1 / 3] * 3, []
    for move in np.log(bars[3] / bars[0]):
        joint = [chance[k] * norm.pdf(move, drift[k], spread[k]) for k in range(3)]
        now = [each / sum(joint) for each in joint]
        chance = [now[k] * (1 - REGIME_END) + (1 - now[k]) * REGIME_END / 2 for k in range(3)]
        expected.append(sum(chance[k] * drift[k] for k in range(3)))

    np.testing.assert_allclose(law_of(bars, settings.market).mean, expected, rtol=1e-9)


def test_a_market_without_a_known_law_is_refused_by_name():
    with pytest.raises(NoCeiling, match="jumps"):
        law_of(drawn(settings_of("jumps"), bars=100), settings_of("jumps").market)


def test_positions_earn_what_is_expected_less_what_trading_costs():
    law = Law(np.array([0.01, 0.02, -0.03, 0.01]), np.full(4, 0.0004))
    positions = np.array([0.0, 1.0, -1.0, -1.0])

    growth = expected_growth(positions, law, Costs(fee=0.001, half_spread=0.0, slippage=0.0))

    # a short position's growth falls short of the move's by the square of the move
    long, short = 0.02, (0.03 - 0.0004 - 0.0009) + (-0.01 - 0.0004 - 0.0001)
    # one bought, two sold to turn round, one bought back
    assert growth == pytest.approx(long + short - 4 * 0.001)


@pytest.mark.parametrize("direction", ["long_flat", "long_short"])
@pytest.mark.parametrize("edge", [0.7, 0.9])
def test_the_threshold_comes_close_to_the_exact_ceiling_where_both_are_known(direction, edge):
    settings = settings_of("planted", direction, costs={"fee": 0.0002}, edge=edge)
    bars = drawn(settings)
    law = Law(*(part[:-1] for part in law_of(bars, settings.market)))

    sides = np.where(law.mean > 0, 1.0, -1.0 if direction == "long_short" else 0.0)
    exact = ceiling(settings).growth * (BARS - 1)

    assert best_growth(bars, (0, BARS), settings) == pytest.approx(exact)
    # held over many bars a short position that gains grows smaller, which full size leaves out
    assert expected_growth(sides, law, settings.costs) == pytest.approx(exact, rel=0.03)


@pytest.mark.parametrize("kind", ["autoregressive", "mean_reverting", "rule_of_two", "regimes"])
@pytest.mark.statistic
@pytest.mark.slow
def test_what_the_best_may_expect_is_what_it_earns_but_for_luck(kind):
    settings = settings_of(kind, costs={"fee": 0.0001})
    bars = drawn(settings, seed=7)
    moves, law = np.diff(np.log(bars[3])), law_of(bars, settings.market)

    held = of_forecasts(law.mean[:-1], best_threshold(settings), True)
    # a short position loses what the price gains, and is one again at every close
    grown = np.where(held < 0, np.log(2.0 - np.exp(moves)), held * moves)
    earned = grown.sum() - 0.0004 * np.abs(np.diff(held, prepend=0.0, append=0.0)).sum()

    luck = 4 * grown.std() * np.sqrt(len(grown))
    assert best_growth(bars, (0, BARS), settings) == pytest.approx(earned, abs=luck)
    assert earned > luck


def test_nobody_can_expect_anything_of_noise():
    settings = settings_of("gbm")

    assert best_threshold(settings) == np.inf
    assert best_growth(drawn(settings), (0, BARS), settings) == 0.0


@pytest.mark.parametrize(("kind", "edge"), [("planted", 0.9), ("planted_memory", 0.9)])
def test_the_best_a_bar_of_a_chain_is_its_ceiling(kind, edge):
    settings = settings_of(kind, costs={"fee": 0.0002}, edge=edge)

    assert best_a_bar(settings) == ceiling(settings).growth > 0.0


def test_the_best_a_bar_is_what_normal_returns_give_by_hand_where_trading_costs_nothing():
    free = {"fee": 0.0, "half_spread": 0.0, "slippage": 0.0}
    settings = settings_of("autoregressive", "long_flat", costs=free)

    # of a normal mean of deviation 0.2 x 0.003 the positive part
    by_hand = 0.2 * 0.003 * norm.pdf(0.0)

    assert best_a_bar(settings) == pytest.approx(by_hand, rel=4 / np.sqrt(BARS))


@pytest.mark.parametrize("kind", ["autoregressive", "mean_reverting", "rule_of_two", "regimes"])
def test_the_best_a_bar_is_what_the_best_may_expect_on_other_bars_of_the_law(kind):
    settings = settings_of(kind, costs={"fee": 0.0001})

    on_others = [best_growth(drawn(settings, seed=seed), (0, BARS), settings) for seed in (8, 9)]

    assert best_a_bar(settings) == pytest.approx(np.mean(on_others) / (BARS - 1), rel=0.1)


def test_the_best_a_bar_of_a_trend_is_holding_it_and_of_noise_nothing():
    rising = settings_of("trend_up", "long_flat", drift=1.0)

    assert best_a_bar(rising) == pytest.approx(0.001, rel=1e-4)
    assert best_a_bar(settings_of("gbm")) == 0.0


@pytest.mark.parametrize(
    "sections",
    [
        {"market": {"kind": "jumps"}},
        {"market": {"kind": "file", "path": "ibm_daily"}},
        {"market": {"kind": "autoregressive"}, "costs": {"funding": 0.0001}},
        {"market": {"kind": "regimes"}, "costs": {"impact": 0.1}},
        {"market": {"kind": "rule_of_two"}, "life": {"max_leverage": 2.0}},
        {"market": {"kind": "planted"}, "life": {"stop_loss": 0.1}},
    ],
)
def test_where_law_or_costs_are_not_known_there_is_no_best(sections):
    assert best_a_bar(parse(sections)) is None
