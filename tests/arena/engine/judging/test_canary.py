"""The canary: silent for every network on every market, and the name of the leak wherever one is
sown.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from agents.strategies.rules import RULES
from arena.engine.generations.founders import founders
from arena.engine.judging import players
from arena.engine.judging.canary import INSIDE, PlayedWindow, canary, moments_in
from arena.engine.results import RoundPlan
from arena.prices.files import builtin
from arena.prices.market.bootstrap import resampled
from arena.prices.market.features import NAMES, features
from arena.prices.market.simulators import SIMULATORS
from ml.networks.registry import NETWORKS
from tests.arena.engine.small import born, small_bars, small_settings

PLAN = RoundPlan(0, (300, 364), ((150, 200), (190, 240)), False)
KINDS = [*SIMULATORS, "bootstrap", "file"]
LEAKY = NAMES.index("volume z-score 64")


def bars_of(kind):
    if kind in SIMULATORS:
        return small_bars(kind=kind, bars=420)
    real, _ = builtin.load("ibm_daily")
    return resampled([real], 420, "stationary", 32, np.random.default_rng(1))[0]


def settings_of(kind="q_net", population=3, **sections):
    return small_settings(population, network={"kind": kind, "hidden": (6, 5)}, **sections)


def team(settings, seed=5):
    """(AGENT [n], weights) that act in many ways: founders with large networks."""
    block = born(settings)
    return block.agents, block.online * np.float32(3.0)


def watch(play, bars=None, *, moments=6, table=features, window=PLAN.competition):
    rng = np.random.default_rng(3)
    return canary(
        [bars or small_bars(bars=420)], play, window, moments_in(window, moments, rng), rng, table
    )


def rebuilt(leak):
    """Our features with one column looked up by a rule that looks ahead."""

    def table(bars):
        seen = features(bars).copy()
        seen[:, LEAKY] = leak(bars)
        return seen

    return table


def z(values):
    """Readable by a network: about even round 0."""
    return np.clip(500 * values, -5, 5)


def shifted_by_minus_one(bars):
    return z(np.roll(np.log(bars.close), -1) - np.log(bars.close))


def centred_window(bars):
    close = pd.Series(np.log(bars.close))
    return z((close.rolling(5, center=True, min_periods=1).mean() - close).to_numpy())


def higher_bar_stamped_with_its_open(bars):
    last = np.minimum(np.arange(len(bars)) // 4 * 4 + 3, len(bars) - 1)
    return z(np.log(bars.close[last]) - np.log(bars.close))


def scaled_by_the_full_sample(bars):
    return (bars.close - bars.close.mean()) / bars.close.std()


LEAKS = [
    shifted_by_minus_one,
    centred_window,
    higher_bar_stamped_with_its_open,
    scaled_by_the_full_sample,
]


@pytest.mark.parametrize("market", KINDS)
@pytest.mark.parametrize("network", NETWORKS)
def test_no_network_looks_ahead_on_any_market(network, market):
    settings = settings_of(network)
    agents, weights = team(settings)

    report = watch(
        players.competing(agents, weights, settings, PLAN.competition[0]),
        bars_of(market),
        moments=3,
    )

    assert report.sound
    assert (report.agents, len(report.moments)) == (3, 3)


@pytest.mark.parametrize("network", NETWORKS)
def test_nobody_looks_ahead_while_practising_and_competing(network):
    settings = settings_of(
        network,
        life={"direction": "long_short", "max_leverage": 3.0},
        learning={"epsilon_compete": 0.2},
    )

    report = watch(
        players.newcomers(founders(settings), settings, PLAN),
        small_bars(bars=420, volatility=0.03),
        moments=3,
    )

    assert report.sound


def together(plays):
    """All of them as one crowd; rules show nothing of what they see of themselves."""

    def once(market, stop):
        played = [play(market, stop) for play in plays]
        shown = [
            each.private if each.private.size else np.zeros((*each.actions.shape[:2], 4))
            for each in played
        ]
        return PlayedWindow(
            np.concatenate([each.actions for each in played]),
            np.concatenate(shown).astype(np.float32),
        )

    return once


@pytest.mark.parametrize(
    ("moments", "tried"), [(24, 23), pytest.param(300, 218, marks=pytest.mark.full)]
)
@pytest.mark.slow
def test_no_rule_and_no_network_looks_ahead_from_any_of_many_moments(moments, tried):
    rules = [
        players.follower(
            lambda name=name: RULES[name](np.random.default_rng(1)), settings_of(), 200
        )
        for name in RULES
    ]
    networks = [
        players.competing(*team(settings_of(kind)), settings_of(kind), 200) for kind in NETWORKS
    ]

    report = watch(
        together(rules + networks), small_bars(bars=420), moments=moments, window=(200, 420)
    )

    assert report.sound
    assert (report.agents, len(report.moments)) == (len(RULES) + 3 * len(NETWORKS), tried)


@pytest.mark.parametrize("leak", LEAKS)
@pytest.mark.parametrize("network", NETWORKS)
def test_a_sown_leak_is_caught_and_named_and_so_is_who_acts_on_it(network, leak):
    settings = settings_of(network, 4)
    agents, weights = team(settings)

    report = watch(
        players.competing(agents, weights, settings, PLAN.competition[0]),
        table=rebuilt(leak),
        moments=12,
    )

    assert {found.name for found in report.leaks} == {NAMES[LEAKY]}
    assert all(found.bar <= found.moment for found in (*report.leaks, *report.deeds))
    assert report.deeds
    assert {deed.because for deed in report.deeds} == {(NAMES[LEAKY],)}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_that_no_agent_acts_on_is_named_all_the_same(leak):
    settings = settings_of()
    agents, weights = team(settings)

    report = watch(
        players.competing(agents, np.zeros_like(weights), settings, PLAN.competition[0]),
        table=rebuilt(leak),
    )

    assert [found.name for found in report.leaks] == [NAMES[LEAKY]]
    assert report.deeds == ()


def test_two_leaking_features_are_both_named():
    def table(bars):
        seen = features(bars).copy()
        seen[:, LEAKY], seen[:, 0] = shifted_by_minus_one(bars), scaled_by_the_full_sample(bars)
        return seen

    settings = settings_of()
    report = watch(players.competing(*team(settings), settings, PLAN.competition[0]), table=table)

    assert {found.name for found in report.leaks} == {NAMES[LEAKY], NAMES[0]}


def test_an_engine_that_shows_an_agent_its_future_is_named_by_the_private_input():
    settings = settings_of()
    honest = players.competing(*team(settings), settings, PLAN.competition[0])

    def peeking(market, stop):
        played = honest(market, stop)
        private = played.private.copy()
        following = market.prices.close[0][PLAN.competition[0] + 1 : stop]
        private[:, :, 2] += following[: private.shape[1]].astype(np.float32)
        return PlayedWindow(played.actions, private)

    report = watch(peeking)

    assert [found.name for found in report.leaks] == ["drawdown"]
    assert report.deeds == ()


def test_an_agent_that_knows_the_next_close_by_no_input_at_all_is_caught():
    settings = settings_of()
    honest = players.competing(*team(settings), settings, PLAN.competition[0])

    def clairvoyant(market, stop):
        played, close = honest(market, stop), market.prices.close[0]
        actions = played.actions.copy()
        here = np.arange(PLAN.competition[0], stop - 1)
        actions[1, : len(here), 0] = np.where(close[here + 1] > close[here], 2, 0)
        return PlayedWindow(actions, played.private)

    report = watch(clairvoyant)

    assert report.leaks == ()
    assert [(deed.place, deed.because) for deed in report.deeds] == [(1, ())]


def test_agents_that_were_watched_are_as_they_were():
    settings = settings_of()
    agents, weights = team(settings)
    before = agents.tobytes(), weights.tobytes()

    watch(players.competing(agents, weights, settings, PLAN.competition[0]), moments=2)

    assert (agents.tobytes(), weights.tobytes()) == before


def test_what_is_watched_is_what_is_played():
    settings = settings_of(population=4)
    block, market = born(settings), players.MarketView.of([small_bars(bars=420)])

    played = players.newcomers(founders(settings), settings, PLAN)(market, PLAN.competition[1])
    result = players.play(block, market, PLAN, settings)

    assert (played.actions[..., 0] == result.actions[:, 0, :-1]).all()
    head = sum(stop - start for start, stop in PLAN.practice)
    assert (played.private == block.private[:, 0, head : head + 63]).all()


@pytest.mark.parametrize("window", [(200, 264), (200, 203), (201, 5000)])
def test_moments_lie_in_the_window_and_one_inside_of_a_higher_bar(window):
    for seed in range(20):
        moments = moments_in(window, 6, np.random.default_rng(seed))

        assert moments == tuple(sorted(set(moments)))
        assert all(window[0] < moment < window[1] - 1 for moment in moments)
        if window[1] - window[0] > 40:
            assert any((moment + 1) % 16 == INSIDE for moment in moments)


def test_a_window_shorter_than_the_moments_asked_for_is_tried_at_every_bar():
    plan = replace(PLAN, competition=(300, 310))
    settings = settings_of()

    report = watch(
        players.newcomers(founders(settings), settings, plan), window=(300, 310), moments=50
    )

    assert report.sound
    assert report.moments == tuple(range(301, 309))
