"""Uniform crossover takes whole neurons."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ml.evolution.crossover import uniform_by_neuron
from ml.networks.q_net import layout
from ml.networks.registry import NETWORKS

LAYOUT = layout((16, 8))


@hypothesis_settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000))
def test_every_neuron_comes_whole_from_one_parent(seed):
    a, b = np.zeros(LAYOUT.size, np.float32), np.ones(LAYOUT.size, np.float32)

    child = uniform_by_neuron(a, b, LAYOUT, np.random.default_rng(seed))

    for n, transposed in ((1, False), (2, False), (3, True)):
        incoming = LAYOUT.view(child, f"w{n}")
        incoming = incoming.T if transposed else incoming
        assert np.array_equal(
            incoming, np.broadcast_to(LAYOUT.view(child, f"b{n}"), incoming.shape)
        )


@pytest.mark.parametrize("kind", list(NETWORKS))
def test_any_network_can_be_crossed_each_weight_from_one_of_its_parents(kind):
    parts = NETWORKS[kind].layout((6, 5))
    a, b = np.zeros(parts.size, np.float32), np.ones(parts.size, np.float32)

    child = uniform_by_neuron(a, b, parts, np.random.default_rng(1))

    assert set(child) == {0.0, 1.0}


def test_both_parents_give_about_half():
    a, b = np.zeros(LAYOUT.size, np.float32), np.ones(LAYOUT.size, np.float32)
    shares = [
        uniform_by_neuron(a, b, LAYOUT, np.random.default_rng(seed)).mean() for seed in range(200)
    ]

    assert abs(np.mean(shares) - 0.5) < 0.03
    assert a.sum() == 0 and b.sum() == LAYOUT.size


def test_equal_parents_have_an_equal_child():
    a = np.arange(LAYOUT.size, dtype=np.float32)

    assert np.array_equal(uniform_by_neuron(a, a.copy(), LAYOUT, np.random.default_rng(1)), a)
