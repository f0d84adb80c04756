"""Which action an agent takes: greedy, with a chance of a random one (RULES section 5)."""

from ml.compiled import finite, kernel

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
