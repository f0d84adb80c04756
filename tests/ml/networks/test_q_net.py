"""`q_net`: values against plain algebra, gradients against finite differences."""

import numpy as np
import pytest

from ml.networks.base import ACTIONS, INPUTS, Seen, View
from ml.networks.q_net import Q_NET
from tests.ml.networks.slow import slow_gradient, slow_layers, slow_q

HIDDENS = [(5,), (7, 4), (9, 5, 3), (4, 9, 6)]
BATCHES = [1, 7, 64]
STEP = 1e-6
# q_net looks at nothing but its rows
UNSEEN = (np.zeros(0, np.int64), View(np.zeros((1, 20), np.float32), True))


def away_from_kinks(hidden, batch):
    """theta, x in float64 such that no unit of any row is nearly on the edge of its ReLU."""
    for seed in range(1000):
        rng = np.random.default_rng(seed)
        theta, x = (
            rng.normal(size=Q_NET.layout(hidden).size) * 0.5,
            rng.normal(size=(batch, INPUTS)),
        )
        if min(np.abs(z).min() for z in slow_layers(theta, hidden, x)[:-1]) > 100 * STEP:
            return theta, x, rng
    raise AssertionError("no such point")


def run(theta, hidden, x, action, dq):
    """q and gradient by the kernels, in the type of theta."""
    sizes = Q_NET.sizes(hidden)
    work = np.full(Q_NET.workspace(sizes, len(x)), np.nan, theta.dtype)
    q, grad = np.empty((len(x), ACTIONS), theta.dtype), np.full_like(theta, np.nan)
    Q_NET.values(theta, sizes, Seen(x, *UNSEEN), work, q)
    Q_NET.gradient(theta, sizes, Seen(x, *UNSEEN), work, action, dq, grad)
    return q, grad


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("hidden", HIDDENS)
def test_every_gradient_equals_central_finite_differences(hidden, batch):
    theta, x, rng = away_from_kinks(hidden, batch)
    action, dq = rng.integers(0, ACTIONS, batch), rng.normal(size=batch)
    sizes = Q_NET.sizes(hidden)
    work, q = np.empty(Q_NET.workspace(sizes, batch)), np.empty((batch, ACTIONS))

    def objective(at):
        Q_NET.values(at, sizes, Seen(x, *UNSEEN), work, q)
        return float(np.sum(dq * q[np.arange(batch), action]))

    numeric = np.empty_like(theta)
    for i in range(len(theta)):
        up, down = theta.copy(), theta.copy()
        up[i] += STEP
        down[i] -= STEP
        numeric[i] = (objective(up) - objective(down)) / (2 * STEP)

    _, grad = run(theta, hidden, x, action, dq)

    assert np.linalg.norm(grad - numeric) <= 1e-6 * np.linalg.norm(numeric)
    assert np.abs(grad - numeric).max() <= 1e-6 * np.abs(numeric).max()
    # the slow version that other tests lean on passes the same test
    assert np.linalg.norm(
        slow_gradient(theta, hidden, x, action, dq) - numeric
    ) <= 1e-6 * np.linalg.norm(numeric)


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("hidden", [*HIDDENS, (64, 64), (33, 129)])
def test_single_precision_agrees_with_plain_algebra_in_double(hidden, batch):
    rng = np.random.default_rng(3)
    theta, x = Q_NET.born(hidden, rng), rng.normal(size=(batch, INPUTS)).astype(np.float32)
    action, dq = rng.integers(0, ACTIONS, batch), rng.normal(size=batch).astype(np.float32)

    q, grad = run(theta, hidden, x, action, dq)

    np.testing.assert_allclose(q, slow_q(theta, hidden, x), rtol=1e-4, atol=1e-5)
    slow = slow_gradient(theta, hidden, x, action, dq)
    assert np.linalg.norm(grad - slow) <= 1e-4 * np.linalg.norm(slow)


def test_one_transition_reaches_only_the_row_of_its_own_action():
    theta, x, _ = away_from_kinks((5,), 1)

    _, grad = run(theta, (5,), x, np.array([1]), np.array([2.0]))

    layout = Q_NET.layout((5,))
    np.testing.assert_array_equal(layout.view(grad, "b2"), [0.0, 2.0, 0.0])
    assert not layout.view(grad, "w2")[[0, 2]].any()


@pytest.mark.parametrize("place", ["b1", "w2", "b2", "w3", "b3"])
def test_a_weight_that_is_not_a_number_shows_in_the_action_values(place):
    hidden = (5, 4)
    theta, x, _ = away_from_kinks(hidden, 1)
    theta = theta.astype(np.float32)
    Q_NET.layout(hidden).view(theta, place)[:] = np.nan

    assert np.isnan(Q_NET.q_values(hidden, theta, x[0])).any()
