"""Who is chosen: parents by fitness in four ways, the worst from below, or by lot where selection
is switched off.

Throughout: fitness float64 [n]; eligible: indices into it, int [m], m > 0, whose order is the order
of the draw. NaN is worse than any number; of equals the one that stands first in `eligible` is the
better.
"""

import math

import numpy as np


def tournament(
    fitness: np.ndarray, eligible: np.ndarray, size: int, rng: np.random.Generator
) -> int:
    """The fittest of `size` different candidates drawn evenly from `eligible`; of all where they
    are fewer (Goldberg and Deb, 1991).
    """
    drawn = np.sort(rng.choice(len(eligible), size=min(size, len(eligible)), replace=False))
    candidates = np.asarray(eligible)[drawn]
    return int(candidates[np.argmax(_ranked(fitness[candidates]))])


def truncation(
    fitness: np.ndarray, eligible: np.ndarray, share: float, rng: np.random.Generator
) -> int:
    """One of the best `share` of `eligible`, rounded up, each as likely as any other."""
    best = _best_first(fitness, eligible)[: max(math.ceil(share * len(eligible) - 1e-9), 1)]
    return int(best[rng.integers(len(best))])


def rank(
    fitness: np.ndarray, eligible: np.ndarray, pressure: float, rng: np.random.Generator
) -> int:
    """One of `eligible`, with chances that fall evenly from `pressure` / m for the best to (2 -
    pressure) / m for the worst (Baker, 1985).

    pressure: 1 .. 2; at 1 all are alike, at 2 the best may expect twice as much as the average, and
    the worst nothing.
    """
    best = _best_first(fitness, eligible)
    places = np.linspace(1.0, 0.0, len(best)) if len(best) > 1 else np.full(1, 0.5)
    return int(best[_drawn(2.0 - pressure + 2.0 * (pressure - 1.0) * places, rng)])


def fitness_proportionate(
    fitness: np.ndarray, eligible: np.ndarray, rng: np.random.Generator
) -> int:
    """One of `eligible`, with a chance in proportion to how much fitter it is than the least fit of
    them.

    Fitness may be negative, so it is shifted by its least value: the least fit has no children,
    unless all are equally fit.
    """
    own = fitness[np.asarray(eligible)]
    above = np.where(
        np.isfinite(own), own - np.min(own, initial=np.inf, where=np.isfinite(own)), 0.0
    )
    return int(np.asarray(eligible)[_drawn(above if above.any() else np.ones(len(own)), rng)])


def lot(eligible: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """`count` different members of `eligible`, int [m], each as likely as any other; all of them
    where they are fewer.
    """
    return rng.permutation(np.asarray(eligible, np.int64))[:count]


def worst(fitness: np.ndarray, eligible: np.ndarray, count: int) -> np.ndarray:
    """The `count` least fit of `eligible`, int [m], worst first; of equals those that stand first
    in `eligible`. NaN is worst of all.
    """
    eligible = np.asarray(eligible, np.int64)
    return eligible[np.argsort(_ranked(fitness[eligible]), kind="stable")[:count]]


def best(fitness: np.ndarray, eligible: np.ndarray, count: int) -> np.ndarray:
    """The `count` fittest of `eligible`, int [m], best first; none without a fitness."""
    return _best_first(fitness, eligible[np.isfinite(fitness[eligible])])[:count]


def _best_first(fitness: np.ndarray, eligible: np.ndarray) -> np.ndarray:
    return np.asarray(eligible)[np.argsort(-_ranked(fitness[np.asarray(eligible)]), kind="stable")]


def _drawn(chances: np.ndarray, rng: np.random.Generator) -> int:
    """An index, each in proportion to its chance; chances float64 [m] >= 0, not all 0."""
    edges = np.cumsum(chances)
    at = min(rng.random() * edges[-1], np.nextafter(edges[-1], 0.0))
    return int(np.searchsorted(edges, at, side="right"))


def _ranked(fitness: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(fitness), -np.inf, fitness)
