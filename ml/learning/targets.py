"""What an action should have been worth, and how wrong the network was."""

import numpy as np

from ml.compiled import finite, kernel


@kernel
def bellman(q_online_next, q_target_next, reward, ended, discount, double, target):
    """target [n] = reward + discount * Q_target(s', a*), a* by the online network where `double`, else by the target network.

    van Hasselt, Guez and Silver, 2016. q_* [n, actions]; reward, discount float32 [n]; ended bool [n].
    """
    judge = q_online_next if double else q_target_next
    for n in range(target.shape[0]):
        # both follow the best without a branch: which action is best can't be foreseen
        top, worth = judge[n, 0], q_target_next[n, 0]
        for a in range(1, judge.shape[1]):
            better = judge[n, a] > top
            top = judge[n, a] if better else top
            worth = q_target_next[n, a] if better else worth
        target[n] = reward[n] + (np.float32(0.0) if ended[n] else discount[n] * worth)


@kernel
def huber(q, action, target, dq):
    """Mean Huber loss (delta 1) of q[n, action[n]] against target; dq [n] is its derivative."""
    total = 0.0
    share = np.float32(1.0 / target.shape[0])
    for n in range(target.shape[0]):
        error = q[n, action[n]] - target[n]
        size = abs(error)
        if size <= 1.0:
            total += 0.5 * error * error
            dq[n] = error * share
        else:
            total += size - 0.5
            dq[n] = share if error > 0.0 else -share
            if not finite(error):
                dq[n] = error
    return total * share


@kernel
def squares(q, action, target, dq):
    """Mean of half the squared error of q[n, action[n]] against target; dq [n] is its derivative."""
    total = 0.0
    share = np.float32(1.0 / target.shape[0])
    for n in range(target.shape[0]):
        error = q[n, action[n]] - target[n]
        total += 0.5 * error * error
        dq[n] = error * share
    return total * share
