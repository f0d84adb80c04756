"""Q-learning of a network that remembers: from stretches of bars, after a few that only call back what came before (R2D2).

Kapturowski et al., 2019: every sequence starts from nothing remembered and has BURN_IN bars before the STEPS whose values are learned.
Here back-propagation through time goes on through the burn-in: ended where the learning begins, it would show the first of the
learned bars nothing of the past, and only the last of them what came STEPS bars before. Rows lie bar after bar, n sequences side by side.
"""

from typing import Any

import numpy as np

from ml.compiled import finite, kernel
from ml.learning.optimizer import adam
from ml.learning.replay import ENDED, TAIL, gather
from ml.learning.targets import bellman, huber, squares, take
from ml.rng import below

# stand for the network's own kernels until `bind` puts them in place
values: Any = None
gradient: Any = None

BURN_IN = 8
STEPS = 8


def rows_of(batch: int) -> int:
    """Observations of one update: the sequences' bars, and the one after the last."""
    steps = min(STEPS, batch)
    return (BURN_IN + steps + 1) * (batch // steps)


@kernel
def unbroken(first, bars, action):
    """Whether the `bars` slots from `first` on are one stretch; a window may end with the last of them, an account with any."""
    whole, capacity = True, action.shape[0]
    for k in range(first, first + bars - 1):
        whole = whole and action[k - capacity if k >= capacity else k] != TAIL
    return whole


@kernel
def draw_stretches(random, head, remembered, action, bars, picks):
    """Fill picks [n] with first slots, drawn evenly from those of unbroken stretches of so many bars; False where there is none yet."""
    capacity = action.shape[0]
    usable = min(remembered, capacity) - bars + 1
    if usable < 1:
        return False
    for n in range(picks.shape[0]):
        found = False
        for _ in range(64):
            first = (head - bars - below(random, usable)) % capacity
            found = unbroken(first, bars, action)
            if found:
                picks[n] = first
                break
        if not found:
            return False
    return True


@kernel
def follow(slots, n, capacity):
    """Fill slots [bars * n] with those that follow its first n, bar after bar."""
    for row in range(n, slots.shape[0]):
        slots[row] = slots[row - n] + 1 if slots[row - n] + 1 < capacity else 0


@kernel
def outcomes(slots, n, actions, rewards, gamma, n_step, action, reward, ended, discount, reached):
    """What followed each row of `slots` but the last bar's: its action, the discounted sum of up to n_step rewards, as far as the stretch
    goes; whether the account ended then, the discount of what comes after, and the row of the state reached. All [slots - n]."""
    for row in range(slots.shape[0] - n):
        code = actions[slots[row]]
        action[row] = code - ENDED if code >= ENDED else code
        total, factor, at = 0.0, 1.0, row
        for _ in range(n_step):
            code = actions[slots[at]]
            total += factor * rewards[slots[at]]
            factor *= gamma
            at += n
            if code >= ENDED or at >= slots.shape[0] - n:
                break
        ended[row] = code >= ENDED
        reward[row], discount[row], reached[row] = total, factor, at


def learn(random, learner, online, target, moment1, moment2, memory, head, remembered, step, premium, features, sizes, table):
    """One update in place, from batch // STEPS sequences; arguments and what it returns as of `ml.learning.updates.learn`."""
    rate, gamma, double, clip, decay, n_step, squared, _ = learner
    private, actions, rewards, bar, _ = memory
    x, q, q_target, work, picks, bars, action, reward, ended, discount, aim, dq, grad = table[:13]
    steps = min(STEPS, aim.shape[0])
    n = aim.shape[0] // steps
    taken, length = steps * n, BURN_IN + steps + 1
    if not draw_stretches(random, head, remembered, actions, length, picks[:n]):
        return 0.0, 0
    follow(picks, n, bar.shape[0])
    gather(picks, private, bar, features, premium, x, bars)
    q, q_after, reached = q[: taken + n], q[taken + n :], bars[:taken]
    action, reward, ended, aim, dq = action[:taken], reward[:taken], ended[:taken], aim[:taken], dq[:taken]
    outcomes(picks[BURN_IN * n :], n, actions, rewards, gamma, n_step, action, reward, ended, discount, reached)
    for theta, q_reached in ((target, q_target), (online, q_after)):
        values(theta, sizes, x, n, BURN_IN, work, q)
        take(q, reached, q_reached[:taken])
    bellman(q_after, q_target, reward, ended, discount, double, aim)
    loss = squares(q[:taken], action, aim, dq) if squared else huber(q[:taken], action, aim, dq)
    gradient(online, sizes, x, n, BURN_IN, work, action, dq, grad)
    if not finite(loss) or not adam(online, grad, moment1, moment2, step, rate, clip, decay):
        return np.nan, 0
    return loss, 1
