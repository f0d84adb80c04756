"""Novelty, against a slow and obvious version."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ml.evolution.novelty import novelty


def slow_novelty(descriptors, neighbours):
    found = []
    for i, one in enumerate(descriptors):
        distances = sorted(
            float(np.hypot(*(one - other))) for j, other in enumerate(descriptors) if j != i
        )[:neighbours]
        found.append(sum(distances) / len(distances) if distances else 0.0)
    return found


@hypothesis_settings(deadline=None, max_examples=40)
@given(st.integers(1, 25), st.integers(1, 30), st.integers(0, 1000))
def test_it_is_the_mean_distance_to_the_nearest_others(n, neighbours, seed):
    descriptors = np.random.default_rng(seed).random((n, 2))

    assert novelty(descriptors, neighbours) == pytest.approx(slow_novelty(descriptors, neighbours))


def test_who_behaves_like_nobody_else_is_most_novel_and_twins_are_not_at_all():
    found = novelty(np.array([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0]]), 2)

    assert found.tolist() == [0.0, 0.0, 0.0, 1.0]


def test_the_order_of_agents_changes_nothing():
    descriptors = np.random.default_rng(2).random((40, 2))
    order = np.random.default_rng(3).permutation(40)

    assert np.array_equal(novelty(descriptors[order], 5), novelty(descriptors, 5)[order])
