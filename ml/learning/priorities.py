"""Prioritised replay: what surprised most is drawn most, and steps are made smaller in return
(Schaul et al., 2016, proportional).

A slot's chance of being drawn is in proportion to its priority (|error| + FLOOR)**alpha; one that
has not been drawn yet has the greatest there is, and one that cannot be drawn has 0. Priorities
stand in the leaves of a sum tree, float64 [2 x capacity]: slot s at capacity + s, node k holds the
sum of nodes 2k and 2k + 1, node 1 the sum of all. Every sum is made again from its two parts, so a
tree depends on its leaves alone, whatever happened before; a leaf is a float32, which is all that
is kept of it. An empty tree means that the option is off.

bounds float64 [2]: the LEAST and the GREATEST priority since the tree was planted, what it was
planted with among them.
"""

import numpy as np

from ml.kernels.compiled import kernel
from ml.learning.replay import TAIL
from ml.rng import uniform

FLOOR = 1e-3
FIRST = 1.0
LEAST, GREATEST = 0, 1


def empty(capacity: int) -> tuple[np.ndarray, np.ndarray]:
    """(tree, bounds) of a memory of so many slots, nothing in it; with no slots the option is
    off.
    """
    return np.zeros(2 * capacity), np.full(2, FIRST)


def fitted(
    kept: np.ndarray, capacity: int, action: np.ndarray, remembered: np.ndarray, head: int
) -> np.ndarray:
    """float32 [n, lanes, capacity]: the priorities kept of n agents; [n, lanes, 0] where the option
    was off, none for a capacity of 0.

    Where it is only now switched on, all that can be drawn begins alike. action int8 [n, lanes,
    capacity], remembered int64 [n].
    """
    if kept.shape[2] == capacity:
        return kept
    age = (head - 1 - np.arange(capacity)) % max(capacity, 1)
    drawable = (age < remembered[:, None, None]) & (action[:, :, :capacity] != TAIL)
    return np.where(drawable, np.float32(FIRST), np.float32(0.0))


def leaves(tree: np.ndarray) -> np.ndarray:
    """float64 [capacity]: every slot's priority; of several trees [lanes, 2 x capacity], each
    lane's.
    """
    return tree[..., tree.shape[-1] // 2 :]


@kernel
def plant(tree, bounds, kept):
    """Build the tree over the priorities kept, float32 [capacity]."""
    capacity = kept.shape[0]
    bounds[LEAST], bounds[GREATEST] = np.inf, 0.0
    for slot in range(capacity):
        priority = np.float64(kept[slot])
        tree[capacity + slot] = priority
        if priority > 0.0:
            bounds[LEAST] = min(bounds[LEAST], priority)
            bounds[GREATEST] = max(bounds[GREATEST], priority)
    if bounds[GREATEST] == 0.0:
        bounds[:] = FIRST
    for node in range(capacity - 1, 0, -1):
        tree[node] = tree[2 * node] + tree[2 * node + 1]


@kernel
def put(tree, slot, priority):
    """Give a slot its priority, and every sum above it its value."""
    node = tree.shape[0] // 2 + slot
    tree[node] = priority
    node //= 2
    while node > 0:
        tree[node] = tree[2 * node] + tree[2 * node + 1]
        node //= 2


@kernel
def find(tree, left):
    """The slot in whose share of the sum `left` lies, 0 <= left < tree[1]; never one of priority
    0.
    """
    capacity, node = tree.shape[0] // 2, 1
    while node < capacity:
        node *= 2
        # what lies beyond the last share by rounding belongs to it
        if left >= tree[node] and tree[node + 1] > 0.0:
            left -= tree[node]
            node += 1
    return node - capacity


@kernel
def draw_by_priority(random, tree, head, picks):
    """Fill picks [batch], one from each of as many equal parts of the sum; False where there is
    nothing to draw.

    `head` is the slot after the newest; the newest itself has no next slot.
    """
    capacity, batch = tree.shape[0] // 2, picks.shape[0]
    newest = (head - 1) % capacity
    waiting = tree[capacity + newest]
    put(tree, newest, 0.0)
    found = tree[1] > 0.0
    if found:
        for n in range(batch):
            picks[n] = find(tree, (n + uniform(random)) * tree[1] / batch)
    put(tree, newest, waiting)
    return found


@kernel
def weigh(tree, bounds, picks, beta, dq):
    """Scale dq [batch] by importance weights, (1 / (n x chance))**beta as a share of what the least
    priority would get.

    At beta = 1 the gradient is in expectation that of even draws, but for that constant factor.
    """
    capacity = tree.shape[0] // 2
    for n in range(picks.shape[0]):
        dq[n] *= np.float32((bounds[LEAST] / tree[capacity + picks[n]]) ** beta)


@kernel
def beta_now(start, updates, step):
    """From start to 1 over so many updates, in a line."""
    return start + (1.0 - start) * min(step / updates, 1.0)


@kernel
def surprise(tree, bounds, picks, q, action, target, alpha):
    """Give every pick the priority of its error, |q[n, action[n]] - target[n]|."""
    for n in range(picks.shape[0]):
        error = np.float64(abs(q[n, action[n]] - target[n]))
        priority = np.float64(np.float32((error + FLOOR) ** alpha))
        bounds[LEAST] = min(bounds[LEAST], priority)
        bounds[GREATEST] = max(bounds[GREATEST], priority)
        put(tree, picks[n], priority)
