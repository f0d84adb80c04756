"""The ceiling: what brute force finds, what its policy earns through the real ledger, and what
costs and edge do to it.
"""

from copy import deepcopy
from itertools import product

import numpy as np
import pytest

from agents.strategies.base import HOLD
from arena.engine.judging.ceiling import FLAT, Bellman, Ledger, best_on, ceiling, share
from arena.engine.judging.chains import NoCeiling, chain_of, states_of
from arena.engine.judging.evaluate import run_strategy
from arena.prices.market.simulators import SIMULATORS, simulate
from arena.prices.market.view import MarketView
from arena.settings_schema import parse
from tests.arena.engine.slow import BUY, SELL, Fees, SlowAccount

DIRECTIONS = ("long_flat", "long_short")
KINDS = ("planted", "planted_memory", "sine")
HIGH = {"fee": 0.004, "half_spread": 0.001, "slippage": 0.003}


def chosen(kind="planted", direction="long_flat", costs=None, **market):
    return parse(
        {"market": {"kind": kind} | market, "life": {"direction": direction}, "costs": costs or {}}
    )


def made(settings, bars, seed=1):
    market = settings.market
    shape = {
        name: getattr(market, name)
        for name in ("drift", "volatility", "period", "amplitude", "edge")
    }
    return MarketView.of([simulate(market.kind, bars, np.random.default_rng(seed), **shape)])


def expected_by_trial(account, chain, state, price, bars, short):
    """The most that can be expected of log equity after `bars` more bars, every action tried in the
    slow ledger at every step.
    """
    if bars == 0:
        return np.log(account.equity([price]))
    found = []
    for action in (SELL, HOLD, BUY):
        tried = deepcopy(account)
        tried.order(0, [price], [action], short, 1.0, [0.0])
        ahead = zip(chain.follow[state], chain.chance[state], chain.rise[state], strict=True)
        values = [
            p * expected_by_trial(tried, chain, s, price * np.exp(r), bars - 1, short)
            for s, p, r in ahead
        ]
        found.append(sum(values))
    return max(found)


@pytest.mark.parametrize("costs", [{}, HIGH], ids=("usual", "high"))
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("volatility", [0.002, 0.02])
def test_a_few_bars_are_worth_what_trying_everything_finds(direction, volatility, costs):
    settings = chosen(direction=direction, volatility=volatility, edge=0.8, costs=costs)
    chain, short, c = chain_of(settings), direction == "long_short", settings.costs
    bellman, values = Bellman(chain, Ledger(c), short), np.zeros((2 + len(chain.level), 2))

    for _ in range(4):
        values = bellman.sweep(values)

    for state in (0, 1):
        account = SlowAccount(1.0, Fees(fee=c.fee, half_spread=c.half_spread, slippage=c.slippage))
        assert values[FLAT, state] == pytest.approx(
            expected_by_trial(account, chain, state, 100.0, 4, short), abs=1e-12
        )


@pytest.mark.parametrize("amplitude", [0.001, 0.004, 0.05])
def test_the_best_way_through_a_wave_is_the_best_of_all_ways(amplitude):
    settings = chosen("sine", period=8, amplitude=amplitude, volatility=0.0)
    c, wave = settings.costs, np.log1p(amplitude * np.sin(2 * np.pi * np.arange(8) / 8))
    rise = np.roll(wave, -1) - wave
    there = np.log((1 + c.half_spread + c.slippage) * (1 + c.fee)) - np.log(
        (1 - c.half_spread - c.slippage) * (1 - c.fee)
    )

    paths = [np.array(path) for path in product((0, 1), repeat=8)]
    best = max(path @ rise - there * np.sum(path > np.roll(path, 1)) for path in paths)

    assert ceiling(settings).growth == pytest.approx(best / 8, abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.statistic
@pytest.mark.slow
def test_its_policy_earns_it_through_the_real_ledger_within_the_error_of_chance(kind, direction):
    settings, length = chosen(kind, direction), 5000
    market = made(settings, 20 * length + 200)

    runs = [
        best_on(market, (200 + k * length, 200 + (k + 1) * length), settings) for k in range(20)
    ]
    growth = np.array([run["growth"] for run in runs])
    error = growth.std(ddof=1) / np.sqrt(len(growth))

    expected = runs[0]["expected_growth"]
    # a stretch begins with a purchase and ends with a forced sale, and its last close is not traded
    # on
    edges = 0.004 / length + expected / length
    assert abs(growth.mean() - expected) < 3 * error + edges
    assert 3 * error + edges < 0.1 * expected


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.statistic
@pytest.mark.slow
def test_nobody_who_strays_from_it_earns_more(direction):
    settings = chosen("planted_memory", direction)
    market, rng = made(settings, 20_000), np.random.default_rng(0)
    best = best_on(market, (200, 20_000), settings)["growth"]

    class Straying:
        """Follows the sign planted for the next bar, but only with the given chance."""

        name = "straying"

        def __init__(self, chance):
            self.states, self.chance, self.t = states_of(market.bars_of(0), settings), chance, 200

        def decide(self, observation):
            state, self.t = self.states[self.t], self.t + 1
            return HOLD if rng.random() > self.chance else BUY if state >> 7 else SELL

        def on_win(self, profit):
            pass

        on_loss = on_win

    for chance in (0.1, 0.5, 1.0):
        window, _, _ = run_strategy([Straying(chance)], market, (200, 20_000), settings)
        assert window["log_growth"] / 19_800 < best


@pytest.mark.parametrize("edge", [0.6, 0.9, 0.97])
def test_where_costs_are_small_it_is_to_follow_the_last_sign(edge):
    c = chosen(edge=edge, volatility=0.05).costs

    found = ceiling(chosen(edge=edge, volatility=0.05))

    in_and_out = np.log((1 + c.half_spread + c.slippage) * (1 + c.fee)) - np.log(
        (1 - c.half_spread - c.slippage) * (1 - c.fee)
    )
    assert found.growth == pytest.approx(
        0.05 * (2 * edge - 1) / 2 - (1 - edge) / 2 * in_and_out, abs=1e-9
    )
    np.testing.assert_array_equal(found.policy, [[HOLD, BUY], [SELL, HOLD]])


@pytest.mark.parametrize(
    ("kind", "direction"), [*((kind, "long_flat") for kind in KINDS), ("planted", "long_short")]
)
@pytest.mark.parametrize("cost", ["fee", "half_spread", "slippage"])
def test_whatever_costs_more_leaves_less(kind, direction, cost):
    growths = [
        ceiling(chosen(kind, direction, costs={cost: value}, period=32)).growth
        for value in (0.0, 0.0005, 0.002, 0.02)
    ]

    assert all(more <= less + 1e-9 for less, more in zip(growths, growths[1:], strict=False))
    assert growths[0] > growths[-1] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("kind", ["planted", "planted_memory"])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_without_an_edge_cash_is_best(kind, direction):
    found = ceiling(chosen(kind, direction, edge=0.5))

    assert found.growth == 0.0
    assert (found.policy[FLAT] == HOLD).all()


def test_shorts_can_only_add():
    assert all(
        ceiling(chosen(kind, "long_short")).growth > ceiling(chosen(kind)).growth for kind in KINDS
    )


@pytest.mark.parametrize(
    "sections",
    [{"market": {"kind": kind}} for kind in SIMULATORS if kind not in KINDS]
    + [
        {"market": {"kind": "planted"}} | other
        for other in ({"costs": {"funding": 0.001}}, {"life": {"max_leverage": 2.0}})
    ]
    + [{"market": {"kind": "sine", "period": 500}, "life": {"direction": "long_short"}}],
    ids=str,
)
def test_without_a_known_law_there_is_no_ceiling(sections):
    with pytest.raises(NoCeiling):
        ceiling(parse(sections))


def test_the_share_compares_growth_not_returns():
    assert share(1.0, 3.0) == pytest.approx(0.5)
    assert share(3.0, 3.0) == 1.0
    assert share(-0.5, 1.0) == pytest.approx(-1.0)
    assert share(None, 1.0) is None
    assert share(0.1, 0.0) is None
