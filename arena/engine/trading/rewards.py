"""What an agent is rewarded for: the learning signal, not money.

The rules: docs/RULES.md#reward and #bound.
"""

from math import exp, log

import numpy as np

from arena.prices.market.leaps import WILD
from ml.kernels.compiled import kernel

REWARDS = ("log_return", "differential_sharpe", "asymmetric")
LOG_RETURN, DIFFERENTIAL_SHARPE, ASYMMETRIC = range(3)
# of the logarithm, so that rewards are near 1
SCALE = 100.0
# weight of the newest return in the moving means
RATE = 0.01
GAIN, LOSS, DRAWDOWN, SCAR = 10.0, 20.0, 5.0, 1.0
# of the differential Sharpe ratio, which a return that follows a long calm would throw anywhere
FARTHEST = 10.0
# of an account that is wiped out, what counts as left
LEAST = 1e-3


@kernel
def log_return(before, after):
    """SCALE x log growth of equity; an account wiped out counts as LEAST of what it was."""
    return SCALE * np.log(max(after, LEAST * before) / before)


@kernel
def differential_sharpe(position, r):
    """By how much return r moves the moving Sharpe ratio, per unit of RATE (Moody and Saffell,
    2001); 0 until returns have varied.
    """
    gain1, gain2 = r - position.mean1, r * r - position.mean2
    variance = position.mean2 - position.mean1 * position.mean1
    reward = 0.0
    if variance > 1e-10:
        reward = (position.mean2 * gain1 - 0.5 * position.mean1 * gain2) / variance**1.5
    position.mean1 += RATE * gain1
    position.mean2 += RATE * gain2
    return min(max(reward, -FARTHEST), FARTHEST)


@kernel
def reward_of(kind, account, position, after):
    """The reward of one bar on which a symbol brought the account's equity to `after`, net of
    costs. Follows the position.
    """
    before = account.before
    if kind == LOG_RETURN:
        return log_return(before, after)
    if kind == DIFFERENTIAL_SHARPE:
        return differential_sharpe(position, after / before - 1.0)
    change = after / before - 1.0
    deeper = max(1.0 - after / account.peak - position.worst, 0.0)
    position.worst += deeper
    return (GAIN if change > 0.0 else LOSS) * change - DRAWDOWN * deeper


@kernel
def scar_penalty(kind):
    """What a scar takes off the reward of its bar; only where the reward says so."""
    return SCAR if kind == ASYMMETRIC else 0.0


def largest_reward(kind: int, max_leverage: float) -> float:
    """What the reward of one bar cannot exceed, either way, where no price moves farther than a
    series may before a person accepts it.

    An account that its margin has outlived is exposed 2 x max_leverage + 1 at most. A bar brings it
    no more than a move to the farthest price, twice where it turns round at the open, and costs no
    more than what is traded. It is known before the first bar, so that it tells of none to come.
    """
    change = (1.0 + (2.0 * max_leverage + 1.0) * exp(WILD)) ** 2 - 1.0
    if kind == LOG_RETURN:
        return SCALE * max(log(1.0 + change), -log(LEAST))
    if kind == DIFFERENTIAL_SHARPE:
        return FARTHEST
    return LOSS * change + DRAWDOWN * (1.0 + change) + SCAR
