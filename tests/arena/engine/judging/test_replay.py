"""A replay goes on for as long as its bars do: growth never ends it, and who stops early is judged
as one who stood still.
"""

import numpy as np
import pytest

from agents.strategies.rules import BuyAndHold
from arena.engine.judging.evaluate import evaluate, follow, joined, runs
from arena.engine.judging.growth import MOST_LOG_GROWTH, log_equity, return_of
from arena.engine.judging.tracks import Ended
from arena.engine.trading.ledger import MOST_MONEY
from arena.prices.market.view import MarketView
from tests.arena.engine.slow import BUY, SELL
from tests.arena.engine.small import (
    MONEY,
    NO_COSTS,
    always,
    born,
    market_of,
    restless,
    small_settings,
)

COSTS = {"fee": 0.001, "half_spread": 0.0001, "slippage": 0.0002}


def rising(bars, step=0.02, seed=1):
    """A market that rises by about `step` a bar, in logarithms; prices begin so low that they stay
    within range.
    """
    moves = step + 0.3 * step * np.random.default_rng(seed).standard_normal(bars)
    return market_of(np.exp(np.cumsum(moves) - 200.0))


def agent_run(market, weights, settings):
    block = born(settings, 0, 1)
    block.online[:] = weights
    return next(runs(block.online, block.agents, market, (0, len(market)), settings))


# a rule that draws nothing is given it all the same
CHANCE = np.random.default_rng(1)


def pieces(market, size):
    """The same bars, in stretches that share the bar between them."""
    return [
        (start, min(start + size, len(market))) for start in range(0, len(market) - 1, size - 1)
    ]


def slow_returns(market, settings):
    """Net return of each bar of one who buys at the first open and sells at the last close, in
    logarithms, without an account.
    """
    opens, closes, costs = market.prices.open[0], market.prices.close[0], settings.costs
    away = costs.half_spread + costs.slippage
    fill = opens[1] * (1 + away) * (1 + costs.fee)
    values = np.concatenate([[1.0], closes[1:] / fill])
    values[-1] *= (1 - away) * (1 - costs.fee)
    return values[1:] / values[:-1] - 1.0


@pytest.mark.parametrize("play", ["agent", "rule"])
def test_no_growth_ends_a_replay(play):
    settings, market = small_settings(costs=COSTS), rising(8_000)

    if play == "agent":
        run = agent_run(market, always(BUY), settings)
    else:
        run, _ = follow([BuyAndHold(CHANCE)], market, (0, len(market)), settings)

    expected = slow_returns(market, settings)
    np.testing.assert_allclose(run.returns, expected, rtol=1e-9, atol=1e-12)
    assert run.ended == Ended()
    # e to the power of 160: of money that books hold there are a hundred orders of magnitude less
    figures = run.measures(8766.0)
    assert (
        figures["log_growth"] == pytest.approx(np.log1p(expected).sum(), rel=1e-9)
        and figures["log_growth"] > 150
    )
    assert figures["return"] == pytest.approx(np.expm1(np.log1p(expected).sum()), rel=1e-6)
    assert MONEY * figures["return"] > 1e40 * MOST_MONEY
    assert all(
        value is None or isinstance(value, str) or np.isfinite(value) for value in figures.values()
    )


@pytest.mark.parametrize(
    ("weights", "life"),
    [(restless(), {}), (always(BUY), {"max_leverage": 5.0})],
    ids=["in and out", "levered"],
)
def test_where_an_account_is_rebased_changes_no_bit_of_its_returns(weights, life):
    """A million times the money is rebased at other bars."""
    market, costs = rising(1_500, 0.03), COSTS | {"funding": 1e-5, "borrow": 1e-5}
    first, second = (
        agent_run(market, weights, small_settings(costs=costs, life=life | {"endowment": money}))
        for money in (MONEY, MONEY * 2**20)
    )

    assert first.window["log_growth"] > 20
    np.testing.assert_array_equal(first.returns, second.returns)
    np.testing.assert_array_equal(first.exposures, second.exposures)
    assert first.window["log_growth"] == pytest.approx(second.window["log_growth"], rel=1e-12)
    assert first.window["max_drawdown"] == second.window["max_drawdown"]
    np.testing.assert_array_equal(first.trades["entry_bar"], second.trades["entry_bar"])
    # of money no more than a power of two differs
    shares = second.trades["net_profit"] / first.trades["net_profit"]
    np.testing.assert_array_equal(np.log2(shares), np.rint(np.log2(shares)))


def test_who_is_ruined_keeps_what_is_left_to_the_end():
    """Three times levered short of a price that doubles: the account is gone for good."""
    closes = [100.0, 100.0, 100.0, 400.0, *[400.0] * 20]
    settings = small_settings(costs=NO_COSTS, life={"direction": "long_short", "max_leverage": 5.0})

    run = agent_run(market_of(closes), always(SELL), settings)

    assert run.ended == Ended(3, "ruined")
    assert len(run.returns) == len(run.exposures) == int(run.window["bars"]) == len(closes) - 1
    assert run.returns[2] <= -1.0 and not run.returns[3:].any() and not run.exposures[3:].any()
    figures = run.measures(365.0)
    assert (figures["ended_bar"], figures["ended_because"], figures["bars"]) == (3, "ruined", 23)
    assert figures["return"] == pytest.approx(-1.0) and figures["cagr"] == pytest.approx(-1.0)
    # deviation over all bars, those in which nothing happened too
    assert figures["sharpe"] == pytest.approx(run.returns.mean() / run.returns.std(ddof=1))


def test_a_network_that_goes_wrong_on_the_way_stands_still_from_there():
    market = rising(60)
    features = market.features.copy()
    features[30:] = np.nan
    market = MarketView(market.prices, features)
    settings = small_settings(costs=NO_COSTS)

    run = agent_run(
        market,
        np.where(always(BUY) == 0, np.float32(1e-6), always(BUY)).astype(np.float32),
        settings,
    )

    assert run.ended.because == "diverged"
    assert (
        len(run.returns) == 59
        and run.returns[: run.ended.bar].any()
        and not run.returns[run.ended.bar :].any()
    )
    figures = evaluate(
        born(settings, 0, 1).online, born(settings, 0, 1).agents, market, (0, 60), settings
    )[0]
    assert figures["return"] == 0.0 or np.isfinite(figures["return"])


def test_joined_windows_grow_beyond_any_number_and_stay_finite():
    settings, market = small_settings(costs=NO_COSTS), rising(600, 0.3)
    parts = [
        follow([BuyAndHold(CHANCE)], market, stretch, settings)[0]
        for stretch in pieces(market, 101)
    ] * 12

    figures = joined(parts).measures(365.0)

    assert (
        figures["log_growth"]
        == pytest.approx(12 * sum(float(part.window["log_growth"]) for part in parts[:6]))
        and figures["log_growth"] > 2_000
    )
    assert figures["return"] == return_of(MOST_LOG_GROWTH) < np.inf
    assert 0.0 <= figures["max_drawdown"] < 1.0


def test_growth_in_logarithms_is_that_of_the_product():
    returns = np.random.default_rng(1).standard_normal(500) * 0.02

    np.testing.assert_allclose(
        np.exp(log_equity(returns)), np.concatenate([[1.0], np.cumprod(1 + returns)]), rtol=1e-12
    )
    assert np.isfinite(log_equity(np.array([0.1, -1.0, -1.5]))).all()
