"""What attention looks up, against the formula written out: from the first bar on, with and without
the higher timeframes.
"""

import numpy as np
import pytest

from ml.kernels.compiled import kernel
from ml.networks.attention import ATTENTION, HEADS, LAGS, QUERY, WIDE, exp_below_zero, weights_of
from ml.networks.base import INPUTS, LOOKBACK, PREMIUM_FROM, PUBLIC


@kernel
def exps(x, out):
    for i in range(x.shape[0]):
        out[i] = exp_below_zero(x[i])


def looked_up(theta, x, t, features, premium):
    """(weights [HEADS, LOOKBACK], newest first, pooled [WIDE]) in float64."""
    theta, past = (
        theta.astype(np.float64),
        features[max(t - LOOKBACK + 1, 0) : t + 1][::-1].astype(np.float64),
    )
    query = (x @ theta[:QUERY].reshape(INPUTS, WIDE) + theta[QUERY:LAGS]).reshape(HEADS, PUBLIC)
    past = past if premium else np.where(np.arange(PUBLIC) < PREMIUM_FROM, past, 0.0)
    bias = theta[LAGS : LAGS + HEADS * LOOKBACK].reshape(HEADS, LOOKBACK)[:, : len(past)]
    score = np.exp(query @ past.T / np.sqrt(PUBLIC) + bias)
    weights = score / score.sum(axis=1, keepdims=True)
    return np.pad(weights, ((0, 0), (0, LOOKBACK - len(past)))), (weights @ past).ravel()


@pytest.mark.parametrize("premium", [True, False])
@pytest.mark.parametrize("t", [0, 1, 30, 31, 99])
def test_weights_and_what_is_pooled_follow_the_formula(t, premium):
    rng = np.random.default_rng(t)
    theta = rng.normal(size=ATTENTION.layout((64,)).size).astype(np.float32)
    features, x = (
        rng.normal(size=(100, PUBLIC)).astype(np.float32),
        rng.normal(size=INPUTS).astype(np.float32),
    )

    weights, joined = weights_of(theta, x, t, features, premium)

    wanted, pooled = looked_up(theta, x, t, features, premium)
    np.testing.assert_allclose(weights, wanted, atol=2e-6)
    np.testing.assert_allclose(joined[INPUTS:], pooled, atol=1e-5)


def test_the_exponential_is_right_to_a_float32_and_fades_to_nothing():
    x = np.concatenate([-np.linspace(0, 43, 5001), [-44.0, -1e30]]).astype(np.float32)
    out = np.empty_like(x)

    exps(x, out)

    np.testing.assert_allclose(out[:-2], np.exp(x[:-2].astype(np.float64)), rtol=4e-6)
    assert (out[-2:] == 0.0).all()
    exps(np.full(3, np.nan, np.float32), out[:3])
    assert np.isnan(out[:3]).all()


def test_the_last_bar_of_a_market_is_looked_at_without_reading_beyond_it():
    features = np.zeros((40 + 1, PUBLIC), np.float32)
    features[-1] = np.nan
    theta, x = np.ones(ATTENTION.layout((64,)).size, np.float32), np.ones(INPUTS, np.float32)

    weights, joined = weights_of(theta, x, 39, features[:40], True)

    assert np.isfinite(weights).all() and np.isfinite(joined).all()
