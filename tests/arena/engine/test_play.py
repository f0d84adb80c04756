"""A round of a block: same bits however agents are grouped, nothing seen before its time, one
broken agent harms no other.
"""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agents.life.costs import COSTS
from agents.life.lifecycle import ACTIVE, BANKRUPT, DIVERGED
from agents.life.scars import DAMAGE
from agents.life.trust import tier_of
from arena.engine.generations.fitness import at_full_size, score_of
from arena.engine.generations.founders import founders
from arena.engine.judging.evaluate import runs
from arena.engine.play import ladder_on, play, rules_of
from arena.engine.results import FIGURES, RoundPlan
from arena.engine.trading.windows import NONE
from arena.prices.market.causality import cut, with_other_future
from arena.prices.market.features import features
from arena.prices.market.view import MarketView
from ml.learning.exploration import bound_of
from ml.learning.replay import ENDED, TAIL, draw
from ml.networks.registry import NETWORKS
from ml.params import disturbed
from ml.rng import Purpose, kernel_state, stream
from tests.agents.life.test_trust import slow_psr
from tests.arena.engine.small import (
    HIDDEN,
    MONEY,
    NEXT,
    NO_COSTS,
    PLAN,
    always,
    basket,
    born,
    market_of,
    same,
    small_bars,
    small_market,
    small_settings,
)
from tests.arena.engine.two_rounds import two_rounds

ROOT = Path(__file__).parents[3]


def column(result, name):
    return result.figures[:, FIGURES.index(name)]


# -- sameness


@pytest.mark.parametrize("symbols", [1, 2])
def test_an_agent_alone_in_four_and_in_sixteen_does_the_same_to_the_bit(symbols):
    settings, market = (
        small_settings(16, life={"direction": "long_short", "max_leverage": 5.0}),
        basket(symbols, volatility=0.03),
    )

    def digests(size):
        blocks = [born(settings, start, start + size, symbols) for start in range(0, 16, size)]
        return [
            np.concatenate([play(block, market, plan, settings).digests for block in blocks])
            for plan in (PLAN, NEXT)
        ]

    whole = digests(16)

    assert len({bytes(row) for row in whole[1]}) == 16
    for size in (1, 4):
        np.testing.assert_array_equal(digests(size), whole)


def test_the_same_seed_gives_the_same_bits_and_another_seed_others():
    market = small_market()

    def run(seed):
        settings = small_settings(seed=seed)
        block = born(settings)
        play(block, market, PLAN, settings)
        return block

    assert same(run(1), run(1))
    assert not same(run(1), run(2))


def test_a_digest_tells_every_change_of_what_an_agent_is():
    settings, market = small_settings(), small_market()
    usual = play(born(settings), market, PLAN, settings).digests

    for name, change in (("online", 1e-6), ("private", 1.0), ("reward", 1.0), ("moment2", 1e-9)):
        block = born(settings)
        getattr(block, name)[1].flat[-1] += change
        digests = play(block, market, PLAN, settings).digests
        assert (digests[1] != usual[1]).any(), name
        np.testing.assert_array_equal(np.delete(digests, 1, 0), np.delete(usual, 1, 0))


def in_another_process(path, priority=0.0, symbols=1, **environment):
    """What `two_rounds` gives in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "tests.arena.engine.two_rounds",
        str(path),
        str(priority),
        str(symbols),
    ]
    subprocess.run(command, check=True, cwd=ROOT, env=os.environ | environment, timeout=240)
    return dict(np.load(path))


@pytest.mark.parametrize(
    ("priority", "symbols"), [(0.0, 1), pytest.param(0.6, 1, marks=pytest.mark.full), (0.6, 2)]
)
def test_a_process_that_loads_its_kernels_gives_the_bits_of_the_one_that_compiled_them(
    tmp_path, priority, symbols
):
    # on a fresh checkout this process has just compiled, and the other one finds the cache filled
    here = two_rounds(priority, symbols)

    there = in_another_process(tmp_path / "there.npz", priority, symbols)

    assert here.keys() == there.keys()
    for name, array in here.items():
        assert array.tobytes() == there[name].tobytes(), name


@pytest.mark.compiled
@pytest.mark.parametrize(
    ("symbols", "other"),
    [
        pytest.param(1, {"NUMBA_DISABLE_JIT": "1"}, marks=pytest.mark.full),
        (2, {"NUMBA_DISABLE_JIT": "1"}),
        pytest.param(2, {"PRODUCTS": "plain"}, marks=pytest.mark.full),
    ],
)
def test_compiled_plain_python_and_plain_products_agree(tmp_path, symbols, other):
    compiled = two_rounds(symbols=symbols)

    plain = in_another_process(tmp_path / "plain.npz", symbols=symbols, **other)

    assert len(compiled["trades0"]) > 10
    for name in ("actions0", "actions1", "action", "bar"):
        np.testing.assert_array_equal(plain[name], compiled[name])
    for name in ("online", "target", "moment1", "private", "reward", "figures0", "figures1"):
        np.testing.assert_allclose(plain[name], compiled[name], rtol=1e-4, atol=1e-5)
    for name in ("trades0", "trades1", "scars0", "scars1", "agents"):
        assert len(plain[name]) == len(compiled[name])
        for part in plain[name].dtype.names:
            np.testing.assert_allclose(
                plain[name][part], compiled[name][part], rtol=1e-4, atol=1e-5
            )


# -- causality


@pytest.mark.parametrize("symbols", [1, 3])
@pytest.mark.parametrize("seed", range(6))
def test_no_action_in_competition_depends_on_a_bar_after_it(seed, symbols):
    rng = np.random.default_rng(seed)
    settings = small_settings(life={"direction": "long_short", "max_leverage": 5.0})
    series = [small_bars(seed=seed + 10 * symbol, volatility=0.02) for symbol in range(symbols)]
    t = int(rng.integers(PLAN.competition[0], PLAN.competition[1] - 1))
    usual = play(born(settings, symbols=symbols), MarketView.of(series), PLAN, settings).actions

    others = [with_other_future(bars, t + 1, rng) for bars in series]
    other = play(born(settings, symbols=symbols), MarketView.of(others), PLAN, settings).actions

    seen = t - PLAN.competition[0] + 1
    np.testing.assert_array_equal(other[..., :seen], usual[..., :seen])


@pytest.mark.parametrize("seed", range(6))
def test_nothing_remembered_or_learnt_in_practice_depends_on_a_later_bar(seed):
    rng = np.random.default_rng(seed)
    settings, bars = (
        small_settings(learning={"update_every": 1, "epsilon_start": 0.1}),
        small_bars(seed=seed),
    )
    t = int(rng.integers(162, 223))
    plan = RoundPlan(0, (0, 1), ((160, 224),), False)
    usual, other = born(settings), born(settings)
    play(usual, MarketView.of([bars]), plan, settings)

    play(other, MarketView.of([with_other_future(bars, t + 1, rng)]), plan, settings)

    # transitions whose action was decided up to t, among them ones decided by networks that had
    # learnt from the others
    np.testing.assert_array_equal(
        other.action[:, 0, : t - 160 + 1] % ENDED, usual.action[:, 0, : t - 160 + 1] % ENDED
    )
    assert (
        other.private[:, 0, : t - 160 + 1].tobytes() == usual.private[:, 0, : t - 160 + 1].tobytes()
    )
    assert other.reward[:, 0, : t - 160].tobytes() == usual.reward[:, 0, : t - 160].tobytes()
    assert (other.online != usual.online).any()


def test_bars_after_the_competition_change_nothing_at_all():
    settings, bars = small_settings(), small_bars()
    whole, short = born(settings), born(settings)

    first = play(whole, MarketView.of([bars]), PLAN, settings)
    second = play(short, MarketView.of([cut(bars, PLAN.competition[1])]), PLAN, settings)

    np.testing.assert_array_equal(first.digests, second.digests)
    assert same(whole, short)


def test_a_market_view_shows_prices_volume_and_features_of_its_bars():
    bars = small_bars()

    other = small_bars(seed=2)

    view = MarketView.of([bars, other])

    assert (view.symbols, len(view)) == (2, len(bars))
    for symbol, each in enumerate((bars, other)):
        for price, name in zip(
            view.bars_of(symbol), ("open", "high", "low", "close", "volume"), strict=True
        ):
            np.testing.assert_array_equal(price, getattr(each, name))
        np.testing.assert_array_equal(
            view.features[symbol * len(view) : (symbol + 1) * len(view)], features(each)
        )


def test_series_of_other_times_are_no_market():
    with pytest.raises(ValueError, match="same times"):
        MarketView.of([small_bars(), small_bars(bars=500)])


def test_a_block_of_another_number_of_symbols_is_refused():
    settings = small_settings()

    with pytest.raises(ValueError, match="does not fit a market of 2 symbols"):
        play(born(settings), basket(2), PLAN, settings)


# -- one broken agent


def poison_weights(block):
    block.online[1] = np.nan


def poison_target(block):
    block.target[1] = np.inf


def poison_memory(block):
    block.reward[1] = np.inf


@pytest.mark.parametrize("poison", [poison_weights, poison_target, poison_memory])
def test_a_diverging_agent_is_frozen_and_the_others_go_on_to_the_bit(poison):
    settings, market = small_settings(), small_market()
    healthy, sick = born(settings), born(settings)
    for block in (healthy, sick):
        play(block, market, PLAN, settings)
    poison(sick)
    usual = play(healthy, market, NEXT, settings)

    result = play(sick, market, NEXT, settings)

    assert list(sick.agents["state"]) == [ACTIVE, DIVERGED, ACTIVE, ACTIVE]
    np.testing.assert_array_equal(np.delete(result.digests, 1, 0), np.delete(usual.digests, 1, 0))
    np.testing.assert_array_equal(np.delete(result.figures, 1, 0), np.delete(usual.figures, 1, 0))
    assert np.isfinite(sick.agents["equity"]).all()
    # it broke in practice, so it never competed
    assert (result.actions[1] == NONE).all()
    assert (sick.agents["windows"][1], sick.agents["bars"][1]) == (1, 63)
    assert np.isnan(column(result, "score")[1])


def full(settings, market, reward):
    """A block whose memories are full: of the bars before the first practice, held through, each
    with the same reward.
    """
    block = born(settings)
    capacity = block.bar.shape[1]
    block.bar[:] = 100 + np.arange(capacity) % 60
    block.action[:], block.reward[:] = 1, reward
    block.agents["remembered"] = capacity
    return block


# a step as long and an outlook as far as traits may be, with an update after every bar
FASTEST = {"learning_rate": 0.1, "gamma": 0.9999, "update_every": 1}


@pytest.mark.parametrize("reward", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("loss", ["huber", "squared"])
def test_a_reward_that_is_no_number_is_found_out_at_the_first_update_that_draws_it(loss, reward):
    settings, market = (
        small_settings(learning=FASTEST | {"loss": loss}),
        small_market(volatility=0.1),
    )
    block = full(settings, market, reward)

    play(block, market, PLAN, settings)

    assert set(block.agents["state"]) == {DIVERGED}
    assert (block.agents["updates"] == 0).all()
    # the update was refused as a whole
    assert np.array_equal(block.online, born(settings).online)
    assert np.isfinite(block.agents["equity"]).all()


def test_a_reward_beyond_all_bounds_moves_a_blunt_learner_no_farther_than_any_other():
    settings, market = (
        small_settings(learning=FASTEST | {"weight_decay": 0.0}),
        small_market(volatility=0.1),
    )
    block = full(settings, market, 1e30)

    play(block, market, RoundPlan(0, (400, 464), ((160, 164),), False), settings)

    # Huber's gradient is as long for 1e30 as for 2, so no agent is at fault: a step of Adam is
    # bounded (Kingma and Ba, 2015, section 2.1)
    assert set(block.agents["state"]) == {ACTIVE}
    assert (block.agents["updates"] == 3).all()
    longest = 3 * 0.1 * (1 - 0.9) / np.sqrt(1 - 0.999)
    assert np.abs(block.online - born(settings).online).max() < longest
    assert (block.online != born(settings).online).any()


def test_the_same_reward_overflows_under_a_squared_loss_and_is_found_out():
    settings, market = (
        small_settings(learning=FASTEST | {"loss": "squared"}),
        small_market(volatility=0.1),
    )
    block = full(settings, market, 1e30)

    play(block, market, PLAN, settings)

    assert set(block.agents["state"]) == {DIVERGED}
    assert np.array_equal(block.online, born(settings).online)


@pytest.mark.parametrize(("share", "state"), [(0.99, ACTIVE), (1.01, DIVERGED), (-1.01, DIVERGED)])
def test_an_agent_that_promises_more_than_the_largest_reward_for_ever_is_found_out_before_it_acts(
    share, state
):
    settings, market = (
        small_settings(learning={"enabled": False, "epsilon_start": 0.0}),
        small_market(),
    )
    block = born(settings)
    rules = rules_of(settings)
    block.online[1] = always(2) * np.float32(
        share * bound_of(rules["largest_reward"][0], settings.learning.gamma)
    )

    result = play(block, market, PLAN, settings)

    assert list(block.agents["state"]) == [ACTIVE, state, ACTIVE, ACTIVE]
    assert (result.actions[1] == NONE).all() == (state == DIVERGED)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda block: block.bar.fill(-1), "remembered[0] is 300, of 0 slots"),
        (lambda block: block.bar.__setitem__((0, 7), -1), "bar[0, 7] is -1, though the head is 0"),
        (lambda block: block.bar.__setitem__((0, 7), -2), "bar[0, 7] is -2"),
        (
            lambda block: block.bar.__setitem__((0, 7), 600),
            "bar[0, 7] is 600, not one of the 600 rows of symbol 0",
        ),
        (lambda block: block.action.__setitem__((2, 0, 5), 3), "action[2, 0, 5] is 3"),
        (lambda block: setattr(block, "head", 300), "head is 300, not 0 to 299"),
        (lambda block: setattr(block, "head", -1), "head is -1"),
        (lambda block: block.agents["tier"].__setitem__(3, 4), "agents.tier[3] is 4, not 0 to 3"),
        (
            lambda block: setattr(block, "online", block.online[:, :-1]),
            "no q_net with hidden layers (6, 5)",
        ),
        (
            lambda block: setattr(block, "moment2", np.zeros((4, 1), np.float32)),
            "no q_net with hidden layers (6, 5)",
        ),
    ],
)
def test_a_block_that_would_lead_a_kernel_out_of_an_array_is_not_played(change, words):
    settings, market = small_settings(), small_market()
    block = full(settings, market, 0.0)
    change(block)

    with pytest.raises(ValueError, match=re.escape(words)):
        play(block, market, PLAN, settings)


def test_a_lane_may_hold_rows_of_its_own_symbol_alone():
    settings, market = small_settings(), basket(2)
    block = born(settings, symbols=2)
    play(block, market, PLAN, settings)
    block.bar[1, 3] -= 600

    with pytest.raises(ValueError, match="not one of the 600 rows of symbol 1"):
        play(block, market, NEXT, settings)


@pytest.mark.parametrize("window", [(-1, 63), (590, 601), (464, 464), (464, 400)])
def test_windows_outside_the_market_are_not_played(window):
    settings, market = small_settings(), small_market()

    for plan in (RoundPlan(0, window, (), False), RoundPlan(0, PLAN.competition, (window,), False)):
        with pytest.raises(
            ValueError, match=re.escape(f"bars {window[0]} to {window[1]} are not among the 600")
        ):
            play(born(settings), market, plan, settings)


def test_agents_that_died_in_play_leave_no_action_behind_them():
    settings = small_settings(learning={"episodes": 0})
    market, block = market_of([100, 100, 50, 9, 9, 9]), born(settings)
    block.online[2] = always(2)

    result = play(block, market, RoundPlan(0, (0, 6), (), False), settings)

    assert block.agents["state"][2] == BANKRUPT
    assert list(result.actions[2, 0]) == [2, 2, 2, NONE, NONE, NONE]
    assert (result.actions[..., -1] == NONE).all()


# -- learning and memory


def test_with_learning_off_networks_stay_as_born_to_the_bit():
    settings, market = (
        small_settings(learning={"enabled": False}, costs=NO_COSTS),
        small_market(volatility=0.002),
    )
    block = born(settings)

    for plan in (PLAN, NEXT):
        play(block, market, plan, settings)

    weights = np.stack([birth.weights for birth in founders(settings)])
    assert not DAMAGE[block.agents["scars"]].any()
    assert block.online.tobytes() == block.target.tobytes() == weights.tobytes()


@pytest.mark.parametrize("replay", [64, 100, 131, 300, 1000])
def test_memory_holds_the_bars_of_all_windows_practice_and_competition_in_order(replay):
    settings, market = small_settings(learning={"replay": replay}), small_market()
    block, written = born(settings), []
    plans = [PLAN, NEXT, RoundPlan(2, (528, 592), ((170, 234), (390, 454)), False)]
    picks = np.empty(200, np.int64)

    for plan in plans:
        result = play(block, market, plan, settings)

        for start, stop in (*plan.practice, plan.competition):
            written += [(bar, bar == stop - 1) for bar in range(start, stop)]
        assert block.head == len(written) % replay
        remembered = min(len(written), replay)
        for n, (bar, tail) in enumerate(written[-remembered:], len(written) - remembered):
            assert block.bar[0, n % replay] == bar
            assert ((block.action[:, 0, n % replay] == TAIL) == tail).all()
        for i, agent in enumerate(block.agents):
            assert agent["remembered"] == remembered
            # what was done in competition is what is remembered of it, as far as it still is
            length = min(plan.competition[1] - plan.competition[0], replay)
            slots = (block.head - length + np.arange(length - 1)) % replay
            np.testing.assert_array_equal(
                block.action[i, 0, slots] % ENDED, result.actions[i, 0, -length:-1]
            )
            assert draw(
                kernel_state(1, Purpose.KERNEL, plan.index, i),
                block.head,
                remembered,
                block.action[i, 0],
                picks,
            )
            after = (picks + 1) % replay
            np.testing.assert_array_equal(block.bar[0, after], block.bar[0, picks] + 1)
            assert (block.action[i, 0, picks] != TAIL).all()


def test_a_newborn_beside_veterans_remembers_only_its_own_windows():
    settings, market = small_settings(), small_market()
    block = born(settings)
    play(block, market, PLAN, settings)
    newborn = founders(small_settings(seed=9))[3]
    block.agents[3], block.online[3], block.target[3] = (
        newborn.agent,
        newborn.weights,
        newborn.weights,
    )
    block.moment1[3] = block.moment2[3] = 0

    play(block, market, NEXT, settings)

    assert list(block.agents["remembered"]) == [300, 300, 300, 192]
    picks = np.empty(500, np.int64)
    assert draw(kernel_state(1, Purpose.KERNEL, 0, 1), block.head, 192, block.action[3, 0], picks)
    own = {
        bar for start, stop in (*NEXT.practice, NEXT.competition) for bar in range(start, stop - 1)
    }
    assert set(block.bar[0, picks]) <= own


# -- what deep scars do


def test_deep_scars_damage_weights_by_what_is_recorded():
    settings = small_settings(learning={"episodes": 0}, costs=NO_COSTS)
    market, block = market_of([100, 100, 94, 79, 64, 49, 49]), born(settings)
    block.online[:] = always(2) + block.online * np.float32(1e-3)
    before = block.online.copy()

    result = play(block, market, RoundPlan(3, (0, 7), (), False), settings)

    layout = NETWORKS["q_net"].layout(HIDDEN)
    for i, number in enumerate(block.agents["number"]):
        scars = result.scars[result.scars["agent"] == number]
        assert list(scars["severity"]) == [1, 3, 4, 5]
        rng, weights = stream(settings.seed, Purpose.SCAR_DAMAGE, 3, int(number)), before[i]
        for scar, strength in zip(scars[1:], (0.03, 0.04, 0.05), strict=True):
            hurt = disturbed(layout, weights, strength, rng)
            assert scar["weight_damage"] == pytest.approx(
                np.linalg.norm(hurt.astype(float) - weights), rel=1e-5
            )
            weights = hurt
        assert scars["weight_damage"][0] == 0
        np.testing.assert_array_equal(block.online[i], weights)
        assert (block.online[i] != before[i]).any()


def test_unscarred_and_lightly_scarred_networks_are_not_touched():
    settings = small_settings(learning={"episodes": 0}, costs=NO_COSTS)
    market, block = market_of([100, 100, 94, 88, 88]), born(settings)
    block.online[:2] = always(2)
    block.online[2:] = always(0)
    before = block.online.copy()

    result = play(block, market, RoundPlan(0, (0, 5), (), False), settings)

    assert list(result.scars["severity"]) == [1, 2, 1, 2]
    assert block.online.tobytes() == before.tobytes()


# -- books and figures


def test_money_of_every_agent_is_its_start_and_the_net_profit_of_its_trades():
    charges = {"funding": 0.0003, "borrow": 0.0002}
    settings = small_settings(
        16, costs=charges, life={"direction": "long_short", "max_leverage": 8.0}
    )
    market, block = small_market(volatility=0.03), born(settings)

    results = [play(block, market, plan, settings) for plan in (PLAN, NEXT)]

    trades = np.concatenate([result.trades for result in results])
    assert all(trades[name].any() for name in COSTS)
    for agent in block.agents:
        own = trades[trades["agent"] == agent["number"]]
        costs = sum(own[name].sum() for name in COSTS)
        assert agent["equity"] == pytest.approx(MONEY + own["net_profit"].sum(), rel=1e-9)
        assert agent["equity"] == pytest.approx(MONEY + own["gross_profit"].sum() - costs, rel=1e-9)
        assert agent["trades"] == len(own)
        for name in COSTS:
            assert agent[name] == pytest.approx(own[name].sum(), rel=1e-9), name


def test_figures_and_growth_are_those_of_the_window():
    settings = small_settings(
        life={"max_leverage": 3.0}, learning={"epsilon_compete": 0.2}, evolution={"race": 0}
    )
    market, block = small_market(volatility=0.01), born(settings)
    plan = RoundPlan(0, (200, 520), ((160, 200),), False)

    result = play(block, market, plan, settings)

    for i, agent in enumerate(block.agents):
        equity = slow_equity(result, market, plan, i, settings)
        returns = np.diff(equity) / equity[:-1]
        drawdown = np.max(1 - equity / np.maximum.accumulate(equity))
        row = dict(zip(FIGURES, result.figures[i], strict=True))
        assert row["number"] == agent["number"] == i + 1
        assert row["equity_start"] == MONEY
        assert row["equity_end"] == agent["equity"] == pytest.approx(equity[-1], rel=1e-9)
        assert row["return"] == pytest.approx(equity[-1] / MONEY - 1, rel=1e-7, abs=1e-12)
        assert row["max_drawdown"] == pytest.approx(drawdown, rel=1e-7)
        assert (
            row["score"]
            == row["fitness"]
            == pytest.approx(np.log(equity[-1] / MONEY) - 0.5 * drawdown, rel=1e-7)
        )
        assert row["sharpe"] == pytest.approx(returns.mean() / returns.std(ddof=1), rel=1e-6)
        assert row["trades"] == np.sum(result.trades["agent"] == agent["number"])
        assert row["scars"] == np.sum(result.scars["agent"] == agent["number"]) == agent["scars"]
        assert row["state"] == agent["state"] == ACTIVE
        assert agent["bars"] == len(returns) == 319
        scar_trust = np.prod(
            [
                1 - 0.05 * s
                for s in result.scars["severity"][result.scars["agent"] == agent["number"]]
            ]
        )
        expected = (
            100
            * (0.5 * slow_psr(returns) + 0.3 * (1 - min(drawdown / 0.5, 1)) + 0.2 * 319 / 2319)
            * scar_trust
        )
        assert row["trust"] == agent["trust"] == pytest.approx(expected, rel=1e-6)
        assert row["tier"] == agent["tier"] == tier_of(expected, 1)
        assert row["epsilon"] == agent["epsilon"]


def slow_equity(result, market, plan, i, settings):
    """Equity at every close of the competition, from the trades alone: cash, the position marked,
    and what it cost so far.
    """
    start, stop = plan.competition
    equity, opens, closes = np.full(stop - start, MONEY), market.bars_of(0)[0], market.bars_of(0)[3]
    c = settings.costs
    own = result.trades[result.trades["agent"] == i + 1]
    cash, scars = MONEY, result.scars[result.scars["agent"] == i + 1]
    for trade in own:
        multiplier = np.prod(
            [
                {1: 1.05, 2: 1.10, 3: 1.15}[s["severity"]]
                for s in scars
                if s["bar"] < trade["entry_bar"]
            ]
        )
        mid = opens[trade["entry_bar"]]
        spent = trade["quantity"] * (
            multiplier * (c.half_spread + c.slippage) * mid
            + multiplier * c.fee * trade["entry_price"]
        )
        for t in range(trade["entry_bar"], trade["exit_bar"]):
            equity[t - start] = cash - spent + trade["side"] * trade["quantity"] * (closes[t] - mid)
        cash += trade["net_profit"]
        equity[trade["exit_bar"] - start :] = cash
    return equity


def test_without_a_race_fitness_is_the_mean_of_the_last_five_scores():
    settings, market = (
        small_settings(learning={"episodes": 0, "enabled": False}, evolution={"race": 0}),
        small_market(bars=900, volatility=0.003),
    )
    block, scores = born(settings), []

    for index in range(7):
        result = play(
            block,
            market,
            RoundPlan(index, (200 + 64 * index, 264 + 64 * index), (), False),
            settings,
        )
        scores.append(column(result, "score"))

        np.testing.assert_allclose(
            block.agents["fitness"], np.mean(scores[-5:], axis=0), rtol=1e-12
        )
        np.testing.assert_array_equal(column(result, "fitness"), block.agents["fitness"])
    assert (block.agents["windows"] == 7).all()


def test_progress_is_reported_after_each_agent():
    settings, shares = small_settings(), []

    result = play(born(settings), small_market(), PLAN, settings, shares.append)

    assert shares == [0.25, 0.5, 0.75, 1.0]
    assert result.agent_steps == 4 * 3 * 63


def test_trades_and_scars_come_by_agent_then_by_sequence():
    settings = small_settings(
        16, life={"direction": "long_short", "max_leverage": 8.0}, learning={"epsilon_compete": 0.4}
    )

    result = play(born(settings), small_market(volatility=0.05), PLAN, settings)

    for table in (result.trades, result.scars):
        keys = list(zip(table["agent"], table["sequence"], strict=True))
        assert keys == sorted(set(keys))
        assert len(keys) > 16


def test_wins_of_earlier_rounds_leave_exploration_as_it_is():
    settings, market = small_settings(learning={"epsilon_bars": 50}), small_market()
    fresh, lucky = born(settings), born(settings)
    lucky.agents["win_factor"] = 0.01

    digests = [play(block, market, PLAN, settings).digests for block in (fresh, lucky)]

    np.testing.assert_array_equal(*digests)
    # within the round they count
    assert (fresh.agents["win_factor"] < 1.0).any()


def scarred(volatility, ladder):
    """Share of agents with a scar after a round of knowing nothing."""
    settings = small_settings(
        24,
        life={"ladder": ladder, "direction": "long_short"},
        costs=NO_COSTS,
        learning={"episodes": 0},
    )
    block = born(settings)
    play(block, small_market(volatility=volatility), PLAN, settings)
    return (block.agents["scars"] > 0).mean()


def test_a_wild_market_scars_about_as_many_who_know_nothing_as_one_half_as_wild():
    half, wild = scarred(0.01, "volatility"), scarred(0.02, "volatility")

    assert abs(half - wild) < 0.2
    # where steps are the same everywhere it is the market that scars
    assert scarred(0.02, "drawdown") > wild + 0.3
    assert scarred(0.001, "drawdown") == scarred(0.001, "volatility")


def test_the_ladder_hangs_on_no_bar_of_the_competition_or_after_it():
    settings = small_settings(life={"ladder": "volatility"})
    bars = small_bars()
    before, after = (
        MarketView.of([each])
        for each in (bars, with_other_future(bars, PLAN.competition[0], np.random.default_rng(3)))
    )

    ladders = [ladder_on(market, PLAN.competition[0], settings) for market in (before, after)]

    np.testing.assert_array_equal(*ladders)


def test_nothing_is_learned_before_enough_is_remembered():
    # more than the first round practises, less than it leaves behind
    settings, market = small_settings(learning={"starts": 150}), small_market()
    block = born(settings)
    weights = block.online.copy()

    play(block, market, PLAN, settings)
    assert (block.online == weights).all()
    assert (block.agents["updates"] == 0).all()

    play(block, market, NEXT, settings)
    assert (block.agents["updates"] > 0).all()


def raced(agents, weights, windows, settings, market):
    """Mean score of each over `windows`, as an evaluation at full size finds it."""
    full = at_full_size(agents, settings.life.endowment)
    scores = [
        [score_of("score", run.window) for run in runs(weights, full, market, window, settings)]
        for window in windows
    ]
    return np.mean(scores, axis=0)


def test_fitness_compares_all_as_they_are_now_on_the_same_last_windows():
    settings, market = (
        small_settings(6, life={"direction": "long_short"}, evolution={"race": 2}),
        small_market(bars=900),
    )
    block = born(settings)
    late = replace(NEXT, index=1, competition=(464, 528))
    play(block, market, PLAN, settings)
    # what is its own is of no account: appetite, costlier trades, lower leverage
    (
        block.agents["risk_fraction"][0],
        block.agents["cost_multiplier"][1],
        block.agents["scar_leverage"][2],
    ) = 0.3, 2.0, 0.5

    play(block, market, late, settings)

    living = block.agents["state"] == ACTIVE
    expected = raced(block.agents, block.online, [(464, 528), (400, 464)], settings, market)
    np.testing.assert_allclose(block.agents["fitness"][living], expected[living], rtol=1e-12)


def test_a_race_leaves_everything_but_fitness_as_it_was():
    market, blocks = small_market(), []
    for race in (0, 5):
        settings = small_settings(evolution={"race": race}, learning={"epsilon_compete": 0.2})
        blocks.append(born(settings))
        play(blocks[-1], market, PLAN, settings)

    for block in blocks:
        block.agents["fitness"] = 0.0
    assert same(*blocks)
