"""`attention`: what matters of the last 32 bars, looked up with the present observation, beside that observation in a ReLU body.

Two heads. A query q = x Wq + bq lies in the space of the public features themselves, so keys are the features as they are and values
their weighted mean: score of lag j = q . p[t - j] / sqrt(20) + bias[j], weights = softmax over the lags, pooled = sum of weights x p.
Causal: only bars up to the present are looked at. The body then reads (x, pooled of both heads).
"""

from math import factorial

import numpy as np

from ml.compiled import copy, inner, kernel
from ml.networks import mlp
from ml.networks.base import ACTIONS, INPUTS, LOOKBACK, PREMIUM_FROM, PUBLIC, Network, Shown, body_show
from ml.networks.layers import ZERO
from ml.params import Layout, layout_of
from ml.products import product

body_act, body_values, taken_gradient = mlp.act, mlp.values, mlp.taken_gradient
HEADS = 2
WIDE = HEADS * PUBLIC
JOINED = INPUTS + WIDE
QUERY = INPUTS * WIDE
LAGS = QUERY + WIDE
BODY = LAGS + HEADS * LOOKBACK
SCALE = np.float32(1.0 / np.sqrt(PUBLIC))


def sizes(hidden: tuple[int, ...]) -> np.ndarray:
    """int64: units of the body, whose input is the observation and what both heads pooled."""
    return np.array([JOINED, *hidden, ACTIONS], np.int64)


def layout(hidden: tuple[int, ...]) -> Layout:
    """The query, a bias a lag and head, then the body."""
    query = [("query", 1, (INPUTS, WIDE), (INPUTS, WIDE)), ("query_bias", 1, (WIDE,), (INPUTS, WIDE))]
    lags = ("lag_bias", 1, (HEADS * LOOKBACK,), (INPUTS, HEADS * LOOKBACK))
    return layout_of(*query, lags, *mlp.parts((JOINED, *hidden, ACTIONS), before=1))


def workspace(sizes: np.ndarray, batch: int) -> int:
    """The body's, and a row's joined input and its gradient, query and its gradient, weights and a spare row of them."""
    return mlp.workspace(sizes, batch) + batch * (2 * JOINED + 2 * WIDE + HEADS * LOOKBACK) + LOOKBACK


# 2**n for n = 0, -1, … : the whole part of an exponential
HALVES = (2.0 ** -np.arange(64)).astype(np.float32)
LOG2_E = np.float32(np.log2(np.e))
# 2**f on [-1, 0], by its Taylor series around -1/2 to the seventh power: relative error below 1e-8
SERIES = tuple(np.float32(2**-0.5 * np.log(2.0) ** k / factorial(k)) for k in range(8))


@kernel
def exp_below_zero(x):
    """exp(x) for x <= 0, relative error about 1e-7, by a table and a polynomial: many times as fast as the library's. 0 below 2**-63."""
    y = -x * LOG2_E
    if not y < np.float32(63.0):
        return x * ZERO
    whole = int(y)
    f = np.float32(0.5) - (y - np.float32(whole))
    p = SERIES[7]
    p = p * f + SERIES[6]
    p = p * f + SERIES[5]
    p = p * f + SERIES[4]
    p = p * f + SERIES[3]
    p = p * f + SERIES[2]
    p = p * f + SERIES[1]
    p = p * f + SERIES[0]
    return p * HALVES[whole]


@kernel
def look_back(theta, query, t, features, premium, weights, pooled):
    """Weights [HEADS * LOOKBACK] over the lags and what each head pools [WIDE], for one query [WIDE].

    Without `premium` the query's part for higher timeframes is set to 0, and nothing of them is pooled.
    """
    lags = min(LOOKBACK, t + 1)
    for head in range(HEADS):
        q = query[head * PUBLIC : (head + 1) * PUBLIC]
        w = weights[head * LOOKBACK : (head + 1) * LOOKBACK]
        bias = theta[LAGS + head * LOOKBACK : LAGS + (head + 1) * LOOKBACK]
        if not premium:
            q[PREMIUM_FROM:] = ZERO
        top = w[0] - w[0]
        for j in range(lags):
            seen, score = features[t - j], ZERO
            for c in range(PUBLIC):
                score += q[c] * seen[c]
            w[j] = score * SCALE + bias[j]
            top = w[j] if j == 0 else max(top, w[j])
        w[lags:] = ZERO
        for j in range(lags):
            w[j] = exp_below_zero(w[j] - top)
        total = ZERO
        for j in range(lags):
            total += w[j]
        share = np.float32(1.0) / total
        out = pooled[head * PUBLIC : (head + 1) * PUBLIC]
        out[:] = ZERO
        for j in range(lags):
            w[j] *= share
            seen, weight = features[t - j], w[j]
            for c in range(PUBLIC):
                out[c] += weight * seen[c]
        if not premium:
            out[PREMIUM_FROM:] = ZERO


@kernel
def ask(theta, x, query):
    """query [WIDE] = x Wq + bq for one row."""
    copy(theta[QUERY:LAGS], query)
    for i in range(INPUTS):
        for c in range(WIDE):
            query[c] += x[i] * theta[i * WIDE + c]


@inner
def act(theta, sizes, x, t, features, premium, carried, work, q):
    """Action values of one observation."""
    end = work.shape[0]
    joined = work[end - JOINED :]
    query = work[end - JOINED - WIDE : end - JOINED]
    weights = work[end - JOINED - WIDE - HEADS * LOOKBACK : end - JOINED - WIDE]
    copy(x, joined[:INPUTS])
    ask(theta, x, query)
    look_back(theta, query, t, features, premium, weights, joined[INPUTS:])
    body_act(theta[BODY:], sizes, joined, work, q)


@inner
def rooms(work, batch):
    """Joined inputs, their gradient, queries, their gradient, weights: [batch, …] each, and a spare row of weights."""
    each = 2 * JOINED + 2 * WIDE + HEADS * LOOKBACK
    at = work.shape[0] - batch * each - LOOKBACK
    joined = work[at : at + batch * JOINED].reshape(batch, JOINED)
    at += batch * JOINED
    djoined = work[at : at + batch * JOINED].reshape(batch, JOINED)
    at += batch * JOINED
    query = work[at : at + batch * WIDE].reshape(batch, WIDE)
    at += batch * WIDE
    dquery = work[at : at + batch * WIDE].reshape(batch, WIDE)
    at += batch * WIDE
    weights = work[at : at + batch * HEADS * LOOKBACK].reshape(batch, HEADS * LOOKBACK)
    return joined, djoined, query, dquery, weights, work[work.shape[0] - LOOKBACK :]


@inner
def values(theta, sizes, x, seen, work, q):
    """Action values of a batch; queries, weights and joined inputs stay in `work` beside the body's activations."""
    bars, features, premium = seen
    joined, _, query, _, weights, _ = rooms(work, x.shape[0])
    product(x, theta[:QUERY].reshape(INPUTS, WIDE), query)
    for n in range(x.shape[0]):
        for c in range(WIDE):
            query[n, c] += theta[QUERY + c]
        copy(x[n], joined[n, :INPUTS])
        look_back(theta, query[n], bars[n], features, premium, weights[n], joined[n, INPUTS:])
    body_values(theta[BODY:], sizes, joined, work, q)


@kernel
def look_back_backward(t, features, premium, weights, dpooled, spare, dquery, dlag):
    """dquery [WIDE] of one row, and its part of dlag [HEADS * LOOKBACK], through the softmax; dpooled loses what is masked."""
    lags = min(LOOKBACK, t + 1)
    dquery[:] = ZERO
    for head in range(HEADS):
        w = weights[head * LOOKBACK : (head + 1) * LOOKBACK]
        dp = dpooled[head * PUBLIC : (head + 1) * PUBLIC]
        dq = dquery[head * PUBLIC : (head + 1) * PUBLIC]
        if not premium:
            dp[PREMIUM_FROM:] = ZERO
        mean = ZERO
        for j in range(lags):
            seen, dw = features[t - j], ZERO
            for c in range(PUBLIC):
                dw += dp[c] * seen[c]
            spare[j] = dw
            mean += w[j] * dw
        for j in range(lags):
            dscore = w[j] * (spare[j] - mean)
            dlag[head * LOOKBACK + j] += dscore
            seen, scaled = features[t - j], dscore * SCALE
            for c in range(PUBLIC):
                dq[c] += scaled * seen[c]
        if not premium:
            dq[PREMIUM_FROM:] = ZERO


@inner
def gradient(theta, sizes, x, seen, work, action, dq, grad):
    """grad = d sum(dq * q[action]) / d theta."""
    bars, features, premium = seen
    batch = x.shape[0]
    joined, djoined, query, dquery, weights, spare = rooms(work, batch)
    taken_gradient(theta[BODY:], sizes, joined, work, action, dq, grad[BODY:], djoined)
    grad[QUERY:BODY] = ZERO
    for n in range(batch):
        look_back_backward(bars[n], features, premium, weights[n], djoined[n, INPUTS:], spare, dquery[n], grad[LAGS:BODY])
        for c in range(WIDE):
            grad[QUERY + c] += dquery[n, c]
    product(x.T, dquery, grad[:QUERY].reshape(INPUTS, WIDE))


def weights_of(theta: np.ndarray, x: np.ndarray, t: int, features: np.ndarray, premium: bool) -> tuple[np.ndarray, np.ndarray]:
    """For the screen: weights float32 [HEADS, LOOKBACK], newest bar first, and the joined input [JOINED]."""
    query, weights = np.empty(WIDE, np.float32), np.zeros(HEADS * LOOKBACK, np.float32)
    joined = np.concatenate([x, np.zeros(WIDE, np.float32)]).astype(np.float32)
    ask(theta, x, query)
    look_back(theta, query, t, features, premium, weights, joined[INPUTS:])
    return weights.reshape(HEADS, LOOKBACK), joined


def show(sizes: np.ndarray, theta: np.ndarray, x: np.ndarray, t: int, features: np.ndarray, premium: bool, carried: np.ndarray) -> Shown:
    """The body, whose input is the observation and what both heads pooled; and how much each of the last bars weighed."""
    weights, joined = weights_of(theta, x, t, features, premium)
    body = body_show(body_values, mlp.workspace, sizes, theta[BODY:], joined)
    return Shown(body.activations, body.matrices, body.biases, weights)


ATTENTION = Network("attention", layout, sizes, workspace, act, show, values=values, gradient=gradient)
