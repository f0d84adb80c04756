"""`lstm` against the obvious version: forward, acting bar by bar, what is shown, and the gradient
through time.
"""

import numpy as np
import pytest

from ml.evolution.crossover import uniform_by_neuron
from ml.learning.targets import huber
from ml.networks.base import ACTIONS, INPUTS, PRIVATE, PUBLIC, Sequences
from ml.networks.lstm import LSTM
from ml.networks.squash import sigmoid, tanh
from tests.ml.networks.slow_lstm import slow_gradient, slow_states, slow_values

HIDDENS = [(4,), (8, 5), (16, 7, 9)]
every_shape = pytest.mark.parametrize("hidden", HIDDENS)

# the same tanh for both where differences are small: it is off by 3e-7
same_tanh = np.vectorize(lambda x: tanh(np.float64(x)), otypes=[np.float64])


def born(hidden, seed=1):
    """Random, biases too."""
    theta = LSTM.born(hidden, np.random.default_rng(seed))
    return theta + np.random.default_rng(seed + 1).normal(size=len(theta)).astype(
        np.float32
    ) * np.float32(0.1)


class Batch:
    """`n` sequences of `bars` bars side by side, first as the kernels take them, then one by
    one.
    """

    def __init__(self, hidden, n, bars, first, type_=np.float32, seed=3):
        rng = np.random.default_rng(seed)
        self.hidden, self.n, self.bars, self.first = hidden, n, bars, first
        self.x = rng.normal(size=(bars * n, INPUTS)).astype(type_)
        self.sequences = self.x.reshape(bars, n, INPUTS).transpose(1, 0, 2)
        self.sizes = LSTM.sizes(hidden)
        self.work = np.full(LSTM.workspace(self.sizes, bars * n), np.nan, type_)
        self.action = rng.integers(0, ACTIONS, (bars - first - 1) * n)
        self.aim = rng.normal(size=(bars - first - 1) * n).astype(type_)

    def values(self, theta):
        """[bars - first, n, ACTIONS]."""
        q = np.full(((self.bars - self.first) * self.n, ACTIONS), np.nan, self.x.dtype)
        LSTM.values(theta, self.sizes, Sequences(self.x, self.n, self.first), self.work, q)
        return q.reshape(-1, self.n, ACTIONS)

    def gradient(self, theta):
        """Of the loss of all bars that are learned from; dq [those bars, n, ACTIONS] beside it."""
        q, dq = self.values(theta).reshape(-1, ACTIONS), np.empty_like(self.aim)
        huber(q[: len(self.aim)], self.action, self.aim, dq)
        grad = np.full_like(theta, np.nan)
        LSTM.gradient(
            theta,
            self.sizes,
            Sequences(self.x, self.n, self.first),
            self.work,
            self.action,
            dq,
            grad,
        )
        spread = np.zeros((len(dq), ACTIONS), dq.dtype)
        spread[np.arange(len(dq)), self.action] = dq
        return grad, spread.reshape(-1, self.n, ACTIONS)

    def loss(self, theta):
        """The same loss by the slow version."""
        q = np.stack(
            [
                slow_values(theta, self.hidden, x[:-1], same_tanh)[self.first :]
                for x in self.sequences
            ],
            axis=1,
        )
        error = np.abs(q.reshape(-1, ACTIONS)[np.arange(len(self.aim)), self.action] - self.aim)
        return float(np.mean(np.where(error <= 1, 0.5 * error**2, error - 0.5)))


@every_shape
@pytest.mark.parametrize(("n", "bars", "first"), [(1, 2, 0), (3, 9, 4), (8, 17, 8), (5, 6, 0)])
def test_values_of_sequences_are_those_of_the_formulas(hidden, n, bars, first):
    batch, theta = Batch(hidden, n, bars, first), born(hidden)

    found = batch.values(theta)

    expected = np.stack([slow_values(theta, hidden, x)[first:] for x in batch.sequences], axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@every_shape
def test_acting_bar_by_bar_gives_what_the_whole_sequence_gives(hidden):
    batch, theta = Batch(hidden, 1, 40, 0), born(hidden)
    carried = LSTM.fresh_memory(hidden)

    acted = [LSTM.q_values(hidden, theta, row, carried=carried) for row in batch.x]

    np.testing.assert_allclose(acted, batch.values(theta)[:, 0], rtol=1e-4, atol=1e-5)
    h, c = slow_states(theta, hidden, batch.x)[-1]
    np.testing.assert_allclose(carried, np.concatenate([h, c]), rtol=1e-4, atol=1e-5)


@every_shape
@pytest.mark.parametrize(("n", "bars", "first"), [(1, 2, 0), (3, 9, 4), (8, 17, 8), (5, 6, 0)])
def test_the_gradient_equals_central_differences_of_the_loss_through_time_in_double_precision(
    hidden, n, bars, first
):
    batch, theta, rng = (
        Batch(hidden, n, bars, first, np.float64),
        born(hidden).astype(np.float64),
        np.random.default_rng(6),
    )

    grad, _ = batch.gradient(theta)

    # along random directions; a step across a kink would show, so the better of two sizes counts
    for _ in range(3):
        direction = rng.normal(size=len(theta))
        slopes = [
            (batch.loss(theta + h * direction) - batch.loss(theta - h * direction)) / (2 * h)
            for h in (1e-5, 1e-6)
        ]
        error = min(abs(slope - grad @ direction) for slope in slopes)
        assert error <= 1e-6 * max(abs(grad @ direction), np.linalg.norm(grad))


@every_shape
@pytest.mark.parametrize(("n", "bars", "first"), [(1, 17, 8), (8, 17, 8), (3, 5, 0)])
def test_the_gradient_equals_the_chain_rule_written_out_for_every_parameter(hidden, n, bars, first):
    batch, theta = Batch(hidden, n, bars, first), born(hidden)

    grad, dout = batch.gradient(theta)

    expected = np.zeros(len(theta))
    for s, x in enumerate(batch.sequences):
        expected += slow_gradient(
            theta, hidden, x[:-1], np.concatenate([np.zeros((first, ACTIONS)), dout[:, s]])
        )
    np.testing.assert_allclose(grad, expected, rtol=1e-3, atol=2e-5 * np.abs(expected).max())


def test_a_reward_many_bars_later_moves_what_is_done_with_the_first_bar():
    batch, theta = Batch((8, 5), 1, 9, 0), born((8, 5))
    x = batch.x.copy()
    usual = batch.values(theta)[-1]

    batch.x[0] += 1.0
    other = batch.values(theta)[-1]

    assert np.abs(other - usual).max() > 1e-4
    assert (batch.x[1:] == x[1:]).all()


@every_shape
def test_it_is_born_inclined_not_to_forget(hidden):
    layout, theta = LSTM.layout(hidden), LSTM.born(hidden, np.random.default_rng(1))

    for part in layout.parts:
        if part.bias:
            assert (theta[part.slice] == (1.0 if part.name == "b_forget" else 0.0)).all(), part.name


@every_shape
def test_a_child_of_two_takes_a_unit_with_all_its_gates(hidden):
    layout = LSTM.layout(hidden)
    child = uniform_by_neuron(
        np.zeros(layout.size, np.float32),
        np.ones(layout.size, np.float32),
        layout,
        np.random.default_rng(2),
    )

    mask = layout.view(child, "b_input")

    assert 0 < mask.sum() < len(mask)
    for name in ("b_forget", "b_cell", "b_output"):
        np.testing.assert_array_equal(layout.view(child, name), mask)
    for name in ("wx", "wh"):
        matrix = layout.view(child, name)
        np.testing.assert_array_equal(matrix, np.broadcast_to(np.tile(mask, 4), matrix.shape))


@every_shape
def test_a_picture_without_memory_given_remembers_the_bars_before_as_seen_at_rest(hidden):
    rng, theta = np.random.default_rng(4), born(hidden)
    past, private = (
        rng.normal(size=(12, PUBLIC)).astype(np.float32),
        rng.normal(size=PRIVATE).astype(np.float32),
    )
    seen = np.array([np.concatenate([row, private]) for row in past])

    shown = LSTM.shown(hidden, theta, seen[-1], past)

    h, _ = slow_states(theta, hidden, seen)[-1]
    np.testing.assert_allclose(shown.activations[1], h, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        shown.activations[-1], slow_values(theta, hidden, seen)[-1], rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(
        LSTM.q_values(hidden, theta, seen[-1], past), shown.activations[-1], rtol=1e-4, atol=1e-5
    )


def test_a_picture_leaves_what_is_carried_as_it_is():
    theta, carried = born((8, 5)), np.full(16, 0.5, np.float32)

    LSTM.shown((8, 5), theta, np.ones(INPUTS, np.float32), carried=carried)

    assert (carried == 0.5).all()


def test_the_quick_tanh_and_sigmoid_are_the_true_ones_to_six_digits_and_let_nan_through():
    x = np.linspace(-30, 30, 20_001).astype(np.float32)

    bent, flat = (np.array([f(number) for number in x]) for f in (tanh, sigmoid))

    np.testing.assert_allclose(bent, np.tanh(x.astype(np.float64)), atol=4e-7)
    np.testing.assert_allclose(flat, 1 / (1 + np.exp(-x.astype(np.float64))), atol=4e-7)
    assert np.isnan(tanh(np.float32(np.nan))) and np.isnan(sigmoid(np.float32(np.nan)))
    assert tanh(np.float32(np.inf)) <= 1.0 and tanh(np.float32(-np.inf)) >= -1.0
