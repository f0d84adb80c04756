"""What the target network says of the states in memory: asked once a state, until that network moves or the state is overwritten.

The target network stands still for hundreds of updates, in which every slot is drawn more than once. An answer does not depend on
what else is asked with it, so what is kept has the bits of what would be computed anew.
"""

import numpy as np

from ml.compiled import inner, kernel
from ml.networks.base import ACTIONS
from ml.products import copy_part

LAST_ERA = 255


@kernel
def lane_of(table, lane, lanes):
    """The table with what is kept of one of so many equal parts of a memory."""
    said, said_in, era, asked = table[-4:]
    room = said_in.shape[0] // lanes
    first, stop = lane * room, (lane + 1) * room
    return (*table[:-4], said[first:stop], said_in[first:stop], era, asked)


@inner
def forget_all(table):
    """The target network moved, or is another agent's: nothing that was kept holds any more."""
    _, said_in, era, _ = table[-4:]
    if era[0] == LAST_ERA:
        said_in[:] = 0
        era[0] = 0
    era[0] += 1


@inner
def forget(table, slot):
    """Another state is written at `slot`."""
    _, said_in, _, _ = table[-4:]
    said_in[slot] = 0


@kernel
def unanswered(slots, said_in, era, asked):
    """Fill `asked` with those of `slots` [n] of which nothing is kept, each once, and count them as answered; how many."""
    count = 0
    for n in range(slots.shape[0]):
        asked[count] = slots[n]
        count += said_in[slots[n]] != era[0]
        said_in[slots[n]] = era[0]
    return count


@inner
def keep(asked, q, said):
    """Keep answers q [count, ACTIONS]."""
    for n in range(asked.shape[0]):
        copy_part(q, n, said, asked[n], 0, ACTIONS)


def room(capacity: int, batch: int) -> tuple[np.ndarray, ...]:
    """The cache: said float32 [capacity, ACTIONS]; said_in uint8 [capacity], the era each was said in, 0 for none;
    era uint8 [1]; asked int64 [batch]."""
    return np.zeros((capacity, ACTIONS), np.float32), np.zeros(capacity, np.uint8), np.ones(1, np.uint8), np.zeros(batch, np.int64)
