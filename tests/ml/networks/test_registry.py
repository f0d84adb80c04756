"""What every kind of network promises, whatever it is inside."""

from typing import get_args

import numpy as np
import pytest

from arena.settings_schema import NETWORKS as KINDS
from ml.networks.base import ACTIONS, INPUTS, PREMIUM_FROM, PRIVATE, PUBLIC
from ml.networks.registry import NETWORKS
from tests.ml.networks.slow import slow_layers

HIDDENS = [(4,), (8, 5), (16, 7, 9)]

every_network = pytest.mark.parametrize("kind", list(NETWORKS))
every_shape = pytest.mark.parametrize("hidden", HIDDENS)


def rows(n, seed=1):
    return np.random.default_rng(seed).normal(size=(n, INPUTS)).astype(np.float32)


def born(kind, hidden, seed=1):
    return NETWORKS[kind].born(hidden, np.random.default_rng(seed))


def test_the_settings_offer_exactly_the_networks_there_are():
    assert set(get_args(KINDS)) == set(NETWORKS)
    assert all(network.kind == kind for kind, network in NETWORKS.items())


def test_an_observation_is_public_then_private_and_premium_ends_the_public_part():
    assert INPUTS == PUBLIC + PRIVATE == 24
    assert PREMIUM_FROM == 16 < PUBLIC


@every_network
@every_shape
def test_the_layout_has_no_gap_and_no_overlap(kind, hidden):
    layout = NETWORKS[kind].layout(hidden)

    covered = np.concatenate([np.arange(layout.size)[part.slice] for part in layout.parts])

    np.testing.assert_array_equal(covered, np.arange(layout.size))
    assert len({part.name for part in layout.parts}) == len(layout.parts)
    assert born(kind, hidden).shape == (layout.size,)


@every_network
@every_shape
def test_acting_on_a_row_gives_the_values_of_the_same_row_in_a_batch(kind, hidden):
    network, theta, x = NETWORKS[kind], born(kind, hidden), rows(20)
    sizes = network.sizes(hidden)
    q = np.empty((20, ACTIONS), np.float32)
    network.values(theta, sizes, x, np.empty(network.workspace(sizes, 20), np.float32), q)

    alone = np.array([network.q_values(hidden, theta, row) for row in x])

    np.testing.assert_allclose(alone, q, rtol=1e-5, atol=1e-6)


@every_network
@every_shape
def test_every_parameter_counts_for_something(kind, hidden):
    network, theta, x = NETWORKS[kind], born(kind, hidden), rows(200)
    sizes = network.sizes(hidden)
    work = np.empty(network.workspace(sizes, 200), np.float32)
    q, grad = np.empty((200, ACTIONS), np.float32), np.empty_like(theta)
    network.values(theta, sizes, x, work, q)

    network.gradient(theta, sizes, x, work, np.arange(200) % ACTIONS, np.ones(200, np.float32), grad)

    assert np.isfinite(grad).all()
    assert (grad != 0).mean() > 0.9


@every_network
@every_shape
def test_activations_run_from_the_input_to_the_action_values(kind, hidden):
    network, theta, x = NETWORKS[kind], born(kind, hidden), rows(1)[0]

    shown = network.activations(hidden, theta, x)

    assert [len(layer) for layer in shown] == list(network.sizes(hidden))
    np.testing.assert_array_equal(shown[0], x)
    np.testing.assert_allclose(shown[-1], network.q_values(hidden, theta, x), rtol=1e-5, atol=1e-6)


@every_shape
def test_activations_of_q_net_are_those_of_plain_algebra(hidden):
    theta, x = born("q_net", hidden), rows(1)[0]

    shown = NETWORKS["q_net"].activations(hidden, theta, x)

    for layer, z in zip(shown[1:-1], slow_layers(theta, hidden, x[None])[:-1], strict=True):
        np.testing.assert_allclose(layer, np.maximum(z[0], 0.0), rtol=1e-4, atol=1e-6)
