"""An agent's memory: what was private, what it did and got; what was public is gathered again from
the one feature table.

A slot holds (private inputs, action, reward); the next state is the next slot. `action` carries two
marks: TAIL ends a window (the slot is only a next state), and ENDED is added where the account
ended, so that nothing is expected after it.
"""

import numpy as np

from ml.kernels.compiled import inner, kernel
from ml.kernels.products import copy_part
from ml.learning.contexts import Batch, Learner, Memory
from ml.networks.base import INPUTS, PREMIUM_FROM, PRIVATE, PUBLIC, Seen, View
from ml.rng import below

TAIL = -1
ENDED = 4


@kernel
def draw(random, head, remembered, action, picks):
    """Fill picks [batch] with slots drawn evenly from those that have a next one; False where there
    is none yet.

    `head` is the slot after the newest; the newest itself has no next slot.
    """
    capacity = action.shape[0]
    usable = min(remembered, capacity) - 1
    if usable < 1:
        return False
    for n in range(picks.shape[0]):
        slot = head
        for _ in range(64):
            # a ring by comparison: a division takes longer than all the rest of a draw
            slot = head - 2 - below(random, usable)
            slot = slot + capacity if slot < 0 else slot
            if action[slot] != TAIL:
                break
        if action[slot] == TAIL:
            return False
        picks[n] = slot
    return True


@kernel
def look_ahead(memory: Memory, learner: Learner, batch: Batch) -> None:
    """What followed each pick of a batch: its action, the discounted sum of up to n_step rewards,
    whether the account ended then, the discount of what comes after, and the slot of the state
    reached. A window's end and the newest slot cut the look ahead short.
    """
    actions, head = memory.action, memory.head
    capacity, newest = actions.shape[0], head - 1 if head > 0 else actions.shape[0] - 1
    for n in range(batch.picks.shape[0]):
        slot = batch.picks[n]
        code = actions[slot]
        batch.action[n] = code - ENDED if code >= ENDED else code
        total, factor, steps = 0.0, 1.0, 0
        while True:
            total += factor * memory.reward[slot]
            factor *= learner.gamma
            steps += 1
            over = actions[slot] >= ENDED
            slot = slot + 1 if slot + 1 < capacity else 0
            if over or steps == learner.n_step or slot == newest or actions[slot] == TAIL:
                break
        batch.ended[n] = over
        batch.reward[n] = total
        batch.discount[n] = factor
        batch.nexts[n] = slot


@kernel
def gather(slots, private, bar, features, premium, out, bars):
    """out [batch, INPUTS]: the observations at `slots`, and bars [batch]: when they were made.

    Without `premium` the higher timeframes are masked to 0.
    """
    for n in range(slots.shape[0]):
        t = bar[slots[n]]
        bars[n] = t
        copy_part(features, t, out, n, 0, PUBLIC)
        copy_part(private, slots[n], out, n, PUBLIC, PRIVATE)
    if not premium:
        for n in range(slots.shape[0]):
            for j in range(PREMIUM_FROM, PUBLIC):
                out[n, j] = np.float32(0.0)


@inner
def look(memory: Memory, slots: np.ndarray, view: View, x: np.ndarray, bars: np.ndarray) -> Seen:
    """What was seen at `slots`, written to x [n, INPUTS] and bars [n]."""
    gather(slots, memory.private, memory.row, view.features, view.premium, x, bars)
    return Seen(x, bars, view)


assert INPUTS == PUBLIC + PRIVATE
