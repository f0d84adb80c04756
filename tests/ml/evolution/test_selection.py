"""Tournament, rank and lot."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ml.evolution.selection import lot, tournament, worst

fitnesses = st.lists(st.one_of(st.floats(-5, 5), st.just(float("nan"))), min_size=1, max_size=30).map(np.array)
seeds = st.integers(0, 1000)


@given(fitnesses, seeds)
def test_a_tournament_of_all_is_won_by_the_fittest_and_never_by_nan_against_a_number(fitness, seed):
    winner = tournament(fitness, np.arange(len(fitness)), 64, np.random.default_rng(seed))

    if np.isfinite(fitness).any():
        assert fitness[winner] == np.nanmax(fitness)


@given(fitnesses, st.integers(1, 8), seeds)
def test_a_tournament_takes_only_the_eligible(fitness, size, seed):
    eligible = np.flatnonzero(np.arange(len(fitness)) % 3 == 0)

    assert tournament(fitness, eligible, size, np.random.default_rng(seed)) in eligible


def test_of_equals_the_first_eligible_wins():
    fitness = np.zeros(5)

    assert tournament(fitness, np.array([3, 1, 4]), 5, np.random.default_rng(0)) == 3


def test_larger_tournaments_press_harder():
    fitness, rng = np.arange(50.0), np.random.default_rng(1)
    means = [np.mean([tournament(fitness, np.arange(50), size, rng) for _ in range(400)]) for size in (1, 4, 16)]

    # expected maximum of k of 50 without replacement: k (51) / (k + 1) - 1
    assert np.allclose(means, [k * 51 / (k + 1) - 1 for k in (1, 4, 16)], atol=2.5)


def test_the_worst_come_first_and_nan_before_all():
    fitness = np.array([3.0, np.nan, 1.0, 1.0, 2.0])

    assert worst(fitness, np.array([0, 3, 1, 2, 4]), 3).tolist() == [1, 3, 2]


@given(st.integers(0, 30), st.integers(0, 40), seeds)
def test_a_lot_draws_different_members_and_no_more_than_there_are(n, count, seed):
    drawn = lot(np.arange(100, 100 + n), count, np.random.default_rng(seed))

    assert len(drawn) == len(set(drawn)) == min(n, count)
    assert set(drawn) <= set(range(100, 100 + n))


def test_a_lot_is_fair():
    rng = np.random.default_rng(3)
    counts = np.bincount(np.concatenate([lot(np.arange(10), 3, rng) for _ in range(3000)]), minlength=10)

    assert np.allclose(counts, 900, atol=120)
