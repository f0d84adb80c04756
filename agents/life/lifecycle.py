"""States of an agent, the one cause of its death, and how many must make room.

The rules: docs/RULES.md#life and #turnover.
"""

from math import floor

import numpy as np

from agents.states import State


class AgentState(State):
    """Active alone is not final; the position in the table is the code that kernels write."""

    ACTIVE = "active", "alive", "It practises, competes and may have children."
    BANKRUPT = "bankrupt", "bankrupt", "Its equity fell below a share of its endowment."
    SCARRED_OUT = "scarred_out", "scarred out", "It had too many severe scars."
    DIVERGED = (
        "diverged",
        "diverged",
        "Its network gave values that are not finite, or higher than any rewards could be worth.",
    )
    OUTCOMPETED = (
        "outcompeted",
        "outcompeted",
        "It was among the least fit at the close of a round and made room.",
    )
    RETIRED = "retired", "retired by a person", "A person asked for it."
    OVERFLOW = "overflow", "overflow", "Its account outgrew what a number can hold in cents."


STATES = tuple(AgentState.values())
ACTIVE, BANKRUPT, SCARRED_OUT, DIVERGED, OUTCOMPETED, RETIRED, OVERFLOW = range(len(STATES))


def retired(states: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """`states`, int64 [n], after the round: those asked to retire (bool [n]) do so, unless the
    round itself had killed them.
    """
    return np.where(asked & (states == ACTIVE), RETIRED, states)


def adults(birth_rounds: np.ndarray, index: int, juvenile_rounds: int) -> np.ndarray:
    """bool [n]: who, as round `index` closes, has lived more than `juvenile_rounds` rounds, this
    one counted.
    """
    return index - birth_rounds >= juvenile_rounds


def turnover_count(turnover: float, population: int, living: int) -> int:
    """How many of the living the worst `turnover` share of a population is.

    It is rounded down, but one where it is any; 0.29 of 100 is 29 whatever floating point says.
    An agent must be left to be outcompeted by, so it is never all of the living.
    """
    share = floor(turnover * population + 1e-9)
    return max(min(max(share, 1), living - 1), 0) if turnover > 0 else 0
