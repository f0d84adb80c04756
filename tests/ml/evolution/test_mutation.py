"""Gaussian mutation, against a slow and obvious version."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ml.evolution.mutation import distance, mutate
from ml.networks.q_net import layout
from ml.params import xavier

LAYOUT = layout((16, 8))


def parent(seed: int = 0) -> np.ndarray:
    return xavier(LAYOUT, np.random.default_rng(seed))


def slow_mutate(weights, rate, strength, rng):
    """The same draws, one weight at a time."""
    chances, normals = rng.random(LAYOUT.size), rng.normal(0.0, 1.0, LAYOUT.size)
    child = weights.copy()
    for part in LAYOUT.parts:
        matrix = next(p for p in LAYOUT.parts if p.layer == part.layer and not p.bias)
        deviation = np.std(weights[matrix.slice].astype(np.float64))
        for i in range(part.offset, part.offset + part.size):
            if chances[i] < rate:
                child[i] = np.float32(weights[i] + strength * deviation * normals[i])
    return child


@hypothesis_settings(deadline=None, max_examples=30)
@given(st.floats(0, 1), st.floats(0, 2), st.integers(0, 1000))
def test_mutation_is_what_the_slow_version_says(rate, strength, seed):
    child = mutate(parent(), LAYOUT, rate, strength, np.random.default_rng(seed))

    assert np.array_equal(child, slow_mutate(parent(), rate, strength, np.random.default_rng(seed)))
    assert child.dtype == np.float32


@pytest.mark.parametrize(("rate", "strength"), [(0.0, 0.02), (1.0, 0.0)])
def test_no_rate_or_no_strength_changes_nothing(rate, strength):
    child = mutate(parent(), LAYOUT, rate, strength, np.random.default_rng(1))

    assert np.array_equal(child, parent())


def test_the_rate_is_the_share_of_weights_that_change_biases_included():
    children = [
        mutate(parent(), LAYOUT, 0.15, 0.02, np.random.default_rng(seed)) for seed in range(50)
    ]
    changed = np.mean([child != parent() for child in children], axis=0)

    assert changed.mean() == pytest.approx(0.15, abs=0.01)
    assert all(changed[part.slice].any() for part in LAYOUT.parts if part.bias)


def test_a_bias_moves_by_its_layers_deviation():
    steps = [
        mutate(parent(), LAYOUT, 1.0, 0.1, np.random.default_rng(seed)) - parent()
        for seed in range(300)
    ]
    bias, matrix = LAYOUT.parts[1], LAYOUT.parts[0]

    measured = np.std([step[bias.slice] for step in steps])
    assert measured == pytest.approx(0.1 * np.std(parent()[matrix.slice]), rel=0.05)


def test_the_parent_stays_as_it_was():
    weights = parent()

    mutate(weights, LAYOUT, 1.0, 0.5, np.random.default_rng(1))

    assert np.array_equal(weights, parent())


def test_distance_is_euclidean():
    assert distance(np.array([0, 3], np.float32), np.array([4, 0], np.float32)) == 5.0
