"""Which action an agent takes: greedy, with a chance of a random one (RULES section 5)."""

import numpy as np

from ml.compiled import finite, kernel
from ml.rng import below, uniform

LOWEST, HIGHEST = 0.01, 0.9
NO_ACTION = -1


@kernel
def greedy(q):
    """Index of the largest finite value of q; the first of equals; NO_ACTION where any value is not finite, so NaN never wins."""
    best = 0
    for a in range(q.shape[0]):
        if not finite(q[a]):
            return NO_ACTION
        if q[a] > q[best]:
            best = a
    return best


@kernel
def epsilon_now(start, end, bars, decay_bars, exponential, win_factor, drawdown):
    """Chance of a random action: from start to end over decay_bars, in a line or by equal factors; times win_factor; more in deep loss."""
    share = min(bars / decay_bars, 1.0)
    low = max(end, 1e-3)
    falling = start * (low / start) ** share if exponential and start > low else start + (end - start) * share
    epsilon = falling * win_factor
    if drawdown > 0.20:
        epsilon += 0.15
    elif drawdown > 0.10:
        epsilon += 0.05
    return min(max(epsilon, LOWEST), HIGHEST)


@kernel
def drawn(q, sharpness, random):
    """An action drawn with chances softmax(q x sharpness); NO_ACTION where q is not finite."""
    best = greedy(q)
    if best == NO_ACTION:
        return NO_ACTION
    total = 0.0
    for a in range(q.shape[0]):
        total += np.exp((q[a] - q[best]) * sharpness)
    left = uniform(random) * total
    for a in range(q.shape[0]):
        left -= np.exp((q[a] - q[best]) * sharpness)
        if left < 0.0:
            return a
    return best


@kernel
def by_value(q, epsilon, temperature, random):
    """Epsilon-greedy: the greedy action, or with chance epsilon any of them. With a temperature (Boltzmann) instead an action drawn
    with chances softmax(q / (temperature x epsilon)), so that it cools as epsilon falls."""
    if temperature > 0.0:
        return drawn(q, 1.0 / (temperature * epsilon), random)
    choice = greedy(q)
    if uniform(random) < epsilon:
        choice = below(random, q.shape[0])
    return choice


@kernel
def by_preference(q, epsilon, temperature, random):
    """A policy's own chances, softmax(q): what it learns from must be what it does."""
    return drawn(q, 1.0, random)
