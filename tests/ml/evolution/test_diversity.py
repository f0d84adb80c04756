"""Measures of diversity: clones against strangers, and every formula against a slow version."""

from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ml.evolution.diversity import disagreement, effective_number, spread

labels = st.lists(st.integers(0, 9), min_size=1, max_size=40).map(np.array)
shapes = st.tuples(st.integers(1, 8), st.integers(1, 12), st.integers(0, 1000))


def slow_disagreement(actions):
    """Every pair at every bar where both acted."""
    n, bars = actions.shape
    pairs = [
        (actions[i, t], actions[j, t])
        for t in range(bars)
        for i in range(n)
        for j in range(i)
        if max(actions[i, t], actions[j, t]) < 3
    ]
    return sum(a != b for a, b in pairs) / len(pairs) if pairs else None


def test_clones_are_one_lineage_and_strangers_as_many_as_they_are():
    assert effective_number(np.full(64, 7)) == 1.0
    assert effective_number(np.arange(64)) == pytest.approx(64)
    assert effective_number(np.repeat(np.arange(8), 8)) == pytest.approx(8)
    assert effective_number(np.array([], int)) == 0.0


@given(labels)
def test_the_effective_number_is_exp_of_the_entropy_and_lies_between_one_and_the_groups(labels):
    shares = [np.sum(labels == label) / len(labels) for label in set(labels.tolist())]

    found = effective_number(labels)

    assert found == pytest.approx(exp(-sum(p * log(p) for p in shares)))
    assert 1.0 - 1e-12 <= found <= len(shares) + 1e-9


@hypothesis_settings(deadline=None)
@given(shapes)
def test_disagreement_counts_pairs_of_those_who_acted(shape):
    n, bars, seed = shape
    actions = np.random.default_rng(seed).integers(0, 4, (n, bars)).astype(np.uint8)

    assert (
        disagreement(actions) == pytest.approx(slow_disagreement(actions))
        if slow_disagreement(actions) is not None
        else True
    )
    assert (disagreement(actions) is None) == (slow_disagreement(actions) is None)


def test_clones_never_disagree_and_opposites_always_do():
    one = np.random.default_rng(1).integers(0, 3, 100).astype(np.uint8)

    assert disagreement(np.stack([one] * 20)) == 0.0
    assert disagreement(np.stack([one, (one + 1) % 3])) == 1.0
    assert disagreement(np.random.default_rng(2).integers(0, 3, (200, 200))) == pytest.approx(
        2 / 3, abs=0.01
    )


def test_one_agent_alone_has_nobody_to_disagree_with():
    assert disagreement(np.zeros((1, 10), np.uint8)) is None
    assert disagreement(np.zeros((0, 10), np.uint8)) is None


def test_spread_is_the_mean_distance_to_the_mean():
    members = np.random.default_rng(1).normal(size=(12, 30)).astype(np.float32)
    mean = members.astype(float).mean(axis=0)

    assert spread(list(members)) == pytest.approx(
        np.mean([np.sqrt(((m - mean) ** 2).sum()) for m in members.astype(float)])
    )
    assert spread([members[0]] * 5) == pytest.approx(0.0, abs=1e-6)
    assert spread([]) is None
