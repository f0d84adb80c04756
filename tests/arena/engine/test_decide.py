"""The live path, bar by bar, and a block's competition over the same bars: the same bits, for every
network.
"""

from dataclasses import replace

import numpy as np
import pytest

from agents.life.lifecycle import ACTIVE
from arena.engine.decide import Seat, StaleMarket
from arena.engine.generations.founders import founders
from arena.engine.generations.growth import grow
from arena.engine.play import Desk, memory_of, records
from arena.engine.results import AGENT
from arena.engine.trading.windows import NONE
from arena.prices.market.causality import cut
from arena.prices.market.snapshot import AGING, FRESH, STALE, MarketSnapshot
from arena.prices.market.view import MarketView
from ml.networks.registry import NETWORKS
from tests.arena.engine.small import HIDDEN, small_bars, small_settings

WINDOW = (300, 420)


def snapshot(bars, stop=None, taken_ms=None):
    known = cut(bars, stop) if stop else bars
    closed = int(known.time[-1]) + known.timeframe_ms
    return MarketSnapshot("binance", "BTC/USDT", known, closed if taken_ms is None else taken_ms)


def hot(settings, seed=0):
    """A network whose mind changes often: as born, with larger weights."""
    network = NETWORKS[settings.network.kind]
    return network.born(settings.network.hidden, np.random.default_rng(seed)) * np.float32(2.0)


class InABlock:
    """What became of an agent in the window, played in one go."""

    def __init__(self, agent, weights, series, settings):
        self.agents = np.array([agent], AGENT)
        self.path = np.full((len(series), WINDOW[1] - WINDOW[0]), NONE, np.uint8)
        desk = Desk(settings, MarketView.of(series))
        self.trades = desk.compete(
            records(self.agents), 0, WINDOW, memory_of(len(series), 300), 0, weights, self.path
        )
        self.scars = np.asarray(desk.scars[: desk.window["scars"][0]]).copy()
        self.window = np.asarray(desk.window).copy()
        grow(self.agents, self.window, settings)


def live(agent, weights, series, settings):
    """The same agent with nothing but the bars that had closed: its seat and what it decided."""
    seat, decisions = Seat(agent, weights, settings, len(series)), []
    for t in range(WINDOW[0], WINDOW[1] - 1):
        seen = [snapshot(bars, t + 1) for bars in series]
        decisions.append(seat.decide(seen, seen[0].closed_ms))
        seat.execute(
            decisions[-1], [snapshot(bars, t + 2) for bars in series], last=t == WINDOW[1] - 2
        )
        if not seat.alive:
            break
    return seat, decisions


def settings_of(kind, **sections):
    return small_settings(network={"kind": kind, "hidden": HIDDEN}, **sections)


@pytest.mark.parametrize("kind", sorted(NETWORKS))
@pytest.mark.parametrize(("seed", "symbols"), [(1, 1), (2, 1), (1, 3)])
@pytest.mark.slow
def test_bar_by_bar_an_agent_decides_trades_and_suffers_as_in_a_block_to_the_bit(
    kind, seed, symbols
):
    settings = settings_of(
        kind, life={"direction": "long_short", "max_leverage": 3.0}, costs={"funding": 0.0001}
    )
    series = [small_bars(seed + 10 * symbol, volatility=0.03) for symbol in range(symbols)]
    agent = founders(settings)[0].agent
    weights = hot(settings, seed)

    block = InABlock(agent, weights, series, settings)
    seat, decisions = live(agent, weights, series, settings)

    actions = np.array([[each.action for each in decided] for decided in decisions], np.uint8).T
    assert len(set(actions.ravel().tolist())) > 1
    assert np.array_equal(actions, block.path[:, : actions.shape[1]])
    assert (block.path[:, actions.shape[1] :] == NONE).all()
    assert len(seat.trades)
    assert seat.trades.tobytes() == block.trades.tobytes()
    assert len(seat.scarred)
    assert seat.scarred.tobytes() == block.scars.tobytes()
    judged = seat.judge()
    for name in (name for name in AGENT.names if name not in ("remembered", "random")):
        assert judged[name].tobytes() == block.agents[name].tobytes(), name
    same = [name for name in block.window.dtype.names if name != "reward"]
    assert np.asarray(seat.window)[0][same].tobytes() == block.window[0][same].tobytes()


@pytest.mark.parametrize("kind", sorted(NETWORKS))
@pytest.mark.parametrize("hidden", [HIDDEN, (64, 64)])
def test_one_live_bar_is_decided_as_the_same_bar_of_a_history(kind, hidden):
    settings, bars = small_settings(network={"kind": kind, "hidden": hidden}), small_bars(3)
    agent, weights = founders(settings)[0].agent, hot(settings, 3)
    window = (WINDOW[0], WINDOW[0] + 2)
    path = np.full((1, 2), NONE, np.uint8)
    desk = Desk(settings, MarketView.of([bars]))
    desk.compete(records(np.array([agent], AGENT)), 0, window, memory_of(1, 4), 0, weights, path)
    q = desk.mind.q[0].copy()

    seen = snapshot(bars, window[0] + 1)
    [decision] = Seat(agent, weights, settings).decide([seen], seen.closed_ms)

    assert decision.action == path[0, 0]
    assert np.array(decision.q, np.float32).tobytes() == q.tobytes()
    assert decision.bar_time == bars.time[window[0]]


def test_a_stretch_is_followed_as_bar_by_bar():
    settings, bars = (
        settings_of("lstm", life={"direction": "long_short"}),
        small_bars(4, volatility=0.03),
    )
    agent, weights = founders(settings)[0].agent, hot(settings, 4)
    stepped, decisions = live(agent, weights, [bars], settings)
    seat = Seat(agent, weights, settings)

    followed = seat.follow(MarketView.of([bars]), bars.time, (WINDOW[0], WINDOW[1] - 1))

    assert followed == decisions[: len(followed)]
    [exposure] = seat.exposures
    assert exposure != 0.0
    assert abs(exposure) <= settings.life.max_leverage + 0.1
    assert len(followed) == len(decisions) - 1 or not stepped.alive


def test_a_network_that_says_nothing_finite_ends_its_agent_and_not_the_session():
    settings, bars = settings_of("q_net"), small_bars(3)
    seat = Seat(founders(settings)[0].agent, np.full_like(hot(settings), np.nan), settings)

    decisions = seat.decide([snapshot(bars, 301)], 0)
    seat.execute(decisions, [snapshot(bars, 302)])

    assert decisions[0].action == -1
    assert decisions[0].exposure is None
    assert not seat.alive
    assert len(seat.trades) == 0


def test_nobody_decides_on_a_market_that_stands_still():
    settings, bars = settings_of("q_net"), small_bars(3)
    seen = snapshot(bars)
    seat = Seat(founders(settings)[0].agent, hot(settings), settings)

    assert seen.freshness(seen.closed_ms + 2 * bars.timeframe_ms) == FRESH
    assert seen.freshness(seen.closed_ms + 3 * bars.timeframe_ms) == AGING
    assert seen.freshness(seen.closed_ms + 6 * bars.timeframe_ms) == STALE
    seat.decide([seen], seen.closed_ms + 5 * bars.timeframe_ms)
    with pytest.raises(StaleMarket, match=r"binance BTC/USDT has no bar since .* UTC, 6 bars ago"):
        seat.decide([seen], seen.closed_ms + 6 * bars.timeframe_ms)


def test_a_decision_is_filled_on_the_bar_after_it_and_on_no_other():
    settings, bars = settings_of("q_net"), small_bars(3)
    seat = Seat(founders(settings)[0].agent, hot(settings), settings)
    seen = snapshot(bars, 301)
    decisions = seat.decide([seen], seen.closed_ms)

    with pytest.raises(ValueError, match="does not hold the bar after"):
        seat.execute(decisions, [seen])
    with pytest.raises(ValueError, match="does not hold the bar after"):
        seat.execute(decisions, [snapshot(small_bars(3, bars=100))])

    assert np.asarray(seat.agents)["state"][0] == ACTIVE


@pytest.mark.slow
def test_a_seat_holds_any_number_of_trades():
    settings, bars = (
        settings_of("q_net", costs={"fee": 0.0, "half_spread": 0.0, "slippage": 0.0}),
        small_bars(3),
    )
    seat = Seat(founders(settings)[0].agent, hot(settings), settings)
    for t in range(100, 400):
        seen = snapshot(bars, t + 1)
        [decision] = seat.decide([seen], seen.closed_ms)
        seat.execute(
            (replace(decision, action=2 if t % 2 else 0),), [snapshot(bars, t + 2)], last=t == 399
        )

    assert len(seat.trades) > 128
    assert seat.trades["net_profit"].sum() == pytest.approx(
        seat.accounts.account["equity"][0] - settings.life.endowment
    )
