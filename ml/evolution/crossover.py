"""Two parents, one child: each neuron, with all that leads into it, from either."""

import numpy as np

from ml.params import Layout, Part


def uniform_by_neuron(
    a: np.ndarray, b: np.ndarray, layout: Layout, rng: np.random.Generator
) -> np.ndarray:
    """float32 [parameters]: every neuron's incoming weights and bias from `a` or, as likely, from
    `b`; never a neuron split in two.
    """
    child = a.copy()
    from_b: dict[tuple[int, int], np.ndarray] = {}
    for part in layout.parts:
        layer = (part.layer, part.fan[1])
        if layer not in from_b:
            from_b[layer] = rng.random(part.fan[1]) < 0.5
        view, other = child[part.slice].reshape(part.shape), b[part.slice].reshape(part.shape)
        view[...] = np.where(_along(part, from_b[layer]), other, view)
    return child


def _along(part: Part, mask: np.ndarray) -> np.ndarray:
    """`mask` [neurons] turned to lie along the part's neuron axis: the last, or the first of a
    transposed matrix; once for every gate.
    """
    transposed = not part.bias and part.shape == part.fan[::-1] != part.fan
    return mask[:, None] if transposed else np.tile(mask, part.shape[-1] // len(mask))
