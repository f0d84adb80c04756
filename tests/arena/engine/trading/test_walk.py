"""One agent through one window: the money of a slow ledger, scars as stories, deaths, and what
practice remembers.
"""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from agents.life.lifecycle import ACTIVE, BANKRUPT, DIVERGED, OVERFLOW, SCARRED_OUT, STATES
from agents.life.trust import GOLD
from arena.engine.generations.founders import founders
from arena.engine.play import Desk, memory_of, play, records, slots_of
from arena.engine.results import AGENT, SCAR_CAUSES, TRADE_REASONS, RoundPlan
from arena.engine.trading.rewards import REWARDS, largest_reward
from arena.engine.trading.windows import NONE, WIN
from ml.learning.replay import ENDED, TAIL
from ml.networks.base import ACTIONS, PUBLIC
from ml.networks.registry import NETWORKS
from tests.arena.engine.slow import BUY, HOLD, NAMES, SELL, Fees, SlowAccount, SlowLife
from tests.arena.engine.small import (
    HIDDEN,
    MONEY,
    NO_COSTS,
    PLAN,
    Story,
    always,
    basket,
    born,
    brain_of,
    market_of,
    restless,
    small_market,
    small_settings,
    together,
)
from tests.pairs import pairwise

WILD = {
    "life": {"direction": "long_short", "max_leverage": 10.0},
    "learning": {"epsilon_compete": 0.5, "episodes": 0},
}
GUARDED = WILD | {"life": WILD["life"] | {"stop_loss": 0.03, "take_profit": 0.05}}
HIGH = {
    "fee": 0.004,
    "maker_fee": 0.001,
    "half_spread": 0.002,
    "slippage": 0.003,
    "impact": 0.1,
    "funding": 0.0005,
    "borrow": 0.0003,
}


def slow_life(block, actions, settings, market, plan):
    """The first agent of `block`, newborn, living through the actions."""
    life = SlowLife(
        SlowAccount(
            MONEY,
            Fees.of(settings),
            market.symbols,
            stop=settings.life.stop_loss,
            profit=settings.life.take_profit,
        ),
        endowment=MONEY,
        tier_cap=max(1.0, 0.4 * settings.life.max_leverage),
        bankrupt_at=settings.life.bankrupt_at,
        max_scars=settings.life.max_scars,
        short=settings.life.direction == "long_short",
    )
    return life.live(actions, plan.competition[0], market.prices)


@pairwise(
    symbols={"1": 1, "3": 3},
    volatility={"0.005": 0.005, "0.03": 0.03, "0.08": 0.08},
    costs={"default": {}, "free": NO_COSTS, "high": HIGH},
    sections={"long": {"learning": WILD["learning"]}, "wild": WILD, "guarded": GUARDED},
)
def test_a_window_equals_its_actions_replayed_by_a_slow_ledger(
    sections, costs, volatility, symbols
):
    settings = small_settings(
        8, costs=costs, **sections | {"learning": sections["learning"] | {"replay": 600}}
    )
    market, block = basket(symbols, volatility=volatility), born(settings, symbols=symbols)
    plan = RoundPlan(0, (200, 360), (), False)

    result = play(block, market, plan, settings)

    for i, agent in enumerate(block.agents):
        life = slow_life(block, result.actions[i], settings, market, plan)
        trades, scars = (
            table[table["agent"] == agent["number"]] for table in (result.trades, result.scars)
        )
        assert STATES[agent["state"]] == life.state
        assert agent["equity"] == pytest.approx(life.account.cash, rel=1e-9, abs=1e-6)
        assert agent["peak"] == pytest.approx(life.peak, rel=1e-9)
        assert agent["max_drawdown"] == pytest.approx(life.max_drawdown, rel=1e-9, abs=1e-12)
        expected = life.account.by_sequence()
        assert [TRADE_REASONS[reason] for reason in trades["reason"]] == [
            trade["reason"] for trade in expected
        ]
        for name in (
            "sequence",
            "symbol",
            "entry_bar",
            "exit_bar",
            "side",
            "entry_price",
            "exit_price",
            "quantity",
            "leverage",
        ):
            np.testing.assert_allclose(trades[name], [trade[name] for trade in expected], rtol=1e-9)
        for name in ("gross_profit", *NAMES, "net_profit"):
            np.testing.assert_allclose(
                trades[name], [trade[name] for trade in expected], rtol=1e-8, atol=1e-6
            )
        assert list(zip(scars["bar"], scars["severity"], strict=True)) == [
            scar[:2] for scar in life.scars
        ]
        for scar, (_, _, _, causes) in zip(scars, life.scars, strict=True):
            assert (
                SCAR_CAUSES[scar["cause"]],
                scar["symbol"],
                scar["trade"],
                scar["action"],
            ) in causes
        remembered = block.reward[i, :, : len(life.rewards)].T
        np.testing.assert_allclose(remembered, life.rewards, rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(scars["drawdown"], [scar[2] for scar in life.scars], rtol=1e-9)
        assert agent["cost_multiplier"] == pytest.approx(life.account.multiplier)


def test_such_windows_hold_every_reason_for_closing_and_every_death_but_divergence():
    reasons, states, causes = set(), set(), set()
    for volatility, sections in product((0.01, 0.08), (WILD, GUARDED)):
        settings = small_settings(
            8,
            costs={"fee": 0.004},
            learning=sections["learning"],
            life=sections["life"] | {"max_scars": 3},
        )
        block = born(settings)
        result = play(
            block,
            small_market(volatility=volatility),
            RoundPlan(0, (200, 360), (), False),
            settings,
        )
        reasons |= set(result.trades["reason"])
        states |= set(block.agents["state"])
        causes |= {SCAR_CAUSES[cause] for cause in result.scars["cause"]}

    assert {TRADE_REASONS[reason] for reason in reasons} == set(TRADE_REASONS) - {"signal"}
    assert {ACTIVE, SCARRED_OUT} <= states
    assert {"liquidation", "trade_loss", "stop_loss"} <= causes


# -- the ladder of scars, from prices; one buyer, no costs, equity follows the price from 100 on


def severities(closes, **fields):
    return [
        int(severity)
        for severity in Story(market_of(closes), always(BUY), **fields).scars["severity"]
    ]


@pytest.mark.parametrize(
    ("closes", "expected"),
    [
        ([100, 100, 96, 95.1, 96], []),
        ([100, 100, 95, 94, 93, 91], [1]),
        ([100, 100, 95, 89.9, 94, 89.9], [1, 2]),
        ([100, 100, 88, 95, 88, 86], [2]),
        ([100, 100, 95, 89.9, 79.9, 65], [1, 2, 3, 4]),
        ([100, 100, 79, 79, 64], [3, 4]),
        ([100, 100, 45, 44], [5]),
        # back at the old peak and down again: nothing new
        ([100, 100, 94, 100, 94, 100, 91], [1]),
        # a peak 4 % higher does not start the ladder again, so 5 % below it is no scar, but 10 % is
        ([100, 100, 94, 104, 98, 93.7, 93.5], [1, 2]),
        # a peak 5 % higher does
        ([100, 100, 94, 105, 99.7, 99], [1, 1]),
        ([100, 100, 89, 106, 100], [2, 1]),
    ],
)
def test_the_ladder_is_climbed_once_until_a_new_peak_five_per_cent_above_the_last(closes, expected):
    assert severities(closes) == expected


def test_the_ladder_goes_on_across_windows():
    first = Story(market_of([100, 100, 94, 95]), always(BUY))

    kept = {
        name: first.agent[name]
        for name in ("equity", "peak", "ladder_peak", "ladder_step", "scars")
    }
    second = Story(market_of([100, 100, 99, 95.7]), always(BUY), **kept)

    assert list(first.scars["severity"]) == [1]
    # 95 x 0.957 lies 9.1 % below the peak of the first window: still the first step
    assert list(second.scars["severity"]) == []
    third = Story(market_of([100, 100, 94]), always(BUY), **kept)
    assert list(third.scars["severity"]) == [2]


def test_a_scar_tells_its_bar_trade_action_and_action_values():
    story = Story(market_of([100, 100, 99, 94]), always(BUY))

    scar = story.scars[0]
    assert (scar["agent"], scar["sequence"], scar["bar"], scar["trade"], scar["action"]) == (
        1,
        0,
        3,
        0,
        BUY,
    )
    np.testing.assert_array_equal(scar["q"], [0, 0, 1])
    assert scar["drawdown"] == pytest.approx(0.06)
    assert story.trades["sequence"][0] == scar["trade"]


@pytest.mark.parametrize(
    ("closes", "causes"),
    [
        ([100, 100, 97, 94], ["trade_loss"]),
        ([100, 100, 91, 89], ["trade_loss", "trade_loss"]),
        ([100, 100, 89], ["crash"]),
    ],
)
def test_the_cause_of_a_scar_is_a_slow_loss_or_a_crash(closes, causes):
    assert [
        SCAR_CAUSES[cause] for cause in Story(market_of(closes), always(BUY)).scars["cause"]
    ] == causes


def test_costs_alone_cut_a_scar_of_their_own_cause():
    settings = small_settings(costs={"fee": 0.02, "half_spread": 0.0, "slippage": 0.0})

    story = Story(market_of([100.0] * 12), restless(), settings)

    assert [SCAR_CAUSES[cause] for cause in story.scars["cause"]][:2] == [
        "fee_burden",
        "fee_burden",
    ]
    assert len(story.trades) == 6
    # later trades cost more, by the multiplier of the scars cut before them
    shares = story.trades["fee"] / story.trades["quantity"] / 200
    assert shares[0] == pytest.approx(0.02)
    assert shares[-1] > 0.02 * 1.05


LEVERED = {"life": {"max_leverage": 10.0}, "costs": NO_COSTS}


def test_a_stop_that_cuts_a_loss_deep_enough_is_the_cause_of_its_scar():
    settings = small_settings(costs=NO_COSTS, life={"stop_loss": 0.06})

    story = Story(market_of([100, 100, 100, 96, 96], lows={3: 90}), always(BUY), settings)

    assert [TRADE_REASONS[reason] for reason in story.trades["reason"]] == [
        "stop_loss",
        "window_end",
    ]
    assert [
        (scar["severity"], SCAR_CAUSES[scar["cause"]], scar["trade"], scar["bar"])
        for scar in story.scars
    ] == [(1, "stop_loss", 0, 3)]
    assert story.scars["drawdown"] == pytest.approx([0.06])


def test_a_liquidation_cuts_a_scar_after_which_there_is_no_leverage():
    market = market_of([100] * 6, lows={2: 93.0, 4: 93.0})

    story = Story(market, always(BUY), small_settings(**LEVERED), tier=3, scar_leverage=0.8)

    # eight times 7 % is 56 % of the money; from then on min(10, 1) x 0.8 x 0.5
    assert [TRADE_REASONS[reason] for reason in story.trades["reason"]] == [
        "liquidation",
        "window_end",
    ]
    np.testing.assert_allclose(story.trades["leverage"], [8.0, 0.4])
    assert [
        (scar["severity"], SCAR_CAUSES[scar["cause"]], scar["trade"]) for scar in story.scars
    ] == [(5, "liquidation", 0)]
    assert story.scars["drawdown"][0] == pytest.approx(0.56)


def test_every_liquidation_cuts_a_scar_whatever_the_ladder_says():
    settings = small_settings(life={"direction": "long_short"}, costs=NO_COSTS)
    market = market_of([100] * 6, highs={2: 151.0, 4: 205.0})

    story = Story(market, always(SELL), settings, tier=3)

    assert [TRADE_REASONS[reason] for reason in story.trades["reason"]] == [
        "liquidation",
        "liquidation",
        "window_end",
    ]
    assert [
        (scar["severity"], SCAR_CAUSES[scar["cause"]], scar["bar"]) for scar in story.scars
    ] == [
        (5, "liquidation", 2),
        (5, "liquidation", 4),
    ]
    assert story.agent["severe_scars"] == 2


# -- death


def test_the_bankrupt_is_closed_out_and_does_no_more():
    story = Story(market_of([100, 100, 50, 9, 9, 9]), always(BUY))

    assert story.agent["state"] == BANKRUPT
    assert list(story.path) == [BUY, BUY, BUY, NONE, NONE, NONE]
    assert TRADE_REASONS[story.trades["reason"][0]] == "death"
    assert story.trades["exit_bar"][0] == 3
    assert story.agent["equity"] == pytest.approx(0.09 * MONEY)
    assert story.window["bars"] == 3
    # the bar that kills also cuts
    assert list(story.scars["severity"]) == [5]


def test_equity_at_the_line_is_not_bankrupt_and_below_it_is():
    assert Story(market_of([100, 100, 10.001, 10.001]), always(BUY)).agent["state"] == ACTIVE
    assert Story(market_of([100, 100, 9.999, 9.999]), always(BUY)).agent["state"] == BANKRUPT


def test_whom_the_price_of_getting_out_at_the_windows_end_brings_below_the_line_is_bankrupt():
    settings = small_settings(costs={"fee": 0.05, "half_spread": 0.0, "slippage": 0.0})

    story = Story(market_of([100, 100, 60, 10.6]), always(BUY), settings)

    assert TRADE_REASONS[story.trades["reason"][0]] == "window_end"
    assert story.agent["equity"] < 0.1 * MONEY
    assert story.agent["state"] == BANKRUPT


def test_a_childs_line_of_bankruptcy_is_a_share_of_its_own_endowment():
    child = {"endowment": 2500.0, "equity": 2500.0, "peak": 2500.0}

    assert Story(market_of([100, 100, 50, 12, 12]), always(BUY), **child).agent["state"] == ACTIVE
    assert Story(market_of([100, 100, 50, 9, 9]), always(BUY), **child).agent["state"] == BANKRUPT


def test_the_last_severe_scar_kills_at_once():
    settings = small_settings(costs=NO_COSTS, life={"max_scars": 2})

    story = Story(market_of([100, 100, 95, 89.9, 79.9, 200, 200]), always(BUY), settings)

    assert story.agent["state"] == SCARRED_OUT
    assert list(story.scars["severity"]) == [1, 2, 3]
    assert list(story.path) == [BUY] * 4 + [NONE] * 3
    assert TRADE_REASONS[story.trades["reason"][0]] == "death"
    assert story.agent["equity"] == pytest.approx(0.799 * MONEY)


def test_scars_of_severity_one_kill_nobody():
    closes = [100, 100]
    for _ in range(6):
        closes += [closes[-1] * 0.945, closes[-1] * 1.06]

    story = Story(
        market_of(closes), always(BUY), small_settings(costs=NO_COSTS, life={"max_scars": 1})
    )

    assert list(story.scars["severity"]) == [1] * 6
    assert story.agent["state"] == ACTIVE


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e9, -1e9])
def test_values_that_no_rewards_could_add_up_to_freeze_the_agent_before_it_acts(bad):
    weights = always(BUY)
    weights[-1] = bad

    story = Story(market_of([100, 101, 102, 103]), weights)

    assert story.agent["state"] == DIVERGED
    assert set(story.path) == {NONE}
    assert story.agent["equity"] == MONEY
    assert len(story.trades) == len(story.scars) == 0


@pytest.mark.parametrize("reward", REWARDS)
def test_the_bound_of_values_is_the_largest_reward_for_ever_by_kind_of_reward_and_discount(reward):
    settings = small_settings(learning={"reward": reward, "gamma": 0.9})
    largest = 10 * largest_reward(REWARDS.index(reward), settings.life.max_leverage)

    for share, state in ((0.999, ACTIVE), (1.001, DIVERGED)):
        story = Story(
            market_of([100, 101, 102, 103]), always(BUY) * np.float32(share * largest), settings
        )
        assert story.agent["state"] == state


def test_preferences_of_a_policy_are_no_values_and_have_no_bound():
    settings = small_settings(network={"kind": "policy", "hidden": HIDDEN}, learning={"gamma": 0.0})
    weights = np.zeros(NETWORKS["policy"].layout(HIDDEN).size, np.float32)
    weights[-2] = 1e30

    assert Story(market_of([100, 101, 102, 103]), weights, settings).agent["state"] == ACTIVE


RICH = {"endowment": 1e12, "max_leverage": 20.0}


@pytest.mark.parametrize("factor", [2.0, 10.0])
def test_an_agent_that_owns_more_than_can_be_counted_is_frozen_on_that_bar_and_everything_is_closed(
    factor,
):
    market = market_of(100.0 * factor ** np.arange(30.0))

    story = Story(
        market,
        always(BUY),
        small_settings(life=RICH),
        tier=GOLD,
        equity=1e12,
        endowment=1e12,
        peak=1e12,
    )

    assert story.agent["state"] == OVERFLOW
    [trade], bar = story.trades, int((story.path == BUY).sum())
    assert TRADE_REASONS[trade["reason"]] == "death"
    assert trade["exit_bar"] == bar < 12
    entry = market.prices.open[0, trade["entry_bar"]]
    before, after = (
        1e12 + trade["quantity"] * (market.prices.close[0, t] - entry) for t in (bar - 1, bar)
    )
    assert before < 1e15 < after
    paid = sum(trade[name] for name in ("fee", "spread_cost", "slippage_cost"))
    assert story.agent["equity"] == pytest.approx(1e12 + trade["gross_profit"] - paid)
    assert all(
        np.isfinite(story.agent[name]).all()
        for name in AGENT.names
        if name not in ("scores", "fitness")
    )


def test_money_up_to_the_last_that_can_be_counted_freezes_nobody():
    story = Story(
        market_of(np.full(6, 100.0)),
        always(BUY),
        small_settings(costs=NO_COSTS),
        equity=1e15,
        endowment=1e15,
        peak=1e15,
    )

    assert story.agent["state"] == ACTIVE


def test_every_window_ends_flat():
    story = Story(market_of([100, 100, 101, 102]), always(BUY))

    assert TRADE_REASONS[story.trades["reason"][0]] == "window_end"
    assert story.trades["exit_bar"][0] == 3
    assert story.agent["equity"] == pytest.approx(MONEY * 1.02)
    assert list(story.path) == [BUY, BUY, BUY, NONE]


def test_lifetime_sums_are_those_of_the_trades():
    settings = small_settings(costs={"fee": 0.001, "funding": 0.0001})
    prices = 100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.004, 60)))

    story = Story(market_of(prices), restless(), settings, win_factor=0.5)

    for name, sums in (
        ("gross_profit",) * 2,
        ("fee",) * 2,
        ("spread_cost",) * 2,
        ("slippage_cost",) * 2,
        ("funding",) * 2,
    ):
        assert story.agent[name] == pytest.approx(story.trades[sums].sum(), rel=1e-9)
    assert story.agent["trades"] == len(story.trades) > 10
    assert story.agent["win_factor"] == pytest.approx(
        0.5 * WIN ** (story.trades["net_profit"] > 0).sum()
    )
    assert story.agent["equity"] - MONEY == pytest.approx(
        story.trades["net_profit"].sum(), abs=1e-6
    )


def test_the_memory_of_a_competition_ends_with_the_position_still_open():
    story = Story(market_of([100, 100, 101, 102]), always(BUY))

    private = story.memory.private
    assert list(story.memory.action[:4]) == [BUY, BUY, BUY, TAIL]
    assert list(story.memory.row[:4]) == [0, 1, 2, 3]
    np.testing.assert_allclose(
        story.memory.reward[:3], 100 * np.log([1, 1.01, 102 / 101]), rtol=1e-4, atol=1e-6
    )
    np.testing.assert_allclose(private[:4, 0], [0, 1, 1, 1], rtol=1e-6)
    np.testing.assert_allclose(private[:4, 1], [0, 0, 0.1, 0.2], rtol=1e-5, atol=1e-6)


def test_the_asymmetric_reward_of_a_competition_feels_losses_depths_and_the_scar():
    settings = small_settings(costs=NO_COSTS, learning={"reward": "asymmetric"})

    story = Story(market_of([100, 100, 94, 97, 96]), always(BUY), settings)

    assert list(story.scars["bar"]) == [2]
    np.testing.assert_allclose(
        story.memory.reward[:4],
        [0.0, -20 * 0.06 - 5 * 0.06 - 1.0, 10 * 3 / 94, -20 / 97],
        rtol=1e-5,
        atol=1e-6,
    )


def test_the_drawdown_an_agent_sees_in_competition_is_from_its_own_highest_peak():
    story = Story(
        market_of([100, 100, 150, 150]),
        always(BUY),
        equity=0.8 * MONEY,
        peak=MONEY,
        ladder_step=5,
        ladder_peak=MONEY,
    )

    np.testing.assert_allclose(story.memory.private[:4, 2], [0.2, 0.2, 0.0, 0.0], atol=1e-6)


# -- premium features


def with_other_premium(market):
    features = market.features.copy()
    features[:, 16:PUBLIC] += 3.0
    return replace(market, features=features)


@pytest.mark.parametrize("scars", [0, 1])
def test_one_scar_takes_the_higher_timeframes_away_in_competition_and_practice(scars):
    settings = small_settings()
    results = []
    for market in (small_market(), with_other_premium(small_market())):
        block = born(settings, 0, 1)
        block.agents["scars"] = scars
        results.append(bytes(play(block, market, PLAN, settings).digests[0]))

    assert (results[0] == results[1]) == bool(scars)


# -- practice


def practise(settings, market, window, weights=None, **fields):
    """(agent, memory, brain, sums) of founder 1 after one practice window."""
    birth = founders(settings)[0]
    agents = np.array([birth.agent], AGENT)
    for name, value in fields.items():
        agents[name] = value
    weights = birth.weights if weights is None else weights
    brain = brain_of(weights)
    memory, desk = (
        memory_of(market.symbols, slots_of(settings, market.symbols)),
        Desk(settings, market),
    )
    desk.practise(records(agents), 0, window, memory, 0, brain)
    return agents[0], memory, brain, np.asarray(desk.window)[0].copy()


@pytest.mark.parametrize("symbols", [1, 3])
@pytest.mark.parametrize(
    "sections", [{}, {"life": GUARDED["life"] | {"max_leverage": 20.0, "bankrupt_at": 0.6}}]
)
def test_practice_remembers_what_a_slow_account_lives_through(sections, symbols):
    settings = small_settings(
        costs={"fee": 0.002, "funding": 0.0002, "impact": 0.03},
        learning={"replay": 900},
        **sections,
    )
    market, (start, stop) = basket(symbols, volatility=0.02), (160, 400)
    cap, exits = (
        max(1.0, 0.4 * settings.life.max_leverage),
        {"stop": settings.life.stop_loss, "profit": settings.life.take_profit},
    )

    agent, memory, _, sums = practise(settings, market, (start, stop))
    private, actions, rewards, rows = memory.private, memory.action, memory.reward, memory.row

    def newborn():
        return SlowAccount(MONEY, Fees.of(settings), symbols, **exits)

    account, peak, ends, wins, total = newborn(), MONEY, 0, 0, 0.0
    for n, t in enumerate(range(start, stop - 1)):
        now, (opens, highs, lows, closes, volumes) = (
            market.prices.close[:, t],
            (column[:, t + 1] for column in market.prices),
        )
        before, earned = account.equity(now), account.earned(now)
        for s in range(symbols):
            assert rows[s, n] == s * len(market) + t
            position = account.positions.get(s)
            exposure = position.side * position.quantity * now[s] / before if position else 0.0
            unrealised = 10 * position.side * (now[s] / position.price - 1) if position else 0.0
            expected = [
                np.clip(exposure, -5, 5),
                np.clip(unrealised, -5, 5),
                1 - before / peak,
                0.0,
            ]
            np.testing.assert_allclose(private[s, n], expected, rtol=1e-4, atol=1e-5)
        account.order(
            t + 1,
            opens,
            actions[:, n] % ENDED,
            settings.life.direction == "long_short",
            cap,
            volumes,
        )
        account.force(t + 1, opens, highs, lows, volumes)
        account.carry(closes)
        after, gains = account.equity(closes), np.subtract(account.earned(closes), earned)
        reward = 100 * np.log(np.maximum((before + gains) / before, 1e-3))
        np.testing.assert_allclose(rewards[:, n], reward, rtol=1e-4, atol=1e-4)
        ended = after < settings.life.bankrupt_at * MONEY
        assert ((actions[:, n] >= ENDED) == ended).all()
        total, peak = total + reward.sum(), max(peak, after)
        if ended:
            wins += sum(trade["net_profit"] > 0 for trade in account.trades)
            account, peak, ends = newborn(), MONEY, ends + 1
    wins += sum(trade["net_profit"] > 0 for trade in account.trades)
    assert (actions[:, stop - start - 1] == TAIL).all()
    assert list(rows[:, stop - start - 1]) == [s * len(market) + stop - 1 for s in range(symbols)]
    assert (agent["practice_bars"], agent["remembered"], sums["bars"]) == (
        stop - start - 1,
        stop - start,
        stop - start - 1,
    )
    assert sums["reward"] == pytest.approx(total, rel=1e-6, abs=1e-6)
    assert agent["win_factor"] == pytest.approx(WIN**wins)
    assert (ends > 0) == ("life" in sections)


def test_nothing_of_practice_is_booked():
    settings = small_settings()

    agent, *_ = practise(settings, small_market(volatility=0.05), (160, 400))

    birth = founders(settings)[0].agent
    for name in (
        "equity",
        "peak",
        "max_drawdown",
        "gross_profit",
        "fee",
        "trades",
        "scars",
        "ladder_step",
        "bars",
        "windows",
        "trust",
    ):
        assert agent[name] == birth[name]


@pytest.mark.parametrize(("bars", "every"), [(64, 4), (64, 1), (65, 16), (40, 50)])
def test_there_is_one_update_every_so_many_practice_bars(bars, every):
    settings = small_settings(learning={"update_every": every})

    agent, _, _, sums = practise(settings, small_market(), (160, 160 + bars + 1))

    # the first update waits for two remembered transitions
    expected = bars // every - (1 if every == 1 else 0)
    assert agent["updates"] == sums["updates"] == expected


def test_the_target_network_is_copied_every_so_many_updates_and_only_then():
    born_weights = founders(small_settings())[0].weights

    def after(updates, every):
        settings = small_settings(learning={"update_every": 4, "target_every": every})
        agent, _, brain, _ = practise(settings, small_market(), (160, 160 + 4 * updates + 1))
        assert agent["updates"] == updates
        return brain.online, brain.target

    online, target = after(10, 5)
    np.testing.assert_array_equal(online, target)
    online, target = after(11, 5)
    assert (online != target).any()
    np.testing.assert_array_equal(target, after(10, 5)[0])
    online, target = after(11, 12)
    np.testing.assert_array_equal(target, born_weights)
    assert (online != born_weights).any()


def test_a_soft_target_goes_its_share_of_the_way_after_every_update():
    start = founders(small_settings())[0].weights

    def after(updates):
        settings = small_settings(learning={"update_every": 4, "tau": 0.25})
        agent, _, brain, _ = practise(settings, small_market(), (160, 160 + 4 * updates + 1))
        assert agent["updates"] == updates
        return brain.online, brain.target

    expected = start
    for updates in (1, 2, 3):
        online, target = after(updates)
        expected = expected + np.float32(0.25) * (online - expected)
        np.testing.assert_allclose(target, expected, rtol=1e-5, atol=1e-7)
    assert np.abs(target - start).max() > 1e-4


def test_double_learning_is_told_from_plain():
    ends = [
        practise(small_settings(learning={"double": double}), small_market(), (160, 400))[2].online
        for double in (True, False)
    ]

    assert (ends[0] != ends[1]).any()


def test_with_learning_off_weights_stay_as_born_to_the_bit_though_the_agent_still_explores():
    settings = small_settings(learning={"enabled": False})

    agent, memory, brain, _ = practise(settings, small_market(), (160, 400))

    for part in (brain.online, brain.target):
        assert part.tobytes() == founders(settings)[0].weights.tobytes()
    assert not brain.moment1.any()
    assert not brain.moment2.any()
    assert agent["updates"] == 0
    assert set(memory.action[0, :239]) == set(range(ACTIONS))


def leaping(seed, bars):
    """Prices that leap in half of their bars, as far as a series may before a person accepts it: to
    the top, the bottom, or both.
    """
    rng = np.random.default_rng(seed)
    closes, opens, lows, highs = [100.0], {}, {}, {}
    for bar in range(1, bars):
        before, far = closes[-1], 10.0 if rng.random() < 0.5 else 1.01
        closes.append(before * far ** rng.uniform(-1, 1))
        opens[bar] = before * far ** rng.choice([-1.0, 0.0, 1.0])
        lows[bar], highs[bar] = before / far, before * far
    return market_of(closes, opens=opens, lows=lows, highs=highs)


@pytest.mark.parametrize("symbols", [1, 3])
@pytest.mark.parametrize("leverage", [1.0, 20.0])
@pytest.mark.parametrize("reward", REWARDS)
def test_no_reward_is_larger_than_the_bound_even_where_every_price_leaps_as_far_as_it_may(
    reward, leverage, symbols
):
    life = {"max_leverage": leverage, "direction": "long_short", "bankrupt_at": 0.01}
    settings = small_settings(
        learning={"enabled": False, "replay": 6000, "reward": reward}, life=life
    )
    market = together(*(leaping(seed, 2000) for seed in range(symbols)))

    _, memory, _, sums = practise(settings, market, (0, 2000), tier=GOLD)
    rewards = memory.reward

    assert sums["bars"] == 1999
    assert 0.0 < np.abs(rewards).max() <= largest_reward(REWARDS.index(reward), leverage)


def test_exploration_is_as_frequent_as_epsilon_says_and_falls_with_practice():
    settings = small_settings(
        learning={"enabled": False, "epsilon_bars": 2000, "epsilon_end": 0.05, "replay": 5000},
        costs=NO_COSTS,
    )
    market = market_of(np.full(4001, 100.0))

    agent, memory, _, _ = practise(settings, market, (0, 4001), weights=always(HOLD))
    actions = memory.action

    other = actions[0, :4000] != HOLD
    # two of three random actions are not the greedy one
    assert other[:500].mean() == pytest.approx(2 / 3 * 0.84, abs=0.08)
    assert other[2000:].mean() == pytest.approx(2 / 3 * 0.05, abs=0.02)
    assert agent["epsilon"] == pytest.approx(0.05 * agent["win_factor"])


def test_a_practice_drawdown_makes_it_explore_more():
    settings = small_settings(
        learning={"enabled": False, "epsilon_start": 0.1, "epsilon_end": 0.1}, costs=NO_COSTS
    )

    calm, *_ = practise(settings, market_of(np.full(40, 100.0)), (0, 40), weights=always(BUY))
    deep, *_ = practise(settings, market_of(np.linspace(100, 50, 40)), (0, 40), weights=always(BUY))

    assert calm["epsilon"] == pytest.approx(0.1)
    assert deep["epsilon"] == pytest.approx(0.25)


def test_a_practice_account_beyond_counting_freezes_its_owner_whose_own_money_is_untouched():
    settings = small_settings(life=RICH, learning={"epsilon_start": 0.0, "epsilon_end": 0.0})
    market = market_of(100.0 * 2.0 ** np.arange(30.0))

    agent, memory, _, sums = practise(
        settings, market, (0, 30), weights=always(BUY), epsilon_start=0.0
    )
    rewards = memory.reward

    assert agent["state"] == OVERFLOW
    assert (agent["equity"], 0 < sums["bars"] < 15) == (1e12, True)
    assert np.isfinite(rewards).all()


@pytest.mark.parametrize("bad", [np.nan, 1e9])
def test_an_agent_whose_values_cannot_be_is_frozen_in_practice_too(bad):
    settings = small_settings(learning={"epsilon_start": 0.0, "epsilon_end": 0.0})
    weights = founders(settings)[0].weights.copy()
    weights[-1] = bad

    agent, memory, _, _ = practise(
        settings, small_market(), (160, 400), weights=weights, epsilon_start=0.0
    )

    assert agent["state"] == DIVERGED
    assert agent["practice_bars"] == 0
