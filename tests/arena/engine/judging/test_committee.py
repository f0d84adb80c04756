"""A committee does what a slow one does that asks each member in turn, and what its members agree
on.
"""

import numpy as np
import pytest

from agents.strategies.base import BUY, HOLD, SELL
from agents.strategies.rules import Rule
from arena.engine.generations.founders import founders
from arena.engine.judging.committee import COMBINERS, committee, most, of_round, seated
from arena.engine.judging.evaluate import follow, runs
from arena.engine.play import fresh_block
from arena.engine.results import FIGURES
from ml.networks.base import LOOKBACK, PREMIUM_FROM, PUBLIC
from ml.networks.registry import NETWORKS
from tests.arena.engine.small import HIDDEN, always, basket, small_settings

STRETCH = (200, 330)


class SlowCommittee(Rule):
    """Asks one member after another, in plain Python."""

    def __init__(self, kind, members, seeing, combiner, short, past):
        self.network, self.members, self.seeing, self.combiner, self.short = (
            NETWORKS[kind],
            members,
            seeing,
            combiner,
            short,
        )
        self.past = past
        self.carried = [self.network.fresh_memory(HIDDEN) for _ in members]
        self.stands = [0.0] * len(members)

    def decide(self, observation):
        self.past = np.vstack([self.past[1 - LOOKBACK :], observation[None, :PUBLIC]])
        values = [self._values(m, observation.copy()) for m in range(len(self.members))]
        if self.combiner == "mean":
            return int(np.argmax(np.sum(values, axis=0, dtype=np.float64)))
        choices = [int(np.argmax(q)) for q in values]
        if self.combiner == "majority":
            count = {action: choices.count(action) for action in (SELL, HOLD, BUY)}
            ahead = [action for action in (SELL, BUY) if count[action] == max(count.values())]
            return ahead[0] if len(ahead) == 1 and count[ahead[0]] > count[HOLD] else HOLD
        low = -1.0 if self.short else 0.0
        self.stands = [
            {SELL: low, BUY: 1.0}.get(c, held) for c, held in zip(choices, self.stands, strict=True)
        ]
        middle = sum(self.stands) / len(self.stands) - (1.0 + low) / 2
        return BUY if middle > 1e-12 else SELL if middle < -1e-12 else HOLD

    def _values(self, m, x):
        past = self.past.copy()
        if not self.seeing[m]:
            x[PREMIUM_FROM:PUBLIC] = 0.0
            past[:, PREMIUM_FROM:] = 0.0
        return self.network.q_values(HIDDEN, self.members[m], x, past, self.carried[m])


def members_of(settings, market, n=5):
    block = fresh_block(founders(settings)[:n], settings, market.symbols)
    block.agents["scars"][1:2] = 1
    return block.online, block.agents


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("combiner", COMBINERS)
@pytest.mark.parametrize("direction", ["long_flat", "long_short"])
def test_it_decides_as_a_slow_one_that_asks_each_in_turn(kind, combiner, direction):
    settings = small_settings(
        5, network={"kind": kind, "hidden": HIDDEN}, life={"direction": direction}
    )
    market = basket(2, bars=400)
    weights, agents = members_of(settings, market)
    pasts = [
        market.features[first - LOOKBACK : first]
        for first in (STRETCH[0], STRETCH[0] + len(market))
    ]
    asked = [
        SlowCommittee(
            kind, weights, agents["scars"] == 0, combiner, direction == "long_short", past
        )
        for past in pasts
    ]

    slow, chosen = follow(asked, market, STRETCH, settings)
    run, path = committee(weights, agents, market, STRETCH, settings, combiner)

    np.testing.assert_array_equal(path, chosen)
    np.testing.assert_allclose(run.returns, slow.returns, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(run.exposures, slow.exposures, atol=1e-9)
    assert run.window["log_growth"] == pytest.approx(slow.window["log_growth"])
    assert len(run.trades) == len(slow.trades)


@pytest.mark.parametrize("combiner", COMBINERS)
def test_a_committee_of_one_does_what_its_member_would(combiner):
    settings = small_settings(1 + 1, life={"direction": "long_short"})
    market = basket(1, bars=400)
    weights, agents = members_of(settings, market, n=1)

    (alone,) = runs(weights, agents, market, STRETCH, settings)
    run, _ = committee(weights, agents, market, STRETCH, settings, combiner)

    np.testing.assert_allclose(run.returns, alone.returns, atol=1e-12)


def test_one_who_is_no_longer_finite_has_no_voice():
    settings, market = small_settings(3), basket(1, bars=400)
    weights, agents = members_of(settings, market, n=2)
    broken = np.full_like(weights[:1], np.nan)

    with_it, _ = committee(
        np.concatenate([weights, broken]), agents[[0, 1, 1]], market, STRETCH, settings, "mean"
    )
    without, _ = committee(weights, agents, market, STRETCH, settings, "mean")

    np.testing.assert_array_equal(with_it.returns, without.returns)


def test_members_who_want_opposite_things_hold_and_two_against_one_win():
    settings, market = small_settings(3), basket(1, bars=400)
    _, agents = members_of(settings, market, n=3)

    def path(*wanted):
        weights = np.stack([always(action) for action in wanted])
        return committee(weights, agents[: len(wanted)], market, STRETCH, settings, "majority")[1]

    assert (path(BUY, SELL) == HOLD).all()
    assert (path(BUY, BUY, SELL) == BUY).all()


@pytest.mark.parametrize(
    ("votes", "choice"),
    [((2, 0, 1), SELL), ((1, 1, 0), HOLD), ((1, 0, 1), HOLD), ((0, 1, 2), BUY), ((2, 1, 2), HOLD)],
)
def test_a_majority_must_be_one(votes, choice):
    assert most(np.array(votes, float)) == choice


def test_where_more_live_than_there_are_seats_the_oldest_sit():
    _, agents = members_of(small_settings(5), basket(1, bars=400))
    agents["number"] = [9, 3, 7, 1, 5]

    assert seated(agents, np.array([0, 1, 2, 4])).tolist() == [1, 4, 2, 0]
    assert seated(agents, np.array([0, 1, 2, 4]), 2).tolist() == [1, 4]


def test_in_a_round_those_sit_who_competed_and_one_alone_is_none():
    settings, market = small_settings(5), basket(1, bars=400)
    weights, agents = members_of(settings, market)
    figures = np.zeros((5, len(FIGURES)))
    figures[[0, 2], FIGURES.index("score")] = np.nan

    found = of_round(agents, figures, lambda slot: weights[slot], market, STRETCH, settings)
    run, _ = committee(weights[[1, 3, 4]], agents[[1, 3, 4]], market, STRETCH, settings)
    figures[1:4, FIGURES.index("score")] = np.nan

    assert {name: found[name] for name in run.figures()} == run.figures()
    assert of_round(agents, figures, lambda slot: weights[slot], market, STRETCH, settings) is None


def test_a_committee_in_parts_is_the_same_and_tells_that_it_goes_on(monkeypatch):
    settings, market, beats = small_settings(5), basket(2, bars=400), []
    weights, agents = members_of(settings, market)
    whole, path = committee(weights, agents, market, STRETCH, settings)

    monkeypatch.setattr("arena.engine.judging.committee.AT_ONCE", 300)
    parts, again = committee(
        weights, agents, market, STRETCH, settings, beat=lambda: beats.append(1)
    )

    np.testing.assert_array_equal(path, again)
    np.testing.assert_array_equal(whole.returns, parts.returns)
    np.testing.assert_array_equal(whole.trades, parts.trades)
    assert whole.window == parts.window
    assert len(beats) == -(-(STRETCH[1] - STRETCH[0] - 1) // 30)
