"""Learning on policy: a stretch of what was just done, advantages, and a few clipped steps
(Schulman et al., 2017).

`values` gives out [n, 4]: three preferences, then the value of the state; `gradient` takes the
gradient of all four.
"""

import numpy as np

from ml.kernels.compiled import finite, kernel, template
from ml.kernels.products import matrix
from ml.learning.contexts import Bench, Brain, Learner, Memory
from ml.learning.optimizer import descend
from ml.learning.replay import ENDED, TAIL, look
from ml.networks.base import ACTIONS, PolicyNetwork, Seen, View
from ml.networks.policy import POLICY

# stands for any network that learns so: `ml.learning.algorithms.learner_of` binds each in its turn
network: PolicyNetwork = POLICY

LAMBDA = 0.95
EPOCHS = 4
CLIP = 0.2
ENTROPY = np.float32(0.01)
WORTH = np.float32(0.5)
OUTPUTS = ACTIONS + 1


@kernel
def length(update_every, bench):
    """A stretch fills the bench: as many bars as it has rows."""
    return bench.x.shape[0]


@kernel
def stretch(head, remembered, actions, picks):
    """Fill picks with the slots, oldest first, of the newest unbroken stretch that has a next state
    each; how many.
    """
    capacity = actions.shape[0]
    most = min(picks.shape[0] - 1, min(remembered, capacity) - 1)
    n = 0
    while n < most and actions[(head - 2 - n) % capacity] != TAIL:
        n += 1
    for k in range(n + 1):
        picks[k] = (head - 1 - n + k) % capacity
    return n


@kernel
def softmax(out, p, log_p):
    """p [3] = softmax of the preferences out [4], and its logarithm."""
    top = max(out[0], out[1], out[2])
    total = np.float32(0.0)
    for a in range(ACTIONS):
        p[a] = np.exp(out[a] - top)
        total += p[a]
    log_total = np.log(total)
    for a in range(ACTIONS):
        p[a] /= total
        log_p[a] = out[a] - top - log_total


@kernel
def advantages(out, reward, ended, gamma, advantage, aim):
    """Generalised advantage estimates of rows 0 .. n - 1, standardised, and the value of
    each state (Schulman et al., 2016).

    out [n + 1, 4] with the value of the state last; reward, ended, advantage, aim [n].
    """
    n = advantage.shape[0]
    running, total, squares = 0.0, 0.0, 0.0
    for k in range(n - 1, -1, -1):
        goes_on = 0.0 if ended[k] else 1.0
        surprise = reward[k] + gamma * goes_on * out[k + 1, ACTIONS] - out[k, ACTIONS]
        running = surprise + gamma * LAMBDA * goes_on * running
        aim[k] = running + out[k, ACTIONS]
        advantage[k] = running
        total += running
        squares += running * running
    mean = total / n
    deviation = np.sqrt(max(squares / n - mean * mean, 0.0)) + 1e-6
    for k in range(n):
        advantage[k] = (advantage[k] - mean) / deviation


@kernel
def clipped(out, action, advantage, before, aim, p, log_p, dout):
    """The clipped loss, with entropy bonus and error of the value; dout [n, 4] is its derivative.
    before [n]: chance of the action then.
    """
    n = advantage.shape[0]
    share = np.float32(1.0 / n)
    loss = 0.0
    for k in range(n):
        softmax(out[k], p, log_p)
        chosen = p[action[k]]
        ratio = chosen / max(before[k], np.float32(1e-8))
        good = advantage[k]
        held = (good > 0.0 and ratio > 1.0 + CLIP) or (good < 0.0 and ratio < 1.0 - CLIP)
        entropy = np.float32(0.0)
        for a in range(ACTIONS):
            entropy -= p[a] * log_p[a]
        for a in range(ACTIONS):
            push = (
                np.float32(0.0)
                if held
                else -good * ratio * ((1.0 if a == action[k] else 0.0) - p[a])
            )
            calm = ENTROPY * p[a] * (log_p[a] + entropy)
            dout[k, a] = (push + calm) * share
        error = out[k, ACTIONS] - aim[k]
        dout[k, ACTIONS] = WORTH * error * share
        best = good * ratio if not held else good * (1.0 + CLIP if good > 0.0 else 1.0 - CLIP)
        loss += -best - ENTROPY * entropy + 0.5 * WORTH * error * error
    return loss / n


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
    """EPOCHS updates in place from the newest stretch; arguments as of `ml.learning.updates.learn`,
    those only of Q-learning unused.

    Returns the mean loss and the number of updates; 0.0 and 0 where the stretch is too short; NaN
    where something was not finite.
    """
    x, work, picks, bars = bench.x, bench.work, bench.picks, bench.bars
    action, reward, ended = bench.action, bench.reward, bench.ended
    rows = x.shape[0]
    n = stretch(memory.head, memory.remembered, memory.action, picks[:rows])
    if n < 2:
        return 0.0, 0
    seen = look(memory, picks[: n + 1], view, x[: n + 1], bars[: n + 1])
    for k in range(n):
        code = memory.action[picks[k]]
        ended[k] = code >= ENDED
        action[k] = code - ENDED if code >= ENDED else code
        reward[k] = memory.reward[picks[k]]
    room = work[work.shape[0] - rows * (2 * OUTPUTS + 3) - 2 * ACTIONS :]
    out = matrix(room, 0, rows, OUTPUTS)
    dout = matrix(room, rows * OUTPUTS, rows, OUTPUTS)
    rest = room[2 * rows * OUTPUTS :]
    advantage, aim, before = rest[:n], rest[rows : rows + n], rest[2 * rows : 2 * rows + n]
    p, log_p = rest[3 * rows : 3 * rows + ACTIONS], rest[3 * rows + ACTIONS :]
    network.values(brain.online, sizes, seen, work, out[: n + 1])
    advantages(out[: n + 1], reward, ended, learner.gamma, advantage, aim)
    for k in range(n):
        softmax(out[k], p, log_p)
        before[k] = p[action[k]]
    learned, total = Seen(x[:n], bars[:n], view), 0.0
    for epoch in range(EPOCHS):
        network.values(brain.online, sizes, learned, work, out[:n])
        loss = clipped(out[:n], action, advantage, before, aim, p, log_p, dout[:n])
        network.gradient(brain.online, sizes, learned, work, dout[:n], bench.grad)
        if not finite(loss) or not descend(brain, bench.grad, step + epoch, learner):
            return np.nan, 0
        total += loss
    return total / EPOCHS, EPOCHS
