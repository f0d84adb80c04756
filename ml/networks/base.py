"""What a network offers to learning and to acting: its layout, and kernels over one flat vector of parameters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.params import Layout, xavier

PUBLIC = 20
PRIVATE = 4
INPUTS = PUBLIC + PRIVATE
ACTIONS = 3
# public inputs from this column on come from higher timeframes: scars take them away
PREMIUM_FROM = 16


@dataclass(frozen=True)
class Network:
    """One kind of network.

    layout(hidden) -> Layout; sizes(hidden) -> int64 [layers + 1], units from input to output, which every kernel takes;
    workspace(sizes, batch) -> number of float32 the batch kernels need.
    Kernels (theta float32 [parameters], work float32 [workspace]):
    act(theta, sizes, x [INPUTS], work, q [ACTIONS]): action values of one row;
    values(theta, sizes, x [n, INPUTS], work, q [n, ACTIONS]): of a batch, activations staying in `work`;
    gradient(theta, sizes, x, work, action [n], dq [n], grad [parameters]): of sum(dq * q[action]), after `values` on the same x and work.
    """

    kind: str
    layout: Callable[[tuple[int, ...]], Layout]
    sizes: Callable[[tuple[int, ...]], np.ndarray]
    workspace: Callable[[np.ndarray, int], int]
    act: Any
    values: Any
    gradient: Any

    def born(self, hidden: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
        """float32 [parameters]: a network that knows nothing."""
        return xavier(self.layout(hidden), rng)

    def q_values(self, hidden: tuple[int, ...], weights: np.ndarray, x: np.ndarray) -> np.ndarray:
        """float32 [ACTIONS] of one observation float32 [INPUTS]."""
        sizes, q = self.sizes(hidden), np.empty(ACTIONS, np.float32)
        self.act(weights, sizes, np.ascontiguousarray(x, np.float32), np.empty(self.workspace(sizes, 1), np.float32), q)
        return q

    def activations(self, hidden: tuple[int, ...], weights: np.ndarray, x: np.ndarray) -> list[np.ndarray]:
        """What each layer shows for one observation, input first, action values last."""
        sizes = self.sizes(hidden)
        work, q = np.zeros(self.workspace(sizes, 1), np.float32), np.empty((1, ACTIONS), np.float32)
        row = np.ascontiguousarray(x, np.float32).reshape(1, INPUTS)
        self.values(weights, sizes, row, work, q)
        edges = np.cumsum(sizes[1:-1])[:-1]
        return [row[0], *np.split(work[: int(np.sum(sizes[1:-1]))], edges), q[0]]
