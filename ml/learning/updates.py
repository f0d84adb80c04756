"""One step of Q-learning of one agent: draw a batch, compare with the Bellman target, follow the
gradient.
"""

import numpy as np

from ml.kernels.compiled import finite, template
from ml.learning.bench import transitions
from ml.learning.contexts import Batch, Bench, Brain, Learner, Memory
from ml.learning.optimizer import descend
from ml.learning.priorities import beta_now, draw_by_priority, surprise, weigh
from ml.learning.replay import draw, look, look_ahead
from ml.learning.target_cache import keep, unanswered
from ml.learning.targets import q_loss, take
from ml.networks.base import QNetwork, View
from ml.networks.q_net import Q_NET

# stands for any network that learns so: `ml.learning.algorithms.learner_of` binds each in its turn
network: QNetwork = Q_NET


@template
def ask_target(
    target: np.ndarray, sizes: np.ndarray, memory: Memory, view: View, bench: Bench, batch: Batch
) -> None:
    """batch.q_target = what the target network says of the next states; it is asked about those
    alone of which it has not spoken yet.
    """
    answers, n = bench.answers, batch.picks.shape[0]
    count = unanswered(batch.nexts, answers)
    if count > 0:
        new = look(
            memory, answers.asked[:count], view, bench.x[n : n + count], bench.bars[n : n + count]
        )
        network.values(target, sizes, new, bench.work, batch.q_target[:count])
        keep(answers.asked[:count], batch.q_target[:count], answers.said)
    take(answers.said, batch.nexts, batch.q_target)


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
    """One update in place (Mnih et al., 2015; van Hasselt, Guez and Silver, 2016).

    random: uint64 [4]; step counts from 1; sizes: int64, the network's units. Returns the loss of
    the transitions drawn, unweighted, and 1; 0.0 and 0 where there is nothing to learn from yet; a
    loss of NaN where something was not finite and the update was refused.
    """
    batch, tree, bounds = transitions(bench), memory.tree, memory.bounds
    by_priority = tree.shape[0] > 0
    if not (
        draw_by_priority(random, tree, memory.head, batch.picks)
        if by_priority
        else draw(random, memory.head, memory.remembered, memory.action, batch.picks)
    ):
        return 0.0, 0
    look_ahead(memory, learner, batch)
    ask_target(brain.target, sizes, memory, view, bench, batch)
    if learner.double:
        after = look(memory, batch.nexts, view, batch.x_next, batch.bars_next)
        network.values(brain.online, sizes, after, bench.work, batch.q_next)
    seen = look(memory, batch.picks, view, batch.x, batch.bars)
    network.values(brain.online, sizes, seen, bench.work, batch.q)
    loss = q_loss(batch, learner)
    if by_priority:
        weigh(
            tree, bounds, batch.picks, beta_now(learner.beta, learner.beta_updates, step), batch.dq
        )
    network.gradient(brain.online, sizes, seen, bench.work, batch.action, batch.dq, bench.grad)
    if not finite(loss) or not descend(brain, bench.grad, step, learner):
        return np.nan, 0
    if by_priority:
        surprise(tree, bounds, batch.picks, batch.q, batch.action, batch.aim, learner.alpha)
    return loss, 1
