"""Tournament, truncation, rank, proportion and lot."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ml.evolution.selection import (
    best,
    fitness_proportionate,
    lot,
    rank,
    tournament,
    truncation,
    worst,
)

fitnesses = st.lists(
    st.one_of(st.floats(-5, 5), st.just(float("nan"))), min_size=1, max_size=30
).map(np.array)
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
    means = [
        np.mean([tournament(fitness, np.arange(50), size, rng) for _ in range(400)])
        for size in (1, 4, 16)
    ]

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
    counts = np.bincount(
        np.concatenate([lot(np.arange(10), 3, rng) for _ in range(3000)]), minlength=10
    )

    assert np.allclose(counts, 900, atol=120)


def chances(pick, n, draws=4000):
    """Share of the draws that went to each of `n`, whose fitness rises with the index."""
    rng = np.random.default_rng(1)
    return (
        np.bincount(
            [pick(np.arange(float(n)), np.arange(n), rng) for _ in range(draws)], minlength=n
        )
        / draws
    )


def test_truncation_draws_evenly_from_the_best_share_and_from_nobody_else():
    found = chances(lambda fitness, able, rng: truncation(fitness, able, 0.25, rng), 8)

    assert found[:6].sum() == 0.0
    assert np.allclose(found[6:], 0.5, atol=0.03)


def test_truncation_rounds_up_to_one_agent():
    assert truncation(np.array([1.0, 3.0, 2.0]), np.arange(3), 0.01, np.random.default_rng(0)) == 1


def test_chances_by_rank_fall_evenly_from_the_pressure_whatever_the_fitness():
    found = chances(lambda fitness, able, rng: rank(np.exp(9 * fitness), able, 1.8, rng), 5)

    assert np.allclose(found, np.array([0.2, 0.6, 1.0, 1.4, 1.8]) / 5, atol=0.025)


def test_rank_without_pressure_is_a_lot_and_with_most_leaves_nothing_to_the_worst():
    even = chances(lambda fitness, able, rng: rank(fitness, able, 1.0, rng), 4)
    most = chances(lambda fitness, able, rng: rank(fitness, able, 2.0, rng), 4)

    assert np.allclose(even, 0.25, atol=0.03)
    assert most[0] == 0.0
    assert np.allclose(most, np.array([0, 2, 4, 6]) / 12, atol=0.03)


def test_fitness_proportionate_chances_are_in_proportion_above_the_least_fit():
    found = chances(lambda fitness, able, rng: fitness_proportionate(fitness - 100.0, able, rng), 4)

    assert np.allclose(found, np.array([0, 1, 2, 3]) / 6, atol=0.03)


def test_equally_fit_agents_are_equally_likely_in_proportion_to_fitness():
    rng = np.random.default_rng(2)
    counts = np.bincount(
        [fitness_proportionate(np.full(4, -0.5), np.arange(4), rng) for _ in range(4000)]
    )

    assert np.allclose(counts / 4000, 0.25, atol=0.03)


@given(fitnesses, seeds)
def test_every_kind_takes_only_the_eligible_and_nobody_without_a_fitness_where_others_have_more(
    fitness, seed
):
    able, rng = np.flatnonzero(np.arange(len(fitness)) % 3 == 0), np.random.default_rng(seed)
    found = [
        truncation(fitness, able, 0.3, rng),
        rank(fitness, able, 2.0, rng),
        fitness_proportionate(fitness, able, rng),
    ]

    assert set(found) <= set(able)
    if len(np.unique(fitness[able][np.isfinite(fitness[able])])) > 1:
        assert np.isfinite(fitness[found[2]])


@given(fitnesses, seeds)
def test_one_alone_is_chosen_by_every_kind(fitness, seed):
    able, rng = np.array([len(fitness) - 1]), np.random.default_rng(seed)

    assert {
        truncation(fitness, able, 0.3, rng),
        rank(fitness, able, 1.8, rng),
        fitness_proportionate(fitness, able, rng),
    } == set(able.tolist())


def test_the_best_come_first_and_nobody_without_a_fitness():
    fitness = np.array([1.0, np.nan, 3.0, 3.0, 2.0])

    assert best(fitness, np.array([0, 1, 3, 2, 4]), 3).tolist() == [3, 2, 4]
    assert best(fitness, np.array([1]), 3).tolist() == []
