"""What the target network says of the states in memory: asked once a state, until that network
moves or the state is overwritten.

The target network stands still for hundreds of updates, in which every slot is drawn more than
once. An answer does not depend on what else is asked with it, so what is kept has the bits of what
would be computed anew.
"""

import numpy as np

from ml.kernels.compiled import inner, kernel
from ml.kernels.products import copy_part
from ml.learning.contexts import Answers
from ml.networks.base import ACTIONS

LAST_ERA = 255


@kernel
def answers_of(answers: Answers, lane: int, lanes: int) -> Answers:
    """What is kept of one of so many equal parts of a memory."""
    room = answers.said_in.shape[0] // lanes
    first, stop = lane * room, (lane + 1) * room
    said, said_in = answers.said[first:stop], answers.said_in[first:stop]
    return Answers(said, said_in, answers.era, answers.asked)


@inner
def forget_all(answers: Answers) -> None:
    """The target network moved, or is another agent's: nothing that was kept holds any more."""
    era = answers.era
    if era[0] == LAST_ERA:
        answers.said_in[:] = 0
        era[0] = 0
    era[0] += 1


@inner
def forget(answers: Answers, slot: int) -> None:
    """Another state is written at `slot`."""
    answers.said_in[slot] = 0


@kernel
def unanswered(slots: np.ndarray, answers: Answers) -> int:
    """Fill `asked` with those of `slots` [n] of which nothing is kept, each once, and count them as
    answered; how many.
    """
    asked, said_in, era = answers.asked, answers.said_in, answers.era
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


def room(capacity: int, batch: int) -> Answers:
    """Room for the answers to a memory of so many slots, none of them given yet."""
    return Answers(
        said=np.zeros((capacity, ACTIONS), np.float32),
        said_in=np.zeros(capacity, np.uint8),
        era=np.ones(1, np.uint8),
        asked=np.zeros(batch, np.int64),
    )
