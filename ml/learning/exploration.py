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
def epsilon_now(start, end, bars, decay_bars, win_factor, drawdown):
    """Chance of a random action: linear from start to end over decay_bars, times win_factor, more when deep in loss."""
    share = min(bars / decay_bars, 1.0)
    epsilon = (start + (end - start) * share) * win_factor
    if drawdown > 0.20:
        epsilon += 0.15
    elif drawdown > 0.10:
        epsilon += 0.05
    return min(max(epsilon, LOWEST), HIGHEST)


@kernel
def epsilon_greedy(q, epsilon, random):
    """The greedy action, or with chance epsilon any of them; NO_ACTION where q is not finite and nothing else was drawn."""
    choice = greedy(q)
    if uniform(random) < epsilon:
        choice = below(random, q.shape[0])
    return choice


@kernel
def drawn(q, epsilon, random):
    """An action drawn with chances softmax(q): how a policy explores, whatever epsilon is; NO_ACTION where q is not finite."""
    best = greedy(q)
    if best == NO_ACTION:
        return NO_ACTION
    total = 0.0
    for a in range(q.shape[0]):
        total += np.exp(q[a] - q[best])
    left = uniform(random) * total
    for a in range(q.shape[0]):
        left -= np.exp(q[a] - q[best])
        if left < 0.0:
            return a
    return best
