"""Choosing: the greedy action, and how often another one is tried."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.learning.exploration import (
    FINITE,
    HIGHEST,
    LOWEST,
    NO_ACTION,
    bound_of,
    by_preference,
    by_value,
    epsilon_now,
    greedy,
)
from ml.rng import Purpose, kernel_state


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", range(3))
def test_a_value_that_is_not_finite_never_wins_wherever_it_stands(bad, place):
    q = np.array([1.0, 2.0, 3.0], np.float32)
    q[place] = bad

    assert greedy(q, FINITE) == NO_ACTION


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("side", [1, -1])
def test_a_value_that_no_rewards_could_add_up_to_never_wins_wherever_it_stands(side, place):
    q = np.array([1.0, 2.0, 3.0], np.float32)
    q[place] = side * 500.0

    assert greedy(q, bound_of(5.0, 0.99)) != NO_ACTION
    q[place] = side * 500.001
    assert greedy(q, bound_of(5.0, 0.99)) == NO_ACTION


def test_the_bound_is_what_the_largest_reward_for_ever_is_worth():
    assert bound_of(2.0, 0.0) == pytest.approx(2.0, rel=1e-8)
    assert bound_of(2.0, 0.9999) == pytest.approx(20_000.0, rel=1e-8)
    assert bound_of(FINITE, 0.9999) == FINITE


@settings(deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=3, max_size=3))
def test_the_first_of_the_largest_values_wins(values):
    assert greedy(np.array(values, np.float32), FINITE) == values.index(max(values))


def slow_epsilon(start, end, bars, decay_bars, wins, drawdown):
    """docs/RULES.md#exploration, word by word."""
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
    epsilon = epsilon_now(start, end, bars, float(decay_bars), False, 0.995**wins, float(drawdown))

    assert epsilon == pytest.approx(
        slow_epsilon(start, end, bars, decay_bars, wins, drawdown), rel=1e-9
    )
    assert LOWEST <= epsilon <= HIGHEST


def test_a_founders_epsilon_falls_in_a_line_from_the_highest_to_the_lasting_chance():
    seen = [epsilon_now(1.0, 0.05, bars, 4000.0, False, 1.0, 0.0) for bars in (0, 2000, 4000, 9000)]

    assert seen == pytest.approx([0.9, 0.525, 0.05, 0.05])


@pytest.mark.parametrize(
    ("drawdown", "more"), [(0.10, 0.0), (0.1001, 0.05), (0.20, 0.05), (0.2001, 0.15), (0.9, 0.15)]
)
def test_deep_in_loss_it_tries_more(drawdown, more):
    assert epsilon_now(0.3, 0.3, 0, 1.0, False, 1.0, drawdown) == pytest.approx(0.3 + more)


def test_an_exponential_fall_goes_by_equal_factors():
    seen = [
        epsilon_now(0.8, 0.05, bars, 4000.0, True, 1.0, 0.0)
        for bars in (0, 1000, 2000, 3000, 4000, 9000)
    ]

    assert seen == pytest.approx([0.8, 0.4, 0.2, 0.1, 0.05, 0.05])


def shares(explore, q, epsilon, temperature, n=20_000):
    state = kernel_state(1, Purpose.KERNEL, 0, 1)
    chosen = [
        explore(np.array(q, np.float32), FINITE, epsilon, temperature, state) for _ in range(n)
    ]
    return np.bincount(chosen, minlength=3) / n


def softmax(x):
    return np.exp(x) / np.exp(x).sum()


def test_epsilon_greedy_takes_the_best_but_for_its_share_of_chance():
    assert shares(by_value, [0, 2, 1], 0.3, 0.0) == pytest.approx([0.1, 0.8, 0.1], abs=0.015)


def test_boltzmann_draws_the_better_the_likelier_and_cools_with_epsilon():
    q = np.array([0.0, 0.1, 0.05])

    assert shares(by_value, q, 0.9, 0.2) == pytest.approx(softmax(q / 0.18), abs=0.015)
    assert shares(by_value, q, 0.1, 0.2) == pytest.approx(softmax(q / 0.02), abs=0.015)


def test_a_policy_does_what_its_preferences_say_whatever_epsilon_is():
    q = np.array([1.0, 0.0, -1.0])

    assert shares(by_preference, q, 0.9, 5.0) == pytest.approx(softmax(q), abs=0.015)


@pytest.mark.parametrize("explore", [by_value, by_preference])
def test_a_broken_network_draws_nothing(explore):
    """Not even where chance would have chosen."""
    state = kernel_state(1, Purpose.KERNEL, 0, 1)
    for bad in (np.nan, 1e9):
        for temperature in (0.0, 0.5):
            assert (
                explore(np.array([0, bad, 1], np.float32), 1e8, 1.0, temperature, state)
                == NO_ACTION
            )
