"""What an action should have been valued at, and how wrong the network was."""

import numpy as np

from ml.kernels.compiled import finite, inner, kernel
from ml.kernels.products import copy_part
from ml.learning.contexts import Batch, Learner
from ml.networks.base import ACTIONS


@inner
def take(q, rows, out):
    """out [n, ACTIONS] = q[rows], rows [n]."""
    for n in range(out.shape[0]):
        copy_part(q, rows[n], out, n, 0, ACTIONS)


@kernel
def bellman(q_online_next, q_target_next, reward, ended, discount, double, target):
    """target [n] = reward + discount * Q_target(s', a*), a* by the online network where `double`,
    else by the target network.

    van Hasselt, Guez and Silver, 2016. q_* [n, ACTIONS]; reward, discount float32 [n]; ended bool
    [n].
    """
    # which action is best can't be foreseen: it is followed without a branch, in a loop that is
    # unrolled
    for n in range(target.shape[0]):
        value = q_target_next[n, 0]
        if double:
            top = q_online_next[n, 0]
            for a in range(1, ACTIONS):
                better = q_online_next[n, a] > top
                top = q_online_next[n, a] if better else top
                value = q_target_next[n, a] if better else value
        else:
            for a in range(1, ACTIONS):
                value = q_target_next[n, a] if q_target_next[n, a] > value else value
        target[n] = reward[n] + (np.float32(0.0) if ended[n] else discount[n] * value)


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
    """Mean of half the squared error of q[n, action[n]] against target; dq [n] is its
    derivative.
    """
    total = 0.0
    share = np.float32(1.0 / target.shape[0])
    for n in range(target.shape[0]):
        error = q[n, action[n]] - target[n]
        total += 0.5 * error * error
        dq[n] = error * share
    return total * share


@inner
def q_loss(batch: Batch, learner: Learner) -> float:
    """Mean loss of a batch against its Bellman targets, whose derivative by q[action] is left in
    batch.dq.
    """
    aim, reward, ended, discount = batch.aim, batch.reward, batch.ended, batch.discount
    bellman(batch.q_next, batch.q_target, reward, ended, discount, learner.double, aim)
    if learner.squared:
        return squares(batch.q, batch.action, aim, batch.dq)
    return huber(batch.q, batch.action, aim, batch.dq)
