"""How a child's weights come to differ from those it inherited (Gaussian mutation).

The rules: docs/RULES.md#mutation.
"""

import numpy as np

from ml.params import Layout, deviations


def mutate(
    weights: np.ndarray, layout: Layout, rate: float, strength: float, rng: np.random.Generator
) -> np.ndarray:
    """A copy of `weights`, float32 [parameters], in which each one gained N(0, strength x layer
    deviation) with probability `rate`.

    A layer's deviation is that of its weight matrix, and serves its biases too. The same number of
    draws is made whatever `rate` and `strength` are, so two rates at one address differ only in
    which weights change.
    """
    chosen = rng.random(layout.size) < rate
    noise = rng.normal(0.0, 1.0, layout.size)
    scale = np.repeat(deviations(layout, weights), [part.size for part in layout.parts])
    return np.where(chosen, weights + strength * scale * noise, weights).astype(np.float32)


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """Euclidean distance of two float32 [parameters], summed in float64."""
    return float(np.linalg.norm(a.astype(np.float64) - b.astype(np.float64)))
