"""A first-order autoregression without the signals of SciPy: they load for a second, with 50 MB."""

from itertools import accumulate

import numpy as np


def autoregression(shocks: np.ndarray, persistence: float) -> np.ndarray:
    """float64 [n]: each value is `persistence` times the one before plus its shock; shocks: float64
    [n], the first of which is the first value.
    """
    return np.array(
        list(accumulate(shocks.tolist(), lambda value, shock: persistence * value + shock)),
        np.float64,
    )
