"""Adam against its textbook."""

import numpy as np
import pytest

from ml.learning.optimizer import adam

CLIP = 10.0


class TextbookAdam:
    """Kingma and Ba (2015), algorithm 1, after a clip of the global norm; weights decay as in
    Loshchilov and Hutter (2019); float64.
    """

    def __init__(self, theta):
        self.theta, self.m, self.v, self.t = (
            theta.astype(float),
            np.zeros(len(theta)),
            np.zeros(len(theta)),
            0,
        )

    def step(self, grad, rate, clip, decay):
        grad = grad.astype(float)
        norm = np.sqrt(np.sum(grad**2))
        if norm > clip:
            grad = grad * clip / norm
        self.t += 1
        self.m = 0.9 * self.m + 0.1 * grad
        self.v = 0.999 * self.v + 0.001 * grad**2
        m_hat, v_hat = self.m / (1 - 0.9**self.t), self.v / (1 - 0.999**self.t)
        self.theta = self.theta - rate * (m_hat / (np.sqrt(v_hat) + 1e-8) + decay * self.theta)


def run(scale, steps=60, rate=1e-2, size=37, decay=0.0):
    rng = np.random.default_rng(5)
    theta = rng.normal(size=size).astype(np.float32)
    m, v, slow = np.zeros_like(theta), np.zeros_like(theta), TextbookAdam(theta)
    for t in range(1, steps + 1):
        grad = (rng.normal(size=size) * scale).astype(np.float32)
        assert adam(theta, grad, m, v, t, rate, CLIP, decay)
        slow.step(grad, rate, CLIP, decay)
    return theta, m, v, slow


@pytest.mark.parametrize("decay", [0.0, 0.3, 10.0])
@pytest.mark.parametrize("scale", [1e-4, 0.1, 5.0, 1e6])
def test_sixty_steps_equal_the_textbook_clipped_or_not(scale, decay):
    theta, m, v, slow = run(scale, decay=decay)

    np.testing.assert_allclose(theta, slow.theta, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(m, slow.m, rtol=1e-4, atol=1e-6 * np.abs(slow.m).max())
    np.testing.assert_allclose(v, slow.v, rtol=1e-4, atol=1e-6 * slow.v.max())


def test_the_first_step_has_the_size_of_the_rate_thanks_to_both_corrections():
    theta, grad = np.zeros(3, np.float32), np.array([0.5, -0.001, 0.0], np.float32)

    adam(theta, grad, np.zeros_like(theta), np.zeros_like(theta), 1, 0.01, CLIP, 0.0)

    np.testing.assert_allclose(theta, [-0.01, 0.01, 0.0], rtol=1e-4)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 17, 36])
def test_a_gradient_that_is_not_finite_is_refused_and_nothing_changes(bad, place):
    theta, m, v, _ = run(1.0, steps=3)
    grad = np.ones(len(theta), np.float32)
    grad[place] = bad
    before = [part.copy() for part in (theta, m, v)]

    assert not adam(theta, grad, m, v, 4, 1e-2, CLIP, 0.3)

    for part, was in zip((theta, m, v), before, strict=True):
        np.testing.assert_array_equal(part, was)


def test_a_gradient_whose_norm_overflows_is_refused():
    theta = np.ones(4, np.float32)

    assert not adam(
        theta,
        np.full(4, 1e30, np.float32),
        np.zeros_like(theta),
        np.zeros_like(theta),
        1,
        1e-3,
        CLIP,
        0.3,
    )

    np.testing.assert_array_equal(theta, np.ones(4, np.float32))


def test_moments_of_a_silent_unit_become_zero_instead_of_denormal():
    theta, m, v = (
        np.ones(1, np.float32),
        np.full(1, 1e-20, np.float32),
        np.full(1, 1e-20, np.float32),
    )

    for t in range(1, 50_000, 1000):
        for _ in range(1000):
            adam(theta, np.zeros(1, np.float32), m, v, t, 1e-3, CLIP, 0.0)

    assert m[0] == v[0] == 0.0
    np.testing.assert_allclose(theta, 1.0, atol=1e-6)


def test_a_weight_that_nothing_speaks_for_decays_to_zero_instead_of_denormal():
    theta, grad, seen = np.array([1.0, -1.0], np.float32), np.zeros(2, np.float32), set()
    m, v = np.zeros_like(theta), np.zeros_like(theta)

    for t in range(1, 201):
        adam(theta, grad, m, v, t, 0.1, CLIP, 5.0)
        seen |= {float(weight) for weight in theta}

    assert (theta == 0.0).all()
    assert min(abs(weight) for weight in seen if weight) > np.finfo(np.float32).tiny
