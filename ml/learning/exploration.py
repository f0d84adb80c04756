"""Which action an agent takes: greedy, with a chance of a random one.

The rules: docs/RULES.md#exploration and #bound.
"""

import numpy as np

from ml.kernels.compiled import kernel
from ml.rng import below, uniform

LOWEST, HIGHEST = 0.01, 0.9
# drawdowns from which on epsilon is greater, and by how much
DEEP, DEEPER = 0.10, 0.20
MORE, MUCH_MORE = 0.05, 0.15
NO_ACTION = -1
# a bound that every finite value keeps
FINITE = float(np.finfo(np.float64).max)
# room for rounding
ROOM = 1.0 + 1e-9


@kernel
def bound_of(reward, gamma):
    """The largest action value there can be, of either sign: rewards of size `reward` for ever,
    discounted. FINITE at most.
    """
    return min(reward / (1.0 - gamma) * ROOM, FINITE)


@kernel
def greedy(q, bound):
    """Index of the largest value of q; the first of equals; NO_ACTION where any is beyond +-bound
    or not finite, so NaN never wins.
    """
    best = 0
    for a in range(q.shape[0]):
        # in float64, as the bound is: uncompiled, NumPy would round a Python number to float32, and
        # FINITE would be infinite
        if not abs(np.float64(q[a])) <= bound:
            return NO_ACTION
        if q[a] > q[best]:
            best = a
    return best


@kernel
def epsilon_now(start, end, bars, decay_bars, exponential, win_factor, drawdown):
    """Chance of a random action: from start to end over decay_bars, in a line or by equal factors;
    times win_factor; more in deep loss.
    """
    share = min(bars / decay_bars, 1.0)
    low = max(end, 1e-3)
    falling = (
        start * (low / start) ** share
        if exponential and start > low
        else start + (end - start) * share
    )
    epsilon = falling * win_factor
    if drawdown > DEEPER:
        epsilon += MUCH_MORE
    elif drawdown > DEEP:
        epsilon += MORE
    return min(max(epsilon, LOWEST), HIGHEST)


@kernel
def drawn(q, bound, sharpness, random):
    """An action drawn with chances softmax(q x sharpness); NO_ACTION where q is beyond its
    bound.
    """
    best = greedy(q, bound)
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
def by_value(q, bound, epsilon, temperature, random):
    """Epsilon-greedy: the greedy action, or with chance epsilon any of them. With a temperature
    (Boltzmann) instead an action drawn with chances softmax(q / (temperature x epsilon)), so that
    it cools as epsilon falls. NO_ACTION where q is beyond its bound.
    """
    if temperature > 0.0:
        return drawn(q, bound, 1.0 / (temperature * epsilon), random)
    choice = greedy(q, bound)
    if choice != NO_ACTION and uniform(random) < epsilon:
        choice = below(random, q.shape[0])
    return choice


@kernel
def by_preference(q, bound, epsilon, temperature, random):
    """A policy's own chances, softmax(q): what it learns from must be what it does."""
    return drawn(q, bound, 1.0, random)
