"""Several symbols in one account: equal shares of one purse, a reward and a memory for each, and a
scar that names who cut it.
"""

import numpy as np
import pytest

from arena.engine.generations.founders import founders
from arena.engine.judging import players
from arena.engine.judging.canary import canary, moments_in
from arena.engine.judging.ceiling import best_on
from arena.engine.judging.chains import NoCeiling
from arena.engine.judging.evaluate import baselines, run_strategy
from arena.engine.play import Desk, memory_of, play, records, slots_of
from arena.engine.results import AGENT, SCAR_CAUSES, TRADE_REASONS, RoundPlan
from arena.prices.market.features import NAMES, WARMUP, features
from arena.prices.market.view import MarketView
from ml.learning.replay import TAIL
from ml.networks.base import LOOKBACK
from ml.networks.registry import NETWORKS
from tests.arena.engine.slow import BUY, HOLD, SELL
from tests.arena.engine.small import (
    HIDDEN,
    MONEY,
    NEXT,
    NO_COSTS,
    PLAN,
    Story,
    always,
    basket,
    born,
    brain_of,
    market_of,
    small_bars,
    small_settings,
    together,
)


def reasons(story):
    return [TRADE_REASONS[reason] for reason in story.trades["reason"]]


# -- one purse, equal shares


@pytest.mark.parametrize("symbols", [1, 2, 3, 8])
def test_buying_everything_takes_the_cap_and_no_more(symbols):
    settings = small_settings(costs={"fee": 0.001, "half_spread": 0.0002, "slippage": 0.0002})
    market = together(*(market_of([100.0 + s] * 4) for s in range(symbols)))

    story = Story(market, always(BUY), settings)

    paid = story.trades["quantity"] * story.trades["entry_price"] * 1.001
    assert list(story.trades["symbol"]) == list(range(symbols))
    # those who come later have a share of what the costs of those before have left
    assert paid == pytest.approx(np.full(symbols, MONEY / symbols), rel=2e-3)
    assert paid.sum() <= MONEY
    assert story.trades["leverage"].sum() == pytest.approx(1.0, abs=3e-3)


def test_a_symbol_takes_its_share_and_no_more_however_long_it_is_alone():
    market = together(market_of([100, 100, 200, 200, 200]), market_of([50] * 5))
    settings, actions = (
        small_settings(costs=NO_COSTS),
        [[BUY, HOLD, HOLD, HOLD], [HOLD, HOLD, BUY, HOLD]],
    )

    trades = chosen(market, actions, settings)

    # 5,000 grow to 10,000; half of 15,000 cannot be paid with the 5,000 that are left, and nothing
    # is borrowed for it
    assert trades["quantity"] * trades["entry_price"] == pytest.approx([5_000, 5_000])
    assert trades["leverage"] == pytest.approx([1 / 2, 1 / 3])


def test_what_others_have_gained_is_borrowed_against_where_leverage_is_allowed():
    market = together(market_of([100, 100, 200, 200, 200]), market_of([50] * 5))
    settings = small_settings(costs=NO_COSTS, life={"max_leverage": 5.0})

    trades = chosen(market, [[BUY, HOLD, HOLD, HOLD], [HOLD, HOLD, BUY, HOLD]], settings)

    # bronze: 40 % of 5, so each symbol as much as the account is worth
    assert trades["quantity"] * trades["entry_price"] == pytest.approx([10_000, 20_000])


def test_nobody_trades_on_crumbs():
    market = together(market_of([100, 100, 100, 100]), market_of([50.0] * 4))
    settings = small_settings(costs=NO_COSTS)
    first = chosen(market, [[BUY, HOLD, HOLD], [HOLD, BUY, HOLD]], settings)

    # the first symbol alone, and then worth so much that its gain leaves the other no hundredth of
    # its share
    soaring = together(market_of([100, 100, 30_000, 30_000]), market_of([50.0] * 4))
    second = chosen(soaring, [[BUY, HOLD, HOLD], [HOLD, HOLD, BUY]], settings)

    assert list(first["symbol"]) == [0, 1]
    assert list(second["symbol"]) == [0]


def chosen(market, actions, settings):
    """Trades of an account that acts as `actions` say, for each symbol and bar."""

    class Script:
        name = "script"

        def __init__(self, plan):
            self.plan = iter(plan)

        def decide(self, observation):
            return next(self.plan)

        def on_win(self, profit):
            pass

        def on_loss(self, loss):
            pass

    return run_strategy([Script(plan) for plan in actions], market, (0, len(market)), settings)[1]


def test_copies_of_a_symbol_earn_what_the_symbol_earns():
    settings, bars = small_settings(costs=NO_COSTS), small_bars(volatility=0.02)
    once, three_times = (
        baselines(MarketView.of([bars] * symbols), (200, 420), settings, 0) for symbols in (1, 3)
    )

    for name in ("buy_and_hold", "cash", "momentum", "mean_reversion"):
        assert three_times[name]["return"] == pytest.approx(once[name]["return"], abs=1e-9)
        assert three_times[name]["trades"] == 3 * once[name]["trades"]


@pytest.mark.parametrize("kind", sorted(NETWORKS))
def test_symbols_in_another_order_are_traded_alike(kind):
    settings = small_settings(
        costs=NO_COSTS,
        network={"kind": kind, "hidden": HIDDEN},
        learning={"episodes": 0},
        life={"max_leverage": 4.0},
    )
    series, plan = (
        [small_bars(seed, volatility=0.005) for seed in (1, 2, 3)],
        RoundPlan(0, (200, 300), (), False),
    )
    order = [2, 0, 1]

    def played(series):
        block = born(settings, symbols=3)
        block.online *= np.float32(3.0)
        return play(block, MarketView.of(series), plan, settings), block.agents["equity"]

    usual, equity = played(series)
    other, moved = played([series[s] for s in order])

    np.testing.assert_array_equal(other.actions, usual.actions[:, order])
    np.testing.assert_allclose(moved, equity, rtol=1e-9)
    assert (usual.actions[:, 0] != usual.actions[:, 1]).any()
    assert equity.std() > 0


# -- margin and stops


def test_a_margin_call_closes_everything_at_its_worst():
    settings = small_settings(costs=NO_COSTS, life={"max_leverage": 10.0})
    # four equities, half of them in each: the margin is half of the money, and a fall of a quarter
    # in one symbol takes it
    market = together(
        market_of([100, 100, 100, 100], lows={2: 74}), market_of([50, 50, 50, 50], lows={2: 49})
    )

    story = Story(market, always(BUY), settings)

    called = story.trades[story.trades["entry_bar"] == 1]
    assert [TRADE_REASONS[reason] for reason in called["reason"]] == ["liquidation"] * 2
    assert list(called["exit_price"]) == [74, 49]
    assert [
        (SCAR_CAUSES[scar["cause"]], scar["symbol"], scar["trade"]) for scar in story.scars[:1]
    ] == [("liquidation", 0, 0)]


def test_what_one_symbol_loses_another_may_carry():
    settings = small_settings(costs=NO_COSTS, life={"max_leverage": 10.0})
    market = together(market_of([100, 100, 100, 100], lows={2: 74}), market_of([50, 50, 60, 60]))
    calm = together(market_of([100, 100, 100, 100], lows={2: 77}), market_of([50, 50, 50, 50]))

    assert "liquidation" in reasons(Story(market, always(BUY), settings))
    assert "liquidation" not in reasons(Story(calm, always(BUY), settings))


def test_a_stop_closes_its_own_symbol_alone():
    settings = small_settings(costs=NO_COSTS, life={"stop_loss": 0.05})
    market = together(
        market_of([100, 100, 100, 99, 99], lows={2: 90}), market_of([50, 50, 50, 50, 50])
    )

    story = Story(market, always(BUY), settings)

    first = story.trades[story.trades["sequence"] < 2]
    assert [TRADE_REASONS[reason] for reason in first["reason"]] == ["stop_loss", "window_end"]
    assert first["exit_price"][0] == pytest.approx(95)


# -- trades, scars, rewards


def test_trades_are_numbered_in_order_of_entry_whichever_is_closed_first():
    settings = small_settings(costs=NO_COSTS)
    market = together(market_of([100.0] * 8), market_of([50.0] * 8))

    trades = chosen(
        market,
        [[BUY, HOLD, HOLD, HOLD, HOLD, SELL, HOLD], [HOLD, BUY, SELL, BUY, SELL, HOLD, HOLD]],
        settings,
    )

    assert list(trades["sequence"]) == [0, 1, 2]
    assert list(trades["symbol"]) == [0, 1, 1]
    assert list(trades["entry_bar"]) == [1, 2, 4]
    assert list(trades["exit_bar"]) == [6, 3, 5]


def test_a_scar_names_the_symbol_that_lost_most_with_its_trade_action_and_values():
    market = together(
        market_of([100, 100, 100, 101]), market_of([50, 50, 49, 42]), market_of([20, 20, 20, 19.9])
    )

    story = Story(market, always(BUY), small_settings(costs=NO_COSTS))

    [scar] = story.scars
    assert (scar["symbol"], scar["bar"], scar["trade"], scar["action"]) == (1, 3, 1, BUY)
    assert SCAR_CAUSES[scar["cause"]] == "crash"
    np.testing.assert_array_equal(scar["q"], [0, 0, 1])
    assert scar["drawdown"] == pytest.approx(1 - story.agent["equity"] / story.agent["peak"])


def test_each_symbol_is_rewarded_for_what_it_alone_did_to_the_equity():
    market = together(market_of([100, 100, 110, 110]), market_of([50, 50, 45, 45]))

    story = Story(market, always(BUY), small_settings(costs=NO_COSTS))

    np.testing.assert_allclose(story.memories.reward[:, 1], 100 * np.log([1.05, 0.95]), rtol=1e-5)
    np.testing.assert_allclose(story.memories.reward[:, 2], 0, atol=1e-5)


def test_only_the_symbol_that_cut_the_scar_pays_for_it_where_the_reward_says_so():
    market = together(market_of([100, 100, 100, 100]), market_of([50, 50, 42, 42]))
    settings = small_settings(costs=NO_COSTS, learning={"reward": "asymmetric"})

    story = Story(market, always(BUY), settings)

    assert list(story.scars["symbol"]) == [1]
    np.testing.assert_allclose(
        story.memories.reward[:, 1], [0.0, -20 * 0.08 - 5 * 0.08 - 1.0], atol=1e-5
    )


def test_what_an_agent_sees_of_itself_is_of_the_symbol_but_for_the_drawdown():
    market = together(market_of([100, 100, 110, 110]), market_of([50, 50, 42, 42]))

    story = Story(market, always(BUY), small_settings(costs=NO_COSTS))

    expected = [[0.55 / 0.97, 1.0, 0.03, 0.0], [0.42 / 0.97, -1.6, 0.03, 0.0]]
    np.testing.assert_allclose(story.memories.private[:, 2], expected, rtol=1e-4, atol=1e-6)


# -- memory and learning


@pytest.mark.parametrize("replay", [200, 1000])
@pytest.mark.parametrize("priority", [0.0, 0.6])
def test_every_symbol_has_a_lane_of_memory_with_rows_of_its_own(replay, priority):
    settings = small_settings(learning={"replay": replay, "priority": priority})
    market, block, rows = basket(3), born(settings, symbols=3), []
    lane = replay // 3

    for plan in (PLAN, NEXT):
        play(block, market, plan, settings)
        rows += [
            (bar, bar == stop - 1)
            for start, stop in (*plan.practice, plan.competition)
            for bar in range(start, stop)
        ]

    assert block.private.shape == (4, 3, lane, 4)
    assert block.head == len(rows) % lane
    remembered = min(len(rows), lane)
    assert (block.agents["remembered"] == remembered).all()
    for n, (bar, tail) in enumerate(rows[-remembered:], len(rows) - remembered):
        assert list(block.bar[:, n % lane]) == [s * len(market) + bar for s in range(3)]
        assert ((block.action[:, :, n % lane] == TAIL) == tail).all()
    if priority:
        age = (block.head - 1 - np.arange(lane)) % lane
        np.testing.assert_array_equal(
            block.priority > 0, (age < remembered) & (block.action != TAIL)
        )
        assert len({lane.tobytes() for lane in block.priority[0]}) == 3


@pytest.mark.parametrize(("bars", "every"), [(64, 4), (65, 16)])
def test_an_update_is_made_from_every_lane_when_one_is_due(bars, every):
    settings, market = small_settings(learning={"update_every": every}), basket(3)
    birth = founders(settings)[0]
    agents, brain = np.array([birth.agent], AGENT), brain_of(birth.weights)
    desk = Desk(settings, market)

    desk.practise(
        records(agents), 0, (160, 160 + bars + 1), memory_of(3, slots_of(settings, 3)), 0, brain
    )

    assert agents["updates"][0] == 3 * (bars // every)
    assert agents["practice_bars"][0] == bars


@pytest.mark.compiled
def test_what_is_kept_of_the_target_networks_answers_is_of_the_lane_it_was_asked_about():
    settings, market = (
        small_settings(learning={"replay": 192, "update_every": 1, "target_every": 40}),
        basket(3, volatility=0.02),
    )
    birth, desk = founders(settings)[0], Desk(settings, market)
    agents, memory = np.array([birth.agent], AGENT), memory_of(3, 64)
    brain = brain_of(birth.weights)

    desk.practise(records(agents), 0, (160, 400), memory, 0, brain)

    answers = desk.bench.answers
    private, rows = memory.private.reshape(-1, 4), memory.row.ravel()
    kept = np.flatnonzero(answers.said_in == answers.era[0])
    assert {slot // 64 for slot in kept} == {0, 1, 2}
    x = np.hstack([market.features[rows[kept]], private[kept]]).astype(np.float32)
    network = NETWORKS[settings.network.kind]
    assert np.array_equal(
        answers.said[kept],
        [network.q_values(settings.network.hidden, brain.target, row) for row in x],
    )


def test_what_a_network_looks_back_on_lies_within_the_symbol():
    # windows begin where every feature is known; so far back no network looks
    assert WARMUP >= LOOKBACK


# -- evidence


def test_the_ceiling_is_that_of_a_single_symbol():
    settings = small_settings(market={"kind": "planted"}, costs=NO_COSTS)

    with pytest.raises(NoCeiling, match="single symbols"):
        best_on(basket(2, kind="planted"), (200, 300), settings)


@pytest.mark.parametrize("leaking", [None, 0, 2])
def test_the_canary_names_what_leaks_in_any_symbol(leaking):
    settings = small_settings(4)
    block, series = born(settings, symbols=3), [small_bars(seed, 420) for seed in (1, 2, 3)]
    rng, column = np.random.default_rng(3), NAMES.index("volume z-score 64")
    opens = [bars.open[0] for bars in series]

    def table(bars):
        seen = features(bars).copy()
        if leaking is not None and bars.open[0] == opens[leaking]:
            seen[:, column] = np.clip(
                500 * (np.roll(np.log(bars.close), -1) - np.log(bars.close)), -5, 5
            )
        return seen

    watched = players.competing(block.agents, block.online * np.float32(3.0), settings, 300)
    report = canary(series, watched, (300, 364), moments_in((300, 364), 6, rng), rng, table)

    assert report.sound == (leaking is None)
    assert {leak.name for leak in report.leaks} == (set() if leaking is None else {NAMES[column]})
    assert all(deed.because == (NAMES[column],) for deed in report.deeds)
    assert bool(report.deeds) == (leaking is not None)
