"""Who may have a child, what it costs, and what a newborn starts with.

The rules: docs/RULES.md#parents, #money, #trust and #exploration.
"""

from collections.abc import Mapping

import numpy as np

from agents.life import traits

BRONZE = 1
MAX_SCARS = 2
MIN_TRADES = 10
# after paying, a parent must hold more than this many times the equity at which it would be
# bankrupt
VIABILITY = 2.0
# and this share of its endowment, also where no agent goes bankrupt: dust buys nothing
LEAST_KEPT = 1e-6
LEAST_EPSILON = 0.2
# a child's trust: so much of its parent's, and so much for everybody
INHERITED_TRUST = 0.5
GIVEN_TRUST = 25.0


def fit_to_breed(
    tier: np.ndarray,
    scars: np.ndarray,
    trades: np.ndarray,
    wealth: np.ndarray,
    endowment: np.ndarray,
) -> np.ndarray:
    """bool [n]: bronze or better, few scars, enough trades, and a positive return since birth.

    wealth: equity with what was paid for children added back, in the unit of `endowment`.
    """
    return (tier >= BRONZE) & (scars <= MAX_SCARS) & (trades >= MIN_TRADES) & (wealth > endowment)


def can_afford(
    equity: np.ndarray, endowment: np.ndarray, spawn_cost: float, bankrupt_at: float
) -> np.ndarray:
    """bool [n]: paying `spawn_cost` of its equity leaves a parent viable, see VIABILITY."""
    return equity * (1.0 - spawn_cost) > max(VIABILITY * bankrupt_at, LEAST_KEPT) * endowment


def birth_trust(parent_trust: float) -> float:
    """INHERITED_TRUST of the parent's trust, and GIVEN_TRUST."""
    return INHERITED_TRUST * parent_trust + GIVEN_TRUST


def first_epsilon(parent_epsilon: float) -> float:
    """A child explores at least LEAST_EPSILON, or as its parent does."""
    return traits.clip("epsilon", max(LEAST_EPSILON, parent_epsilon))


def child_traits(
    parent: Mapping[str, float], mutation: bool, self_adaptive: bool, rng: np.random.Generator
) -> dict[str, float]:
    """The parent's traits, perturbed unless mutation is switched off; without epsilon, see
    `first_epsilon`.
    """
    if mutation:
        return traits.perturbed(parent, self_adaptive, rng)
    return {name: parent[name] for name in traits.BOUNDS if name != "epsilon"}
