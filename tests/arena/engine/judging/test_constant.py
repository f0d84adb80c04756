"""One exposure all along, against a slow account; and the exposures of real runs, read from their
trades.
"""

import numpy as np
import pytest

from agents.strategies.base import BUY, SELL
from arena.engine.judging.constant import BAND, constant_run
from arena.engine.judging.evaluate import baseline_runs, follow, runs
from arena.engine.judging.exposure import mean_exposures, mean_exposures_of_window
from arena.engine.trading.ledger import DEATH, WINDOW_END
from arena.prices.market.view import MarketView
from tests.arena.engine.small import (
    NO_COSTS,
    born,
    market_of,
    small_bars,
    small_market,
    small_settings,
    together,
)

STRETCH = (200, 420)
HIGH = {
    "fee": 0.001,
    "half_spread": 0.0005,
    "slippage": 0.0003,
    "funding": 0.0001,
    "borrow": 0.0002,
}
SHORTS = {"direction": "long_short", "max_leverage": 5.0}


def slow_constant(exposures, market, stretch, costs, money):
    """Equity at each close, written out: orders of the difference, costs on what is traded."""
    opens, closes = market.prices.open, market.prices.close
    cash, held, out = money, [0.0] * len(closes), []
    for t in range(stretch[0] + 1, stretch[1]):
        equity = cash + sum(q * p for q, p in zip(held, opens[:, t], strict=True))
        for s, exposure in enumerate(exposures):
            price = opens[s, t]
            wanted = exposure * equity / price
            if abs(wanted - held[s]) > BAND * abs(wanted):
                cash, held[s] = slow_fill(cash, held[s], wanted - held[s], price, costs)
        equity = cash + sum(q * p for q, p in zip(held, closes[:, t], strict=True))
        for q, price in zip(held, closes[:, t], strict=True):
            loan = -q * price if q < 0 else max(q * price - equity / len(held), 0.0)
            cash -= costs["funding"] * abs(q) * price + costs["borrow"] * loan
        if t == stretch[1] - 1:
            for s, q in enumerate(held):
                cash, held[s] = slow_fill(cash, q, -q, closes[s, t], costs)
        out.append(cash + sum(q * p for q, p in zip(held, closes[:, t], strict=True)))
    return np.array(out)


def slow_fill(cash, held, quantity, mid, costs):
    side = np.sign(quantity)
    price = mid * (1 + side * (costs["half_spread"] + costs["slippage"]))
    return cash - quantity * price - abs(quantity) * price * costs["fee"], held + quantity


@pytest.mark.parametrize("exposures", [[0.4, 0.1], [-0.3, 0.6], [2.0, -1.5]])
def test_it_is_what_a_slow_account_comes_to(exposures):
    settings = small_settings(costs=HIGH, life=SHORTS)
    market = MarketView.of([small_bars(seed=seed, volatility=0.01) for seed in (1, 2)])

    run = constant_run(np.array(exposures), market, STRETCH, settings)

    slow = slow_constant(exposures, market, STRETCH, HIGH, settings.life.endowment)
    assert np.cumprod(1 + run.returns) * settings.life.endowment == pytest.approx(slow)
    assert run.trades["net_profit"].sum() == pytest.approx(slow[-1] - settings.life.endowment)
    assert run.figures()["return"] == pytest.approx(slow[-1] / settings.life.endowment - 1)
    assert run.exposures[:-1] == pytest.approx(sum(map(abs, exposures)), rel=0.25)


def test_all_of_the_money_without_costs_is_buy_and_hold():
    settings, market = small_settings(costs=NO_COSTS), small_market()

    run = constant_run(np.array([1.0]), market, STRETCH, settings)

    hold = baseline_runs(market, STRETCH, settings, -1)["buy_and_hold"]
    assert run.returns == pytest.approx(hold.returns)


def test_no_exposure_is_cash():
    run = constant_run(np.zeros(1), small_market(), STRETCH, small_settings())

    assert (run.figures()["return"], len(run.trades), run.returns.any()) == (0.0, 0, False)


def test_who_loses_everything_is_out():
    settings, market = small_settings(life=SHORTS), market_of([100, 100, 100, 40, 400, 400])

    run = constant_run(np.array([3.0]), market, (0, 6), settings)

    assert run.figures()["return"] == pytest.approx(-1.0)
    assert run.returns[-2:] == pytest.approx(0.0)


def test_an_exposure_has_the_side_of_its_trades_and_the_size_the_ledger_counted():
    settings = small_settings(6, life=SHORTS | {"stop_loss": 0.02})
    market, block = small_market(volatility=0.01), born(settings)
    closes, first = market.prices.close, STRETCH[0] + 1

    for run in runs(block.online, block.agents, market, STRETCH, settings):
        sides = np.zeros(len(run.returns))
        for t in range(len(sides)):
            for trade in run.trades:
                last = trade["exit_bar"] - (trade["reason"] not in (WINDOW_END, DEATH))
                if trade["entry_bar"] <= first + t <= last:
                    sides[t] = trade["side"]
        assert (sides != 0).tolist() == (run.exposures > 0).tolist()
        signed = mean_exposures(run.trades, run.exposures, closes, first)
        assert signed[0] == pytest.approx(np.mean(sides * run.exposures))
        # by the mean alone it comes close
        known = run.exposures.mean()
        near = mean_exposures_of_window(run.trades, known, closes, first, len(sides))
        assert near[0] == pytest.approx(signed[0], abs=0.1 * known + 1e-9)


def test_each_symbol_has_its_own_share():
    settings = small_settings(costs=NO_COSTS, life={"direction": "long_short"})
    market = basket_of([100.0, 100, 100, 100], [50.0, 50, 50, 50])
    run, _ = follow([Always(BUY), Always(SELL)], market, (0, 4), settings)

    signed = mean_exposures(run.trades, run.exposures, market.prices.close, 1)

    assert signed == pytest.approx([0.5, -0.5])


class Always:
    """Wants one thing."""

    name = "always"

    def __init__(self, action):
        self.action = action

    def decide(self, observation):
        return self.action

    def on_win(self, profit):
        pass

    def on_loss(self, loss):
        pass


def basket_of(*closes):
    return together(*(market_of(each) for each in closes))
