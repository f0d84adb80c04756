"""Heritable settings of an agent: their bounds, a founder's values and how a child's differ.

The rules: docs/RULES.md#traits.
"""

from collections.abc import Mapping

import numpy as np

BOUNDS: dict[str, tuple[float, float]] = {
    "learning_rate": (1e-6, 0.1),
    "gamma": (0.0, 0.9999),
    "epsilon": (0.01, 0.9),
    "epsilon_bars": (1.0, 1e7),
    "risk_fraction": (0.05, 1.0),
    "mutation_rate": (0.0, 1.0),
    "mutation_strength": (0.0, 2.0),
}

# gamma and epsilon are not here: gamma is perturbed through its horizon 1 / (1 - gamma), and a
# child's epsilon follows its parent's; nor is mutation_strength, which moves only where mutation is
# self-adaptive
SPREAD = {"learning_rate": 0.2, "epsilon_bars": 0.1, "risk_fraction": 0.1, "mutation_rate": 0.1}
HORIZON_SPREAD = 0.1
# Schwefel's own 1 / sqrt(weights) is about 0.01 for a network: too slow for the tens of generations
# of an experiment
STRENGTH_SPREAD = 0.2


def clip(name: str, value: float) -> float:
    """`value` moved into the bounds of trait `name`."""
    low, high = BOUNDS[name]
    return float(min(max(value, low), high))


def perturbed(
    parent: Mapping[str, float], self_adaptive: bool, rng: np.random.Generator
) -> dict[str, float]:
    """A child's traits from its parent's (without epsilon); draws in a fixed order, one a trait.

    self_adaptive: mutation_strength too is multiplied by exp(STRENGTH_SPREAD x N(0, 1)), before it
    is first used (Schwefel, 1981).
    """
    child = {
        name: clip(name, parent[name] * float(np.exp(rng.normal(0.0, spread))))
        for name, spread in SPREAD.items()
    }
    horizon = float(np.exp(rng.normal(0.0, HORIZON_SPREAD))) / (1.0 - parent["gamma"])
    child["gamma"] = clip("gamma", 1.0 - 1.0 / max(horizon, 1.0))
    factor = float(np.exp(rng.normal(0.0, STRENGTH_SPREAD))) if self_adaptive else 1.0
    child["mutation_strength"] = clip("mutation_strength", parent["mutation_strength"] * factor)
    return child
