"""What every kind of network promises, whatever it is inside."""

from typing import get_args

import numpy as np
import pytest

from arena.settings_schema import NETWORKS as KINDS
from ml.networks.base import ACTIONS, INPUTS, LOOKBACK, PREMIUM_FROM, PRIVATE, PUBLIC, Seen, View
from ml.networks.registry import NETWORKS
from tests.ml.networks.slow import slow_layers

HIDDENS = [(4,), (8, 5), (16, 7, 9)]

every_network = pytest.mark.parametrize("kind", list(NETWORKS))
every_shape = pytest.mark.parametrize("hidden", HIDDENS)


def rows(n, seed=1):
    return np.random.default_rng(seed).normal(size=(n, INPUTS)).astype(np.float32)


def born(kind, hidden, seed=1):
    return NETWORKS[kind].born(hidden, np.random.default_rng(seed))


@pytest.mark.tables
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


class Batch:
    """A batch of observations from a made-up market, with room for what a network's batch kernels
    give.
    """

    def __init__(self, kind, hidden, n, type_=np.float32, seed=1):
        rng = np.random.default_rng(seed)
        self.network, self.n = NETWORKS[kind], n
        self.sizes = self.network.sizes(hidden)
        self.features = rng.normal(size=(80, PUBLIC)).astype(type_)
        self.bars = rng.integers(40, 80, n)
        self.x = np.concatenate(
            [self.features[self.bars], rng.normal(size=(n, PRIVATE)).astype(type_)], axis=1
        )
        self.seen = Seen(self.x, self.bars, View(self.features, True))
        self.work = np.full(self.network.workspace(self.sizes, n), np.nan, type_)
        self.outputs = ACTIONS if self.network.learner == "replay" else len(self.network.outputs)
        self.weight = rng.normal(size=(n, self.outputs)).astype(type_)
        self.action = rng.integers(0, ACTIONS, n)

    def values(self, theta):
        out = np.empty((self.n, self.outputs), self.x.dtype)
        self.network.values(theta, self.sizes, self.seen, self.work, out)
        return out

    def objective(self, theta):
        """What `gradient` is the derivative of."""
        out = self.values(theta)
        if self.network.learner == "replay":
            return float(np.sum(self.weight[:, 0] * out[np.arange(self.n), self.action]))
        return float(np.sum(self.weight * out))

    def gradient(self, theta):
        grad = np.full_like(theta, np.nan)
        self.values(theta)
        if self.network.learner == "replay":
            weight = np.ascontiguousarray(self.weight[:, 0])
            self.network.gradient(
                theta, self.sizes, self.seen, self.work, self.action, weight, grad
            )
        else:
            self.network.gradient(theta, self.sizes, self.seen, self.work, self.weight, grad)
        return grad


# networks that learn from sequences take whole ones: test_lstm.py
BATCHED = [kind for kind, network in NETWORKS.items() if network.learner != "sequence"]
batched_network = pytest.mark.parametrize("kind", BATCHED)


@batched_network
@every_shape
def test_acting_on_a_row_gives_the_values_of_the_same_row_in_a_batch(kind, hidden):
    batch, theta = Batch(kind, hidden, 20), born(kind, hidden)
    places = (
        [batch.network.outputs.index(name) for name in ("SELL", "HOLD", "BUY")]
        if batch.outputs != ACTIONS
        else range(ACTIONS)
    )

    row_by_row = [
        batch.network.q_values(hidden, theta, row, batch.features[bar + 1 - LOOKBACK : bar + 1])
        for row, bar in zip(batch.x, batch.bars, strict=True)
    ]

    np.testing.assert_allclose(row_by_row, batch.values(theta)[:, places], rtol=1e-4, atol=1e-5)


@batched_network
@every_shape
def test_every_parameter_counts_for_something(kind, hidden):
    grad = Batch(kind, hidden, 200).gradient(born(kind, hidden))

    assert np.isfinite(grad).all()
    assert (grad != 0).mean() > 0.9


@batched_network
@every_shape
@pytest.mark.parametrize("n", [1, 7])
def test_every_gradient_equals_central_finite_differences_in_double_precision(kind, hidden, n):
    batch = Batch(kind, hidden, n, np.float64)
    theta = (
        born(kind, hidden, seed=n).astype(np.float64)
        + np.random.default_rng(5).normal(size=len(born(kind, hidden))) * 0.05
    )
    rng = np.random.default_rng(6)

    grad = batch.gradient(theta)

    # along random directions; a step across a ReLU's kink would show, so the better of two sizes
    # counts
    for _ in range(12):
        direction = rng.normal(size=len(theta))
        slopes = [
            (batch.objective(theta + h * direction) - batch.objective(theta - h * direction))
            / (2 * h)
            for h in (1e-5, 1e-6, 1e-7)
        ]
        error = min(abs(slope - grad @ direction) for slope in slopes)
        assert error <= 1e-6 * max(abs(grad @ direction), np.linalg.norm(grad))


@every_network
@every_shape
def test_what_is_shown_runs_from_the_input_to_the_outputs(kind, hidden):
    network, theta, x = NETWORKS[kind], born(kind, hidden), rows(1)[0]

    shown = network.shown(hidden, theta, x)

    units = [len(layer) for layer in shown.activations]
    assert [matrix.shape for matrix in shown.matrices] == list(
        zip(units[:-1], units[1:], strict=True)
    )
    assert [len(biases) for biases in shown.biases] == units[1:]
    assert units[-1] == len(network.outputs)
    last = shown.activations[-2] @ shown.matrices[-1] + shown.biases[-1]
    np.testing.assert_allclose(last, shown.activations[-1], rtol=1e-4, atol=1e-5)


@every_network
@every_shape
def test_the_action_shown_with_the_highest_value_is_the_one_chosen(kind, hidden):
    network, theta, x = NETWORKS[kind], born(kind, hidden), rows(1)[0]

    outputs = network.shown(hidden, theta, x).activations[-1]

    chosen = np.argmax([outputs[network.outputs.index(name)] for name in ("SELL", "HOLD", "BUY")])
    assert chosen == np.argmax(network.q_values(hidden, theta, x))


@every_shape
def test_activations_of_q_net_are_those_of_plain_algebra(hidden):
    theta, x = born("q_net", hidden), rows(1)[0]

    shown = NETWORKS["q_net"].shown(hidden, theta, x).activations

    for layer, z in zip(shown[1:-1], slow_layers(theta, hidden, x[None])[:-1], strict=True):
        np.testing.assert_allclose(layer, np.maximum(z[0], 0.0), rtol=1e-4, atol=1e-6)
