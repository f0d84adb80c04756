"""Where a network's parameters lie in one flat float32 vector, and their first values."""

from dataclasses import dataclass
from math import prod

import numpy as np

from ml.sums import total


@dataclass(frozen=True)
class Part:
    """One weight matrix or bias: `layer` counts from the input; `fan` = (in, out) of its units, for
    initialisation.

    A matrix may hold several such side by side, one for each gate of its units. `start` is the
    first value of a bias.
    """

    name: str
    layer: int
    offset: int
    shape: tuple[int, ...]
    fan: tuple[int, int]
    start: float = 0.0

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def slice(self) -> slice:
        return slice(self.offset, self.offset + self.size)

    @property
    def bias(self) -> bool:
        return len(self.shape) == 1


@dataclass(frozen=True)
class Layout:
    """All parts, in order, without gaps."""

    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        return total(part.size for part in self.parts)

    def view(self, weights: np.ndarray, name: str) -> np.ndarray:
        """The part called `name` of a flat vector, in its own shape."""
        part = next(part for part in self.parts if part.name == name)
        return weights[part.slice].reshape(part.shape)


def layout_of(
    *parts: tuple[str, int, tuple[int, ...], tuple[int, int]]
    | tuple[str, int, tuple[int, ...], tuple[int, int], float],
) -> Layout:
    """A Layout from (name, layer, shape, fan) in order, or (name, layer, shape, fan, start)."""
    placed, offset = [], 0
    for name, layer, shape, *rest in parts:
        placed.append(Part(name, layer, offset, shape, *rest))
        offset += prod(shape)
    return Layout(tuple(placed))


def xavier(layout: Layout, rng: np.random.Generator) -> np.ndarray:
    """float32 [size]: weights uniform in ±sqrt(6 / (in + out)), biases at their start (Glorot and
    Bengio, 2010).
    """
    weights = np.zeros(layout.size, np.float32)
    for part in layout.parts:
        if part.bias:
            weights[part.slice] = part.start
        else:
            bound = np.sqrt(6.0 / total(part.fan))
            weights[part.slice] = rng.uniform(-bound, bound, part.size).astype(np.float32)
    return weights


def deviations(layout: Layout, weights: np.ndarray) -> np.ndarray:
    """float64 [parts]: the deviation of each weight matrix; of a layer's first one for that layer's
    biases.
    """
    own = {
        part.name: float(np.std(weights[part.slice], dtype=np.float64))
        for part in layout.parts
        if not part.bias
    }
    of_layer = {part.layer: own[part.name] for part in reversed(layout.parts) if not part.bias}
    return np.array(
        [of_layer[part.layer] if part.bias else own[part.name] for part in layout.parts]
    )


def disturbed(
    layout: Layout, weights: np.ndarray, strength: float, rng: np.random.Generator
) -> np.ndarray:
    """`weights` plus N(0, strength x layer deviation) on every one: what a deep scar does."""
    result = weights.copy()
    for part, deviation in zip(layout.parts, deviations(layout, weights), strict=True):
        result[part.slice] += (rng.normal(0.0, 1.0, part.size) * strength * deviation).astype(
            np.float32
        )
    return result


def aligned(shape: tuple[int, ...] | int, dtype: type = np.float32) -> np.ndarray:
    """An array of zeros that begins on a cache line: where it does not, every vector read touches
    two lines.
    """
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    room = np.zeros(size + 64, np.uint8)
    start = -room.ctypes.data % 64
    return room[start : start + size].view(dtype).reshape(shape)
