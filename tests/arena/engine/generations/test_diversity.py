"""A round's diversity: clones raise the alarm once, strangers never."""

import numpy as np
import pytest

from arena.engine.generations.diversity import alarms, founders_spread, measures
from arena.engine.generations.founders import founders
from arena.engine.results import AGENT
from tests.arena.engine.small import small_settings

N = 32
BARS = 50


def strangers(settings):
    """(agents, actions, weights_of) as independent founders would have them."""
    born = founders(settings)
    actions = np.random.default_rng(1).integers(0, 3, (N, BARS)).astype(np.uint8)
    return (
        np.array([birth.agent for birth in born], AGENT),
        actions,
        lambda slot: born[slot].weights,
    )


def clones(settings):
    """The first founder, as often as there are places."""
    agents, actions, weights_of = strangers(settings)
    agents["founder"] = 1
    return agents, np.repeat(actions[:1], N, axis=0), lambda slot: weights_of(0)


def test_clones_are_one_lineage_that_thinks_and_acts_alike_and_raise_both_alarms():
    settings = small_settings(N)

    found = measures(*clones(settings), settings)

    assert (found["lineages"], found["clades"], found["behaviour"]) == (1.0, 1, 0.0)
    assert found["weights"] == pytest.approx(0.0, abs=1e-6)
    assert alarms(found, (), settings) == ["lineages", "behaviour"]


def test_independent_founders_are_as_many_lineages_as_agents_and_raise_none():
    settings = small_settings(N)

    found = measures(*strangers(settings), settings)

    assert found["lineages"] == pytest.approx(N)
    assert found["clades"] == N
    assert found["weights"] == pytest.approx(1.0)
    assert found["behaviour"] == pytest.approx(2 / 3, abs=0.02)
    assert alarms(found, (), settings) == []


def test_an_alarm_is_raised_once_and_not_at_all_where_the_settings_ask_for_nothing():
    settings, deaf = (
        small_settings(N),
        small_settings(N, evolution={"least_lineages": 0, "least_disagreement": 0}),
    )

    found = measures(*clones(settings), settings)

    assert alarms(found, {"lineages"}, settings) == ["behaviour"]
    assert alarms(found, {"lineages", "behaviour"}, settings) == []
    assert alarms(found, (), deaf) == []


def test_only_those_who_lived_through_the_round_count():
    settings = small_settings(N)
    agents, actions, weights_of = strangers(settings)
    agents["state"][4:] = 3
    weights = {slot: weights_of(slot) for slot in range(4)}

    found = measures(agents, actions, weights.__getitem__, settings)

    assert found["lineages"] == pytest.approx(4)
    own = np.array(list(weights.values()), float)
    assert found["weights"] == pytest.approx(
        np.linalg.norm(own - own.mean(axis=0), axis=1).mean() / founders_spread(settings), rel=1e-6
    )


def test_where_nobody_lives_there_is_nothing_to_compare_and_no_alarm():
    settings = small_settings(N)
    agents, actions, weights_of = strangers(settings)
    agents["state"] = 3

    found = measures(agents, actions, weights_of, settings)

    assert found == {"weights": None, "behaviour": None, "lineages": 0.0, "clades": 0}
    assert alarms(found, (), settings) == []
