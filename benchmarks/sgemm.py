"""The machine's limit: float32 matrix products by BLAS, called from a compiled loop as the
networks' kernels call it.
"""

import time

import numpy as np
from numba import njit

LARGE = (1024, 1024, 1024)
# the plain network's own products: 64 rows through its first and its second layer
OWN = {"64x24x64": (64, 24, 64), "64x64x64": (64, 64, 64)}


@njit(cache=True)
def products(a, b, out, times):
    """out = a b, so many times."""
    for _ in range(times):
        np.dot(a, b, out)


class Products:
    """a [m, k] times b [k, n]; `measure()` takes about a third of a second."""

    def __init__(self, m: int, k: int, n: int):
        rng = np.random.default_rng(1)
        self.a, self.b = (
            rng.normal(size=(m, k)).astype(np.float32),
            rng.normal(size=(k, n)).astype(np.float32),
        )
        self.out = np.empty((m, n), np.float32)
        self.flop = 2 * m * k * n
        self.times = max(int(3e10 / self.flop), 1)
        products(self.a, self.b, self.out, 1)

    def measure(self) -> float:
        """GFLOP a second, this thread alone."""
        began = time.perf_counter()
        products(self.a, self.b, self.out, self.times)
        return self.times * self.flop / (time.perf_counter() - began) / 1e9
