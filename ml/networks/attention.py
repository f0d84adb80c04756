"""`attention`: what matters of the last 32 bars, looked up with the present observation, beside
that observation in a ReLU body.

Two heads. A query q = x Wq + bq lies in the space of the public features themselves, so keys are
the features as they are and values their weighted mean: score of lag j = q . p[t - j] / sqrt(20) +
bias[j], weights = softmax over the lags, pooled = sum of weights x p. Causal: only bars up to the
present are looked at. The body then reads (x, pooled of both heads).
"""

from math import factorial
from typing import NamedTuple

import numpy as np

from ml.kernels.compiled import copy, inner
from ml.kernels.products import matrix, product, product_two, turn
from ml.networks import mlp
from ml.networks.base import (
    ACTIONS,
    INPUTS,
    LOOKBACK,
    PREMIUM_FROM,
    PUBLIC,
    QNetwork,
    Shown,
    View,
    body_show,
)
from ml.networks.layers import ZERO, column_sums
from ml.params import Layout, layout_of

body_act, body_values, taken_gradient = mlp.act, mlp.values, mlp.taken_gradient
HEADS = 2
WIDE = HEADS * PUBLIC
JOINED = INPUTS + WIDE
QUERY = INPUTS * WIDE
LAGS = QUERY + WIDE
BODY = LAGS + HEADS * LOOKBACK
ROOM = 2 * JOINED + 2 * WIDE + (HEADS + PUBLIC) * LOOKBACK
SCALE = np.float32(1.0 / np.sqrt(PUBLIC))
# a score that weighs nothing
LEAST = np.float32(-1e30)


def sizes(hidden: tuple[int, ...]) -> np.ndarray:
    """int64: units of the body, whose input is the observation and what both heads pooled."""
    return np.array([JOINED, *hidden, ACTIONS], np.int64)


def layout(hidden: tuple[int, ...]) -> Layout:
    """The query, a bias a lag and head, then the body."""
    query = [
        ("query", 1, (INPUTS, WIDE), (INPUTS, WIDE)),
        ("query_bias", 1, (WIDE,), (INPUTS, WIDE)),
    ]
    lags = ("lag_bias", 1, (HEADS * LOOKBACK,), (INPUTS, HEADS * LOOKBACK))
    return layout_of(*query, lags, *mlp.parts((JOINED, *hidden, ACTIONS), before=1))


def workspace(sizes: np.ndarray, batch: int) -> int:
    """The body's, and of a row its joined input, its query, the gradients of both, its weights and
    the turned bars they are about; and a spare row of weights.
    """
    return mlp.workspace(sizes, batch) + batch * ROOM + HEADS * LOOKBACK


LOG2_E = np.float32(np.log2(np.e))
# 2**f on [-1, 0], by its Taylor series around -1/2 to the seventh power: relative error below 1e-8
SERIES = tuple(np.float32(2**-0.5 * np.log(2.0) ** k / factorial(k)) for k in range(8))
DEEPEST = np.float32(63.0)
# of a float32: where its exponent begins, and what is added to it
EXPONENT, BIAS = np.int32(2**23), np.int32(127)


@inner
def exp_below_zero(x):
    """exp(x) for x <= 0, relative error about 1e-7; 0 below 2**-63. Without a branch, so that loops
    over it become vectors.
    """
    y = -x * LOG2_E
    capped = y if y < DEEPEST else DEEPEST
    whole = np.int32(capped)
    f = np.float32(0.5) - (capped - np.float32(whole))
    p = SERIES[7]
    p = p * f + SERIES[6]
    p = p * f + SERIES[5]
    p = p * f + SERIES[4]
    p = p * f + SERIES[3]
    p = p * f + SERIES[2]
    p = p * f + SERIES[1]
    p = p * f + SERIES[0]
    power = np.int32((BIAS - whole) * EXPONENT).view(np.float32)
    return p * power if y < DEEPEST else x * ZERO


@inner
def highest(w, spare):
    """The greatest of w [LOOKBACK], four quarters side by side; NaN is passed over."""
    quarter = LOOKBACK // 4
    for j in range(quarter):
        a, b, c, d = w[j], w[j + quarter], w[j + 2 * quarter], w[j + 3 * quarter]
        a = a if a > b else b
        c = c if c > d else d
        spare[j] = a if a > c else c
    top = spare[0]
    for j in range(1, quarter):
        top = spare[j] if spare[j] > top else top
    return top


class LookBack(NamedTuple):
    """What a look back from one observation leaves: weights [HEADS * LOOKBACK] of the last bars,
    oldest first; those bars, turned [PUBLIC, LOOKBACK]; and spare [HEADS * LOOKBACK].
    """

    weights: np.ndarray
    turned: np.ndarray
    spare: np.ndarray


@inner
def look_back(theta, query, t, view, look, pooled):
    """Weigh the bars up to t for one query [WIDE], and pool [WIDE] what each head sees.

    Bars before the first weigh 0. Without `premium` the query's part for higher timeframes is set
    to 0, and nothing of them is pooled.
    """
    lags = min(LOOKBACK, t + 1)
    none = LOOKBACK - lags
    seen, w = view.features[t + 1 - lags : t + 1], matrix(look.weights, 0, HEADS, LOOKBACK)
    if not view.premium:
        for head in range(HEADS):
            query[head * PUBLIC + PREMIUM_FROM : (head + 1) * PUBLIC] = ZERO
    look.turned[:, :none] = ZERO
    turn(seen, look.turned[:, none:])
    product_two(matrix(query, 0, HEADS, PUBLIC), look.turned, w)
    for head in range(HEADS):
        bias = theta[LAGS + head * LOOKBACK : LAGS + (head + 1) * LOOKBACK]
        for j in range(LOOKBACK):
            w[head, j] = w[head, j] * SCALE + bias[LOOKBACK - 1 - j]
        w[head, :none] = LEAST
        top, total = highest(w[head], look.spare), ZERO
        for j in range(LOOKBACK):
            w[head, j] = exp_below_zero(w[head, j] - top)
        for j in range(LOOKBACK):
            total += w[head, j]
        share = np.float32(1.0) / total
        for j in range(LOOKBACK):
            w[head, j] *= share
    product_two(w[:, none:], seen, matrix(pooled, 0, HEADS, PUBLIC))
    if not view.premium:
        for head in range(HEADS):
            pooled[head * PUBLIC + PREMIUM_FROM : (head + 1) * PUBLIC] = ZERO


@inner
def ask(theta, x, query):
    """query [WIDE] = x Wq + bq for one row."""
    copy(theta[QUERY:LAGS], query)
    for i in range(INPUTS):
        for c in range(WIDE):
            query[c] += x[i] * theta[i * WIDE + c]


@inner
def act(theta, sizes, seen, carried, work, q):
    """Action values of one observation."""
    room = rooms(work, 1)
    joined, query = room.joined[0], room.query[0]
    copy(seen.x, joined[:INPUTS])
    ask(theta, seen.x, query)
    look = LookBack(room.weights[0], room.turned[0], room.spare)
    look_back(theta, query, seen.bars, seen.past, look, joined[INPUTS:])
    body_act(theta[BODY:], sizes, joined, work, q)


class Rooms(NamedTuple):
    """Where a batch is worked on: joined inputs, queries, and their gradients, weights, turned
    bars, [batch, ...] each, and a spare row of weights.
    """

    joined: np.ndarray
    djoined: np.ndarray
    query: np.ndarray
    dquery: np.ndarray
    weights: np.ndarray
    turned: np.ndarray
    spare: np.ndarray


@inner
def rooms(work, batch):
    """Its parts of `work`, behind what the body needs."""
    at = work.shape[0] - batch * ROOM - HEADS * LOOKBACK
    joined = matrix(work, at, batch, JOINED)
    at += batch * JOINED
    djoined = matrix(work, at, batch, JOINED)
    at += batch * JOINED
    query = matrix(work, at, batch, WIDE)
    at += batch * WIDE
    dquery = matrix(work, at, batch, WIDE)
    at += batch * WIDE
    weights = matrix(work, at, batch, HEADS * LOOKBACK)
    at += batch * HEADS * LOOKBACK
    turned = work[at : at + batch * PUBLIC * LOOKBACK].reshape(batch, PUBLIC, LOOKBACK)
    return Rooms(
        joined, djoined, query, dquery, weights, turned, work[at + batch * PUBLIC * LOOKBACK :]
    )


@inner
def values(theta, sizes, seen, work, q):
    """Action values of a batch; queries, weights and joined inputs stay in `work` beside the body's
    activations.
    """
    x = seen.x
    room = rooms(work, x.shape[0])
    joined, query = room.joined, room.query
    product(x, matrix(theta, 0, INPUTS, WIDE), query)
    for n in range(x.shape[0]):
        for c in range(WIDE):
            query[n, c] += theta[QUERY + c]
        copy(x[n], joined[n, :INPUTS])
        look = LookBack(room.weights[n], room.turned[n], room.spare)
        look_back(theta, query[n], seen.bars[n], seen.past, look, joined[n, INPUTS:])
    body_values(theta[BODY:], sizes, joined, work, q)


@inner
def look_back_backward(t, view, look, dpooled, dquery, dlag):
    """dquery [WIDE] of one row, and its part of dlag [HEADS * LOOKBACK], through the softmax;
    dpooled loses what is masked.
    """
    lags = min(LOOKBACK, t + 1)
    none = LOOKBACK - lags
    seen = view.features[t + 1 - lags : t + 1]
    w, dw = matrix(look.weights, 0, HEADS, LOOKBACK), matrix(look.spare, 0, HEADS, LOOKBACK)
    if not view.premium:
        for head in range(HEADS):
            dpooled[head * PUBLIC + PREMIUM_FROM : (head + 1) * PUBLIC] = ZERO
    product_two(matrix(dpooled, 0, HEADS, PUBLIC), look.turned, dw)
    for head in range(HEADS):
        mean = ZERO
        for j in range(LOOKBACK):
            mean += w[head, j] * dw[head, j]
        for j in range(LOOKBACK):
            dscore = w[head, j] * (dw[head, j] - mean)
            dlag[(head + 1) * LOOKBACK - 1 - j] += dscore
            dw[head, j] = dscore * SCALE
    product_two(dw[:, none:], seen, matrix(dquery, 0, HEADS, PUBLIC))
    if not view.premium:
        for head in range(HEADS):
            dquery[head * PUBLIC + PREMIUM_FROM : (head + 1) * PUBLIC] = ZERO


@inner
def gradient(theta, sizes, seen, work, action, dq, grad):
    """grad = d sum(dq * q[action]) / d theta."""
    batch = seen.x.shape[0]
    room = rooms(work, batch)
    dquery = room.dquery
    taken_gradient(theta[BODY:], sizes, room.joined, work, action, dq, grad[BODY:], room.djoined)
    grad[LAGS:BODY] = ZERO
    for n in range(batch):
        dpooled = room.djoined[n, INPUTS:]
        look = LookBack(room.weights[n], room.turned[n], room.spare)
        look_back_backward(seen.bars[n], seen.past, look, dpooled, dquery[n], grad[LAGS:BODY])
    column_sums(dquery, grad[QUERY:LAGS])
    product(seen.x.T, dquery, matrix(grad, 0, INPUTS, WIDE))


def weights_of(
    theta: np.ndarray, x: np.ndarray, t: int, features: np.ndarray, premium: bool
) -> tuple[np.ndarray, np.ndarray]:
    """For the screen: weights float32 [HEADS, LOOKBACK], newest bar first, and the joined input
    [JOINED].
    """
    f, wide = np.float32, HEADS * LOOKBACK
    query, weights, joined = (
        np.empty(WIDE, f),
        np.zeros(wide, f),
        np.concatenate([x, np.zeros(WIDE, f)]).astype(f),
    )
    look = LookBack(weights, np.empty((PUBLIC, LOOKBACK), f), np.empty(wide, f))
    ask(theta, x, query)
    look_back(theta, query, t, View(features, premium), look, joined[INPUTS:])
    return weights.reshape(HEADS, LOOKBACK)[:, ::-1].copy(), joined


def show(
    sizes: np.ndarray,
    theta: np.ndarray,
    x: np.ndarray,
    t: int,
    features: np.ndarray,
    premium: bool,
    carried: np.ndarray,
) -> Shown:
    """The body, whose input is the observation and what both heads pooled; and how much each of the
    last bars weighed.
    """
    weights, joined = weights_of(theta, x, t, features, premium)
    body = body_show(body_values, mlp.workspace, sizes, theta[BODY:], joined)
    return Shown(body.activations, body.matrices, body.biases, weights)


ATTENTION = QNetwork(
    "attention", layout, sizes, workspace, act, show, values=values, gradient=gradient
)
