"""The recursion is that of SciPy's filter, to the bit."""

import numpy as np
import pytest
from scipy.signal import lfilter

from arena.prices.market.autoregression import autoregression


@pytest.mark.parametrize("persistence", [0.0, 0.3, -0.7, 0.98, 1.0])
def test_it_is_scipys_filter_to_the_bit(persistence):
    shocks = np.random.default_rng(3).standard_normal(50_000)

    values = autoregression(shocks, persistence)

    assert values.tobytes() == lfilter([1.0], [1.0, -persistence], shocks).tobytes()


def test_of_nothing_nothing_comes():
    assert autoregression(np.zeros(0), 0.5).shape == (0,)
