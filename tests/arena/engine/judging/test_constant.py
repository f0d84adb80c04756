"""One exposure all along, against a slow account; and the exposures of real runs, read from their trades."""

import numpy as np
import pytest

from agents.strategies.rules import RULES
from arena.engine.evaluate import baseline_runs, follow, runs
from arena.engine.judging.constant import BAND, constant_run
from arena.engine.judging.exposure import equity_by_trades, mean_exposures, quantities
from arena.engine.play import MarketView
from tests.arena.engine.small import NO_COSTS, born, small_bars, small_market, small_settings, told

STRETCH = (200, 420)
DEAR = {"fee": 0.001, "half_spread": 0.0005, "slippage": 0.0003, "funding": 0.0001, "borrow": 0.0002}
SHORTS = {"direction": "long_short", "max_leverage": 5.0}


def slow_constant(exposures, market, stretch, costs, money):
    """Equity at each close, written out: orders of the difference, costs on what is traded."""
    opens, _, _, closes, _ = market.bars
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
    settings = small_settings(costs=DEAR, life=SHORTS)
    market = MarketView.of([small_bars(seed=seed, volatility=0.01) for seed in (1, 2)])

    run = constant_run(np.array(exposures), market, STRETCH, settings)

    slow = slow_constant(exposures, market, STRETCH, DEAR, settings.life.endowment)
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
    settings, market = small_settings(life=SHORTS), told([100, 100, 100, 40, 400, 400])

    run = constant_run(np.array([3.0]), market, (0, 6), settings)

    assert run.figures()["return"] == pytest.approx(-1.0)
    assert run.returns[-2:] == pytest.approx(0.0)


def test_an_exposure_read_from_trades_is_the_one_the_ledger_counted():
    settings, market = small_settings(6, life=SHORTS | {"stop_loss": 0.02}), small_market(volatility=0.01)
    block, closes = born(settings), market.prices[3]

    for run in runs(block.online, block.agents, market, STRETCH, settings):
        equity = settings.life.endowment * np.cumprod(1 + run.returns)
        held = quantities(run.trades, 1, STRETCH[0] + 1, len(equity))[0]
        counted = np.abs(held) * closes[0, STRETCH[0] + 1 : STRETCH[1]] / equity
        # before the last position was closed, and paid for
        assert counted == pytest.approx(run.exposures, rel=0.01)
        assert counted[:-1] == pytest.approx(run.exposures[:-1])
        signed = mean_exposures(run.trades, equity, closes, STRETCH[0] + 1)
        assert signed[0] == pytest.approx(np.mean(np.sign(held) * counted))


def test_equity_is_known_from_trades_alone_but_for_fees_of_what_is_open():
    settings, market = small_settings(life=SHORTS), small_market(volatility=0.01)
    rule = RULES["mean_reversion"](np.random.default_rng(1))
    run, _ = follow([rule], market, STRETCH, settings)

    equity = equity_by_trades(run.trades, settings.life.endowment, market.prices[3], STRETCH[0] + 1, STRETCH[1] - STRETCH[0] - 1)

    assert len(run.trades) > 3
    exact = settings.life.endowment * np.cumprod(1 + run.returns)
    assert equity == pytest.approx(exact, rel=0.005)
    assert equity[-1] == pytest.approx(exact[-1], rel=0.005)
