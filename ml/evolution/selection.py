"""Who is chosen: by tournament on fitness, by rank from below, or by lot where selection is switched off."""

import numpy as np


def tournament(fitness: np.ndarray, eligible: np.ndarray, size: int, rng: np.random.Generator) -> int:
    """The fittest of `size` different candidates drawn evenly from `eligible` (all of them where they are fewer).

    fitness: float64 [n]; eligible: indices into it, int [m], m > 0, whose order is the order of the draw. NaN is worse than
    any number; of equals the one that stands first in `eligible` wins. Goldberg and Deb, 1991.
    """
    drawn = np.sort(rng.choice(len(eligible), size=min(size, len(eligible)), replace=False))
    candidates = np.asarray(eligible)[drawn]
    return int(candidates[np.argmax(_ranked(fitness[candidates]))])


def lot(eligible: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """`count` different members of `eligible`, int [m], each as likely as any other; all of them where they are fewer."""
    return rng.permutation(np.asarray(eligible, np.int64))[:count]


def worst(fitness: np.ndarray, eligible: np.ndarray, count: int) -> np.ndarray:
    """The `count` least fit of `eligible`, int [m], worst first; of equals those that stand first in `eligible`. NaN is worst of all."""
    eligible = np.asarray(eligible, np.int64)
    return eligible[np.argsort(_ranked(fitness[eligible]), kind="stable")[:count]]


def _ranked(fitness: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(fitness), -np.inf, fitness)
