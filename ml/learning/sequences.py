"""Q-learning of a network that remembers: from stretches of bars, after a few that only call back
what came before (R2D2).

Kapturowski et al., 2019: every sequence starts from nothing remembered and has BURN_IN bars before
the STEPS whose values are learned. Here back-propagation through time goes on through the burn-in:
ended where the learning begins, it would show the first of the learned bars nothing of the past,
and only the last of them what came STEPS bars before. Rows lie bar after bar, n sequences side by
side.
"""

import numpy as np

from ml.kernels.compiled import finite, inner, kernel, template
from ml.learning.contexts import Batch, Bench, Brain, Learner, Memory
from ml.learning.optimizer import descend
from ml.learning.replay import ENDED, TAIL, look
from ml.learning.targets import q_loss, take
from ml.networks.base import QNetwork, Sequences, View
from ml.networks.lstm import LSTM
from ml.rng import below

# stands for any network that learns so: `ml.learning.algorithms.learner_of` binds each in its turn
network: QNetwork = LSTM

BURN_IN = 8
STEPS = 8


def rows_of(batch: int) -> int:
    """Observations of one update: the sequences' bars, and the one after the last."""
    steps = min(STEPS, batch)
    return (BURN_IN + steps + 1) * (batch // steps)


@kernel
def unbroken(first, bars, action):
    """Whether the `bars` slots from `first` on are one stretch; a window may end with the last of
    them, an account with any.
    """
    whole, capacity = True, action.shape[0]
    for k in range(first, first + bars - 1):
        whole = whole and action[k - capacity if k >= capacity else k] != TAIL
    return whole


@kernel
def draw_stretches(random, head, remembered, action, bars, picks):
    """Fill picks [n] with first slots, drawn evenly from those of unbroken stretches of so many
    bars; False where there is none yet.
    """
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
def outcomes(memory: Memory, learner: Learner, batch: Batch, n: int) -> None:
    """What followed each row of n sequences but the last bar's: its action, the discounted sum of
    up to n_step rewards, as far as the stretch goes; whether the account ended then, the discount
    of what comes after, and the row of the state reached. batch.picks: the slots of all their rows.
    """
    slots, actions = batch.picks, memory.action
    for row in range(slots.shape[0] - n):
        code = actions[slots[row]]
        batch.action[row] = code - ENDED if code >= ENDED else code
        total, factor, at = 0.0, 1.0, row
        for _ in range(learner.n_step):
            code = actions[slots[at]]
            total += factor * memory.reward[slots[at]]
            factor *= learner.gamma
            at += n
            if code >= ENDED or at >= slots.shape[0] - n:
                break
        batch.ended[row] = code >= ENDED
        batch.reward[row], batch.discount[row], batch.nexts[row] = total, factor, at


@inner
def learned_bars(bench: Bench, n: int, taken: int) -> Batch:
    """Of n sequences the transitions that are learned, `taken` of them, and the bar after the last.

    Once their observations are gathered nothing is asked of bench.bars: it holds the rows reached.
    """
    return Batch(
        bench.picks[BURN_IN * n :],
        bench.bars[:taken],
        bench.x,
        bench.x,
        bench.bars,
        bench.bars,
        bench.action[:taken],
        bench.reward[:taken],
        bench.ended[:taken],
        bench.discount,
        bench.q[: taken + n],
        bench.q[taken + n :],
        bench.q_target,
        bench.aim[:taken],
        bench.dq[:taken],
    )


@template
def learn(
    random: np.ndarray,
    learner: Learner,
    brain: Brain,
    memory: Memory,
    step: int,
    view: View,
    sizes: np.ndarray,
    bench: Bench,
) -> tuple[float, int]:
    """One update in place, from batch // STEPS sequences; arguments and what it returns as of
    `ml.learning.updates.learn`.
    """
    steps = min(STEPS, bench.aim.shape[0])
    n = bench.aim.shape[0] // steps
    taken, length = steps * n, BURN_IN + steps + 1
    batch = learned_bars(bench, n, taken)
    if not draw_stretches(
        random, memory.head, memory.remembered, memory.action, length, bench.picks[:n]
    ):
        return 0.0, 0
    follow(bench.picks, n, memory.row.shape[0])
    look(memory, bench.picks, view, bench.x, bench.bars)
    outcomes(memory, learner, batch, n)
    seen = Sequences(bench.x, n, BURN_IN)
    for theta, q_reached in ((brain.target, batch.q_target), (brain.online, batch.q_next)):
        network.values(theta, sizes, seen, bench.work, batch.q)
        take(batch.q, batch.nexts, q_reached[:taken])
    loss = q_loss(batch, learner)
    network.gradient(brain.online, sizes, seen, bench.work, batch.action, batch.dq, bench.grad)
    if not finite(loss) or not descend(brain, bench.grad, step, learner):
        return np.nan, 0
    return loss, 1
