"""The p-value of a figure among those of null worlds."""

import numpy as np
import pytest

from arena.engine.judging.evidence.chance import least_p, p_value


def test_the_real_one_counts_among_the_worlds():
    assert p_value(3.0, [1.0, 2.0, 4.0]) == 2 / 4
    assert p_value(3.0, [3.0] * 19) == 1.0
    assert p_value(9.0, [0.0] * 19) == least_p(19) == 0.05
    assert p_value(1.0, []) == 1.0


def test_where_the_real_world_is_one_of_the_null_worlds_p_values_are_uniform():
    draws = np.random.default_rng(1).normal(size=(4000, 20))

    found = np.array([p_value(row[0], row[1:]) for row in draws])

    for level in (0.05, 0.25, 0.5):
        assert np.mean(found <= level) == pytest.approx(level, abs=0.025)
