"""Judging: a network gives the same figures through the compiled path and as a strategy; rules do
what they are called.
"""

import numpy as np
import pytest

from agents.life.lifecycle import ACTIVE
from agents.strategies.base import RANGE_16, RANGE_64
from agents.strategies.ml_adapter import NetworkStrategy
from agents.strategies.rules import RULES
from arena.engine.judging.evaluate import baselines, evaluate, figures_of, run_strategy
from arena.engine.play import Desk, memory_of, records
from arena.engine.results import TRADE_REASONS
from arena.engine.trading.windows import NONE
from arena.prices.market.causality import with_other_future
from arena.prices.market.view import MarketView
from ml.networks.registry import NETWORKS
from ml.rng import Purpose, stream
from tests.agents.life.test_trust import slow_psr
from tests.arena.engine.slow import BUY, HOLD, SELL, Fees, SlowAccount
from tests.arena.engine.small import (
    HIDDEN,
    NO_COSTS,
    always,
    born,
    market_of,
    small_bars,
    small_market,
    small_settings,
)

STRETCH = (200, 420)
DIRECTIONS = [
    {},
    {
        "life": {
            "direction": "long_short",
            "max_leverage": 5.0,
            "stop_loss": 0.03,
            "take_profit": 0.04,
        },
        "costs": {"funding": 0.0002, "borrow": 0.0003, "impact": 0.05, "maker_fee": 0.0005},
    },
]


def slow_run(market, stretch, actions, settings):
    """(equity at each close, trades) of actions [S, bars] by the slow ledger, closed at the end."""
    start, stop = stretch
    exits = {"stop": settings.life.stop_loss, "profit": settings.life.take_profit}
    account = SlowAccount(settings.life.endowment, Fees.of(settings), market.symbols, **exits)
    equity, cap = [account.cash], max(1.0, 0.4 * settings.life.max_leverage)
    for t, chosen in enumerate(np.atleast_2d(actions).T, start + 1):
        opens, highs, lows, closes, volumes = (column[:, t] for column in market.prices)
        account.order(t, opens, chosen, settings.life.direction == "long_short", cap, volumes)
        account.force(t, opens, highs, lows, volumes)
        account.carry(closes)
        equity.append(account.equity(closes))
    account.leave_all(stop - 1, closes, "window_end", volumes)
    equity[-1] = account.cash
    return np.array(equity), account.trades


def check_figures(figures, equity, trades):
    returns = np.diff(equity) / equity[:-1]
    assert figures["return"] == pytest.approx(equity[-1] / equity[0] - 1, rel=1e-7, abs=1e-12)
    assert figures["max_drawdown"] == pytest.approx(
        np.max(1 - equity / np.maximum.accumulate(equity)), rel=1e-7, abs=1e-12
    )
    assert figures["trades"] == len(trades)
    if returns.std() > 0:
        assert figures["sharpe"] == pytest.approx(returns.mean() / returns.std(ddof=1), rel=1e-6)
        assert figures["psr"] == pytest.approx(slow_psr(returns), rel=1e-6)


@pytest.mark.parametrize("sections", DIRECTIONS, ids=str)
@pytest.mark.parametrize("kind", list(NETWORKS))
def test_a_network_decides_and_earns_the_same_compiled_and_as_a_strategy(kind, sections):
    settings = small_settings(6, network={"kind": kind, "hidden": HIDDEN}, **sections)
    market, block = small_market(volatility=0.02), born(settings)
    desk = Desk(settings, market, for_real=False)
    trades_seen = 0

    compiled = evaluate(block.online, block.agents, market, STRETCH, settings)

    for i in range(6):
        strategy = NetworkStrategy(
            NETWORKS[kind], HIDDEN, block.online[i], past=market.features[: STRETCH[0]]
        )
        window, trades, actions = run_strategy([strategy], market, STRETCH, settings)
        path = np.full((1, STRETCH[1] - STRETCH[0]), NONE, np.uint8)
        desk.compete(
            records(block.agents.copy()), i, STRETCH, memory_of(1, 2), 0, block.online[i], path
        )
        np.testing.assert_array_equal(path[:, :-1], actions)
        assert compiled[i] == figures_of(window, len(trades))
        check_figures(compiled[i], *slow_run(market, STRETCH, actions, settings))
        trades_seen += len(trades)
    assert trades_seen > 20


def test_evaluation_scars_kills_and_changes_no_agent():
    settings = small_settings()
    market, block = market_of([100, 100, 50, 9, 4, 40, 400]), born(settings)
    block.online[:] = always(BUY)
    before = block.agents.copy()

    figures = evaluate(block.online, block.agents, market, (0, 7), settings)

    assert block.agents.tobytes() == before.tobytes()
    # through 96 % of loss to four times the money
    assert figures[0]["return"] == pytest.approx(3.0, rel=0.01)
    assert figures[0]["max_drawdown"] == pytest.approx(0.96, rel=0.01)


def test_an_agent_is_judged_with_fresh_money_whatever_became_of_it_but_keeps_its_scars():
    settings, market = small_settings(), small_market()
    block = born(settings)
    usual = evaluate(block.online, block.agents, market, STRETCH, settings)
    block.agents["equity"], block.agents["peak"], block.agents["state"] = 3.0, 90_000.0, 4

    assert evaluate(block.online, block.agents, market, STRETCH, settings) == usual
    block.agents["cost_multiplier"] = 1.5
    scarred = evaluate(block.online, block.agents, market, STRETCH, settings)
    assert any(one["return"] < two["return"] for one, two in zip(scarred, usual, strict=True))


def test_exploration_is_off_whatever_competition_allows():
    market, greedy, curious = (
        small_market(),
        small_settings(),
        small_settings(learning={"epsilon_compete": 1.0}),
    )
    block = born(greedy)

    assert evaluate(block.online, block.agents, market, STRETCH, curious) == evaluate(
        block.online, block.agents, market, STRETCH, greedy
    )


@pytest.mark.parametrize("seed", range(4))
def test_no_action_in_evaluation_depends_on_a_bar_after_it(seed):
    rng, settings, bars = np.random.default_rng(seed), small_settings(), small_bars(seed=seed)
    t, weights = int(rng.integers(STRETCH[0], STRETCH[1] - 1)), born(settings).online[0]

    def actions(of):
        strategies = [
            NetworkStrategy(NETWORKS["q_net"], HIDDEN, weights),
            *(make(np.random.default_rng(1)) for make in RULES.values()),
        ]
        return np.array(
            [
                run_strategy([strategy], MarketView.of([of]), STRETCH, settings)[2][0]
                for strategy in strategies
            ]
        )

    usual, other = actions(bars), actions(with_other_future(bars, t + 1, rng))

    np.testing.assert_array_equal(other[:, : t - STRETCH[0] + 1], usual[:, : t - STRETCH[0] + 1])


# -- baselines


def obvious_actions(name, market, settings, index):
    """What each rule has to do, from the features and its own position alone."""
    rng, held, out = stream(settings.seed, Purpose.RANDOM_POLICY, index + 1), False, []
    for t in range(STRETCH[0], STRETCH[1] - 1):
        near, far = market.features[t, RANGE_16], market.features[t, RANGE_64]
        action = {
            "buy_and_hold": HOLD if held else BUY,
            "short_and_hold": HOLD if held else SELL,
            "cash": HOLD,
            "random": int(rng.integers(3)) if name == "random" else HOLD,
            "momentum": BUY if far > 0.5 else SELL if far < -0.5 else HOLD,
            "mean_reversion": BUY if near < -0.5 else SELL if near > 0.5 else HOLD,
        }[name]
        held = held or action != HOLD
        out.append(action)
    return out


@pytest.mark.parametrize("sections", DIRECTIONS, ids=str)
@pytest.mark.parametrize("index", [-1, 3])
def test_every_baseline_does_what_it_is_called_at_the_same_costs(index, sections):
    settings, market = small_settings(**sections), small_market(volatility=0.004)
    direction = settings.life.direction
    unstopped = small_settings(**sections | {"life": {"direction": direction}})

    found = baselines(market, STRETCH, settings, index)

    shorts = ["short_and_hold"] if direction == "long_short" else []
    assert list(found) == ["buy_and_hold", *shorts, "cash", "random", "momentum", "mean_reversion"]
    for name, figures in found.items():
        equity, trades = slow_run(
            market, STRETCH, obvious_actions(name, market, settings, index), unstopped
        )
        check_figures(figures, equity, trades)


def test_buy_and_hold_earns_what_the_price_did_from_the_second_open_to_the_last_close():
    settings, market = small_settings(costs=NO_COSTS), small_market()

    found = baselines(market, STRETCH, settings, 0)

    assert found["buy_and_hold"]["return"] == pytest.approx(
        market.prices.close[0, STRETCH[1] - 1] / market.prices.open[0, STRETCH[0] + 1] - 1
    )
    assert found["buy_and_hold"]["trades"] == 1
    assert found["cash"] == {
        "return": 0.0,
        "sharpe": None,
        "max_drawdown": 0.0,
        "trades": 0,
        "psr": 0.5,
        "score": 0.0,
    }


def test_baselines_hold_on_where_agents_would_be_stopped():
    market, stopped = small_market(volatility=0.02), {"stop_loss": 0.01, "take_profit": 0.01}

    assert baselines(market, STRETCH, small_settings(life=stopped), 3) == baselines(
        market, STRETCH, small_settings(), 3
    )


# agents may take five times their money here, and their margin would be called
LEVERED = {"direction": "long_short", "max_leverage": 5.0}


@pytest.mark.parametrize(
    ("closes", "name", "earned"),
    [
        # 40 % down and back, where five times the money, or twice, is gone
        ([100, 100, 60, 100, 112], "buy_and_hold", 0.12),
        # half is lost at the worst, and once more: there is no margin call on what is one's own
        ([100, 100, 40, 30, 90], "buy_and_hold", -0.1),
        ([100, 100, 180, 110, 50], "short_and_hold", 0.5),
        # where nothing is left a short is out, and stays out
        ([100, 100, 180, 250, 50], "short_and_hold", -1.0),
    ],
)
def test_hold_is_once_the_money_and_nothing_takes_it_away(closes, name, earned):
    found = baselines(
        market_of(closes), (0, len(closes)), small_settings(life=LEVERED, costs=NO_COSTS), -1
    )

    assert found[name]["return"] == pytest.approx(earned)
    assert found[name]["trades"] == 1
    assert found[name]["max_drawdown"] <= 1.0


@pytest.mark.parametrize("direction", ["long_flat", "long_short"])
def test_no_rule_changes_with_the_leverage_that_agents_may_take(direction):
    market = small_market(volatility=0.02)

    plain, levered = (
        baselines(
            market, STRETCH, small_settings(life={"direction": direction, "max_leverage": most}), 3
        )
        for most in (1.0, 20.0)
    )

    assert plain == levered


def test_the_random_policy_is_addressed_by_seed_and_round():
    market = small_market()

    def random(seed, index):
        return baselines(market, STRETCH, small_settings(seed=seed), index)["random"]

    assert random(1, 0) == random(1, 0)
    assert len({random(seed, index)["return"] for seed in (1, 2) for index in (-1, 0, 1)}) == 6


class Listener:
    """Alternates between in and out, and writes down what it hears of its trades."""

    name = "listener"

    def __init__(self):
        self.profits, self.turn = [], 0

    def decide(self, observation):
        self.turn += 1
        return BUY if self.turn % 2 else SELL

    def on_win(self, profit):
        self.profits.append(profit)

    def on_loss(self, loss):
        self.profits.append(-loss)


def test_a_strategy_is_told_how_every_trade_ended():
    strategy = Listener()

    _, trades, _ = run_strategy([strategy], small_market(), STRETCH, small_settings())

    assert strategy.profits == list(trades["net_profit"])
    assert len(trades) == 110
    assert (trades["net_profit"] > 0).any()
    assert TRADE_REASONS[trades["reason"][-1]] == "window_end"


def test_a_network_that_has_gone_wrong_stands_aside_in_evaluation():
    settings, market = small_settings(), small_market()
    block = born(settings)
    block.online[0] = np.nan

    figures = evaluate(block.online, block.agents, market, STRETCH, settings)

    assert figures[0]["return"] == 0.0
    assert figures[0]["trades"] == 0
    assert (block.agents["state"] == ACTIVE).all()
