"""The Bellman target and the Huber loss against loops that say what they do."""

import numpy as np
import pytest

from ml.learning.targets import bellman, huber, squares

ONE = np.ones(1, np.float32)


def table(n=40, seed=1):
    rng = np.random.default_rng(seed)
    online, target = (rng.normal(size=(n, 3)).astype(np.float32) for _ in range(2))
    return online, target, rng.normal(size=n).astype(np.float32), rng.random(n) < 0.3


def slow_bellman(online, target, reward, ended, gamma, double):
    out = []
    for n in range(len(reward)):
        picked = np.argmax(online[n]) if double else np.argmax(target[n])
        out.append(reward[n] if ended[n] else reward[n] + gamma * target[n][picked])
    return np.array(out)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.99])
@pytest.mark.parametrize("double", [False, True])
def test_the_target_is_the_reward_and_the_discounted_value_of_the_best_next_action(gamma, double):
    online, target, reward, ended = table()
    out = np.empty_like(reward)

    bellman(online, target, reward, ended, np.full(40, gamma, np.float32), double, out)

    np.testing.assert_allclose(
        out, slow_bellman(online, target, reward, ended, gamma, double), rtol=1e-6, atol=1e-6
    )


def test_plain_and_double_targets_are_told_apart_by_who_picks():
    online, target = np.array([[0, 0, 9]], np.float32), np.array([[5, 0, 1]], np.float32)
    reward, ended = np.zeros(1, np.float32), np.zeros(1, np.bool_)
    plain, double = np.empty(1, np.float32), np.empty(1, np.float32)

    bellman(online, target, reward, ended, ONE, False, plain)
    bellman(online, target, reward, ended, ONE, True, double)

    assert (plain[0], double[0]) == (5.0, 1.0)


@pytest.mark.parametrize("double", [False, True])
def test_nothing_is_expected_after_the_end_even_where_the_network_is_broken(double):
    q = np.full((1, 3), np.nan, np.float32)
    out = np.empty(1, np.float32)

    bellman(q, q, np.array([-3], np.float32), np.ones(1, np.bool_), ONE, double, out)

    assert out[0] == -3.0


def slow_huber(error):
    return 0.5 * error**2 if abs(error) <= 1 else abs(error) - 0.5


def test_the_loss_is_the_mean_huber_loss_and_dq_its_derivative():
    rng = np.random.default_rng(2)
    q, action = (3 * rng.normal(size=(50, 3))).astype(np.float32), rng.integers(0, 3, 50)
    target, dq = (3 * rng.normal(size=50)).astype(np.float32), np.empty(50, np.float32)

    loss = huber(q, action, target, dq)

    errors = [float(q[n, action[n]]) - float(target[n]) for n in range(50)]
    assert loss == pytest.approx(np.mean([slow_huber(e) for e in errors]), rel=1e-5)
    slopes = [(slow_huber(e + 1e-6) - slow_huber(e - 1e-6)) / 2e-6 / 50 for e in errors]
    np.testing.assert_allclose(dq, slopes, atol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_loss_that_is_not_finite_is_never_hidden(bad):
    q, dq = np.zeros((2, 3), np.float32), np.empty(2, np.float32)
    q[1, 2] = bad

    loss = huber(q, np.array([2, 2]), np.zeros(2, np.float32), dq)

    assert not np.isfinite(loss)
    assert not np.isfinite(dq[1])


def test_squares_are_halved_errors_squared_and_differ_from_huber_beyond_one():
    q, action = np.array([[0.5, 0, 0], [0, 3, 0]], np.float32), np.array([0, 1])
    dq, blunt = np.empty(2, np.float32), np.empty(2, np.float32)

    loss = squares(q, action, np.zeros(2, np.float32), dq)
    huber(q, action, np.zeros(2, np.float32), blunt)

    assert loss == pytest.approx((0.5 * 0.25 + 0.5 * 9) / 2)
    assert dq == pytest.approx([0.25, 1.5])
    assert blunt == pytest.approx([0.25, 0.5])
