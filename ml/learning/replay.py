"""An agent's memory: what was private, what it did and got; what was public is gathered again from the one feature table.

A slot holds (private inputs, action, reward); the next state is the next slot. `action` carries two marks: TAIL ends a window (the slot is
only a next state), and ENDED is added where the account ended, so that nothing is expected after it.
"""

import numpy as np

from ml.compiled import kernel
from ml.networks.base import INPUTS, PREMIUM_FROM, PRIVATE, PUBLIC
from ml.rng import below

TAIL = -1
ENDED = 4


@kernel
def draw(random, head, remembered, action, picks):
    """Fill picks [batch] with slots drawn evenly from those that have a next one; False where there is none yet.

    `head` is the slot after the newest; the newest itself has no next slot.
    """
    capacity = action.shape[0]
    usable = min(remembered, capacity) - 1
    if usable < 1:
        return False
    for n in range(picks.shape[0]):
        slot = head
        for _ in range(64):
            slot = (head - 2 - below(random, usable)) % capacity
            if action[slot] != TAIL:
                break
        if action[slot] == TAIL:
            return False
        picks[n] = slot
    return True


@kernel
def gather(picks, step, private, bar, features, premium, out, bars):
    """out [batch, INPUTS]: the observations at slots picks + step, and bars [batch]: when they were made.

    Without `premium` the higher timeframes are masked to 0.
    """
    capacity = bar.shape[0]
    for n in range(picks.shape[0]):
        slot = picks[n] + step
        if slot == capacity:
            slot = 0
        t = bar[slot]
        bars[n] = t
        for j in range(PUBLIC):
            out[n, j] = features[t, j]
        for j in range(PRIVATE):
            out[n, PUBLIC + j] = private[slot, j]
    if not premium:
        for n in range(picks.shape[0]):
            for j in range(PREMIUM_FROM, PUBLIC):
                out[n, j] = np.float32(0.0)


assert INPUTS == PUBLIC + PRIVATE
