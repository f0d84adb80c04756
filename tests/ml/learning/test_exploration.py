"""Choosing: the greedy action, and how often another one is tried."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.learning.exploration import HIGHEST, LOWEST, NO_ACTION, epsilon_now, greedy


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", range(3))
def test_a_value_that_is_not_finite_never_wins_wherever_it_stands(bad, place):
    q = np.array([1.0, 2.0, 3.0], np.float32)
    q[place] = bad

    assert greedy(q) == NO_ACTION


@settings(deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=3, max_size=3))
def test_the_first_of_the_largest_values_wins(values):
    assert greedy(np.array(values, np.float32)) == values.index(max(values))


def slow_epsilon(start, end, bars, decay_bars, wins, drawdown):
    """RULES section 5, word by word."""
    epsilon = end if bars >= decay_bars else start - (start - end) * bars / decay_bars
    for _ in range(wins):
        epsilon *= 0.995
    if drawdown > 0.10:
        epsilon += 0.05
    if drawdown > 0.20:
        epsilon += 0.10
    return float(np.clip(epsilon, 0.01, 0.9))


@settings(deadline=None)
@given(
    st.floats(0, 1),
    st.floats(0, 1),
    st.integers(0, 10_000),
    st.integers(1, 5_000),
    st.integers(0, 300),
    st.sampled_from([0, 0.1, 0.11, 0.2, 0.21, 1]),
)
def test_epsilon_follows_the_rules_written_out_slowly(start, end, bars, decay_bars, wins, drawdown):
    epsilon = epsilon_now(start, end, bars, float(decay_bars), 0.995**wins, float(drawdown))

    assert epsilon == pytest.approx(slow_epsilon(start, end, bars, decay_bars, wins, drawdown), rel=1e-9)
    assert LOWEST <= epsilon <= HIGHEST


def test_a_founders_epsilon_falls_in_a_line_from_the_highest_to_the_lasting_chance():
    seen = [epsilon_now(1.0, 0.05, bars, 4000.0, 1.0, 0.0) for bars in (0, 2000, 4000, 9000)]

    assert seen == pytest.approx([0.9, 0.525, 0.05, 0.05])


@pytest.mark.parametrize(("drawdown", "more"), [(0.10, 0.0), (0.1001, 0.05), (0.20, 0.05), (0.2001, 0.15), (0.9, 0.15)])
def test_deep_in_loss_it_tries_more(drawdown, more):
    assert epsilon_now(0.3, 0.3, 0, 1.0, 1.0, drawdown) == pytest.approx(0.3 + more)
