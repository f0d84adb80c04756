"""Lines of algebra: against scipy's own minimum, and on worlds of which one knows what they can
find.
"""

import numpy as np
import pytest
from scipy.optimize import minimize

from agents.strategies.base import BUY, HOLD, SELL
from agents.strategies.linear import (
    REGRESSIONS,
    Linear,
    Plane,
    fit,
    logistic,
    plain,
    products,
    ridge,
)
from ml.networks.base import INPUTS, PUBLIC


def sample(n=400, columns=5, seed=1, strength=0.3):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, columns))
    return x, strength * x[:, 0] - 0.1 + rng.standard_normal(n)


@pytest.mark.parametrize("penalty", [0.01, 1.0])
def test_ridge_is_the_minimum_of_its_penalised_squares(penalty):
    x, moves = sample()

    def loss(v):
        return ((moves - x @ v[:-1] - v[-1]) ** 2).sum() + penalty * len(x) * (v[:-1] ** 2).sum()

    found = minimize(loss, np.zeros(x.shape[1] + 1), tol=1e-12).x
    plane = ridge(x, moves, penalty)

    np.testing.assert_allclose([*plane.slopes, plane.middle], found, atol=1e-5)


@pytest.mark.parametrize("penalty", [0.01, 1.0])
def test_logistic_is_the_minimum_of_its_penalised_surprise(penalty):
    x, moves = sample()
    sign = np.where(moves > 0, 1.0, -1.0)

    def loss(v):
        surprise = np.logaddexp(0.0, -sign * (x @ v[:-1] + v[-1])).sum()
        return surprise + penalty * len(x) / 8 * (v[:-1] ** 2).sum()

    found = minimize(loss, np.zeros(x.shape[1] + 1), tol=1e-12).x
    plane = logistic(x, moves, penalty)

    np.testing.assert_allclose([*plane.slopes, plane.middle], found, atol=1e-4)


def world(kind, n=6000, seed=1):
    """Features [1, n, PUBLIC] and moves [1, n]: the first feature tells, or the product of the
    first two does.
    """
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((1, n, PUBLIC)).astype(np.float32)
    signal = x[..., 0] if kind == "one" else x[..., 0] * x[..., 1]
    return x, 0.001 * signal + 0.003 * rng.standard_normal((1, n))


def hits(strategy, kind):
    """Share of new bars on which it takes the side of the signal, of those on which it takes
    one.
    """
    x, _ = world(kind, n=800, seed=2)
    signal = x[0, :, 0] if kind == "one" else x[0, :, 0] * x[0, :, 1]
    seen = np.zeros(INPUTS, np.float32)
    actions = []
    for row in x[0]:
        seen[:PUBLIC] = row
        actions.append(strategy.decide(seen))
    chosen = np.array(actions) - HOLD
    return (chosen == np.sign(signal))[chosen != 0].mean()


@pytest.mark.parametrize("kind", REGRESSIONS)
def test_a_feature_that_tells_is_found(kind):
    assert hits(fit(kind, *world("one"), side_cost=0.0001, long_short=True), "one") > 0.95


def test_a_product_of_two_is_found_with_products_alone():
    options = {"side_cost": 0.0001, "long_short": True}

    blind = fit("ridge", *world("two"), **options)
    seeing = fit("ridge", *world("two"), **options, basis=products)

    assert not np.isfinite(blind.threshold) or hits(blind, "two") < 0.6
    assert hits(seeing, "two") > 0.75


@pytest.mark.parametrize("kind", REGRESSIONS)
def test_higher_costs_raise_the_threshold_and_prohibitive_ones_end_trading(kind):
    free, high, prohibitive = (
        fit(kind, *world("one"), side_cost=cost, long_short=True) for cost in (0.0, 0.001, 0.05)
    )

    assert free.threshold < high.threshold < prohibitive.threshold
    assert prohibitive.decide(np.full(INPUTS, 5.0, np.float32)) == HOLD


def test_it_buys_beyond_the_threshold_sells_beyond_it_below_and_else_keeps():
    strategy = Linear("ridge", Plane(np.eye(PUBLIC)[3], 0.1), 0.5, plain)
    seen = np.zeros(INPUTS, np.float32)

    decided = []
    for value in (0.41, 0.39, -0.59, -0.61):
        seen[3] = value
        decided.append(strategy.decide(seen))

    assert decided == [BUY, HOLD, HOLD, SELL]
