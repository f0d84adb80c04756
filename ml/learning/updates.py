"""One step of Q-learning of one agent: draw a batch, compare with the Bellman target, follow the gradient."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.compiled import finite
from ml.learning.optimizer import adam
from ml.learning.priorities import beta_now, draw_by_priority, surprise, weigh
from ml.learning.replay import draw, gather, look_ahead
from ml.learning.sequences import rows_of
from ml.learning.target_cache import keep, room, unanswered
from ml.learning.targets import bellman, huber, squares, take
from ml.networks.base import ACTIONS, INPUTS, Network
from ml.params import aligned

# stand for the network's own kernels until `bind` puts them in place
values: Any = None
gradient: Any = None


@dataclass(frozen=True)
class Bench:
    """The arrays one process learns on, allocated once: everything about a batch. float32 unless said.

    rows = 2 batch, the states and the next states; of a network that learns from sequences all their bars (`sequences.rows_of`).
    """

    x: np.ndarray  # [rows, INPUTS]
    q: np.ndarray  # [rows, ACTIONS]
    q_target: np.ndarray  # [batch, ACTIONS]
    work: np.ndarray
    picks: np.ndarray  # int64 [rows]: slots
    bars: np.ndarray  # int64 [rows]
    action: np.ndarray  # int64 [rows]
    reward: np.ndarray  # [rows]
    ended: np.ndarray  # bool [rows]
    discount: np.ndarray  # [batch]: of what comes after the rewards already counted
    target: np.ndarray
    dq: np.ndarray
    grad: np.ndarray
    # kept of the target network's answers, see `ml.learning.target_cache`
    said: np.ndarray
    said_in: np.ndarray
    era: np.ndarray
    asked: np.ndarray

    def arrays(self) -> tuple[np.ndarray, ...]:
        """The fields in order, as kernels take them."""
        return tuple(getattr(self, name) for name in self.__dataclass_fields__)


def bench(network: Network, hidden: tuple[int, ...], batch: int, capacity: int) -> Bench:
    """Room for batches of `batch` transitions from a memory of `capacity` slots."""
    f = np.float32
    sizes = network.sizes(hidden)
    rows = rows_of(batch) if network.learner == "sequence" else 2 * batch
    said, said_in, era, asked = room(capacity, batch)
    return Bench(
        x=aligned((rows, INPUTS), f),
        q=aligned((rows, ACTIONS), f),
        q_target=aligned((batch, ACTIONS), f),
        work=aligned(network.workspace(sizes, rows), f),
        picks=aligned(rows, np.int64),
        bars=aligned(rows, np.int64),
        action=aligned(rows, np.int64),
        reward=aligned(rows, f),
        ended=aligned(rows, np.bool_),
        discount=aligned(batch, f),
        target=aligned(batch, f),
        dq=aligned(batch, f),
        grad=aligned(network.layout(hidden).size, f),
        said=said,
        said_in=said_in,
        era=era,
        asked=asked,
    )


def learn(random, learner, online, target, moment1, moment2, memory, head, remembered, step, premium, features, sizes, table):
    """One update in place.

    learner = (learning_rate, gamma, double, clip, decay, n_step, squared, (alpha, beta, updates)), the last three of prioritised replay;
    memory = (private, action, reward, bar, (tree, bounds)); table = Bench.arrays().
    `step` counts from 1. Returns the loss of the transitions drawn, unweighted, and 1; 0.0 and 0 where there is nothing to learn from
    yet; a loss of NaN where something was not finite and the update was refused.
    """
    rate, gamma, double, clip, decay, n_step, squared, (alpha, beta, beta_updates) = learner
    private, actions, rewards, bar, (tree, bounds) = memory
    by_priority = tree.shape[0] > 0
    x, q, q_target, work, picks, bars, action, reward, ended, discount, aim, dq, grad, said, said_in, era, asked = table
    batch = aim.shape[0]
    picks, nexts, action, reward, ended = picks[:batch], picks[batch:], action[:batch], reward[:batch], ended[:batch]
    if not (draw_by_priority(random, tree, head, picks) if by_priority else draw(random, head, remembered, actions, picks)):
        return 0.0, 0
    look_ahead(picks, head, actions, rewards, gamma, n_step, action, reward, ended, discount, nexts)
    now, after = x[:batch], x[batch:]
    count = unanswered(nexts, said_in, era, asked)
    if count > 0:
        new, new_bars = x[batch : batch + count], bars[batch : batch + count]
        gather(asked[:count], private, bar, features, premium, new, new_bars)
        values(target, sizes, new, (new_bars, features, premium), work, q_target[:count])
        keep(asked[:count], q_target[:count], said)
    take(said, nexts, q_target)
    if double:
        gather(nexts, private, bar, features, premium, after, bars[batch:])
        values(online, sizes, after, (bars[batch:], features, premium), work, q[batch:])
    gather(picks, private, bar, features, premium, now, bars[:batch])
    seen = (bars[:batch], features, premium)
    values(online, sizes, now, seen, work, q[:batch])
    bellman(q[batch:], q_target, reward, ended, discount, double, aim)
    loss = squares(q[:batch], action, aim, dq) if squared else huber(q[:batch], action, aim, dq)
    if by_priority:
        weigh(tree, bounds, picks, beta_now(beta, beta_updates, step), dq)
    gradient(online, sizes, now, seen, work, action, dq, grad)
    if not finite(loss) or not adam(online, grad, moment1, moment2, step, rate, clip, decay):
        return np.nan, 0
    if by_priority:
        surprise(tree, bounds, picks, q, action, aim, alpha)
    return loss, 1
