"""What kernels of learning are handed together, by name: NamedTuples, which Numba takes as tuples.

A compiled kernel sees their fields as values of their own, so a name costs nothing.
"""

from typing import NamedTuple

import numpy as np


class Memory(NamedTuple):
    """What an agent remembers, a ring of slots; see `ml.learning.replay`.

    private: float32 [capacity, 4]; action: int8, reward: float32, row: int32 (of the feature
    table), [capacity] each; tree: float64 [2 x capacity], or [0] where nothing is drawn by
    priority, and bounds: float64 [2], see `ml.learning.priorities`; head: the slot after the
    newest; remembered: how many were ever written, capacity at most.
    """

    private: np.ndarray
    action: np.ndarray
    reward: np.ndarray
    row: np.ndarray
    tree: np.ndarray
    bounds: np.ndarray
    head: int
    remembered: int


class Brain(NamedTuple):
    """A network that learns, float32 [parameters] each: itself, its target network, and the moments
    of its gradient.
    """

    online: np.ndarray
    target: np.ndarray
    moment1: np.ndarray
    moment2: np.ndarray


class Learner(NamedTuple):
    """How an agent learns.

    rate: of Adam; gamma: discount a bar; double: whether the online network chooses in the Bellman
    target; clip: greatest norm of a gradient; decay: of weights, a share of `rate`; n_step: rewards
    summed before the target network is asked; squared: loss, else Huber's; alpha, beta,
    beta_updates: of prioritised replay, unused where the memory has no tree.
    """

    rate: float
    gamma: float
    double: bool
    clip: float
    decay: float
    n_step: int
    squared: bool
    alpha: float
    beta: float
    beta_updates: int


class Answers(NamedTuple):
    """What is kept of the target network's answers, see `ml.learning.target_cache`.

    said: float32 [capacity, 3]; said_in: uint8 [capacity], the era each was said in, 0 for none;
    era: uint8 [1]; asked: int64 [batch], slots.
    """

    said: np.ndarray
    said_in: np.ndarray
    era: np.ndarray
    asked: np.ndarray


class Bench(NamedTuple):
    """The arrays one process learns on, allocated once: everything about a batch.

    rows: 2 x batch, the states and the next states; of a network that learns from sequences all
    their bars (`sequences.rows_of`). x: float32 [rows, 24]; q: float32 [rows, 3]; q_target: float32
    [batch, 3]; work: float32, the network's; picks: int64 [rows], slots; bars: int64 [rows], rows
    of the feature table; action: int64, reward: float32, ended: bool, [rows] each; discount:
    float32 [batch], of what comes after the rewards already counted; aim and dq: float32 [batch],
    the target and the slope of the loss; grad: float32 [parameters].
    """

    x: np.ndarray
    q: np.ndarray
    q_target: np.ndarray
    work: np.ndarray
    picks: np.ndarray
    bars: np.ndarray
    action: np.ndarray
    reward: np.ndarray
    ended: np.ndarray
    discount: np.ndarray
    aim: np.ndarray
    dq: np.ndarray
    grad: np.ndarray
    answers: Answers


class Batch(NamedTuple):
    """Transitions (s, a, r, s') drawn from memory: views of a bench, n of each.

    picks, nexts: int64, the slots of s and s' (of sequences, the rows of s'). x, x_next: float32
    [n, 24], and bars, bars_next: int64, their rows of the feature table. action: int64. reward:
    float32, up to n_step rewards, discounted. ended: bool, nothing comes after. discount: float32,
    of s'. q and q_next: float32 [n, 3], what the online network says of s and s'. q_target: float32
    [n, 3], what the target network says of s'. aim, dq: float32, target and slope of the loss.
    """

    picks: np.ndarray
    nexts: np.ndarray
    x: np.ndarray
    x_next: np.ndarray
    bars: np.ndarray
    bars_next: np.ndarray
    action: np.ndarray
    reward: np.ndarray
    ended: np.ndarray
    discount: np.ndarray
    q: np.ndarray
    q_next: np.ndarray
    q_target: np.ndarray
    aim: np.ndarray
    dq: np.ndarray
