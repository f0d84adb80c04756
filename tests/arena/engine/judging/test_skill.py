"""What of the spread in fitness is skill: on populations whose skill is known, and by the
textbook's own sums.
"""

import numpy as np
import pytest

from arena.engine.judging.skill import last_windows, spread_of


def population(skill, luck, agents=400, windows=5, seed=1):
    """Scores of agents whose skill and luck have these deviations, on windows that were good and
    bad for all.
    """
    rng = np.random.default_rng(seed)
    shared = rng.normal(0.0, 3.0, windows)
    return (
        skill * rng.standard_normal((agents, 1))
        + shared
        + luck * rng.standard_normal((agents, windows))
    )


@pytest.mark.parametrize(("skill", "luck"), [(0.5, 1.0), (1.0, 1.0), (2.0, 0.5)])
def test_skill_and_luck_are_told_apart_whatever_all_windows_did(skill, luck):
    found = spread_of(population(skill, luck, agents=4000))

    assert found.between == pytest.approx(skill**2, rel=0.1)
    assert found.within == pytest.approx(luck**2, rel=0.1)
    assert found.skill == pytest.approx(skill**2 / (skill**2 + luck**2 / 5), abs=0.05)


def test_where_nobody_is_better_than_anybody_all_is_luck():
    assert (
        np.mean([spread_of(population(0.0, 1.0, agents=30, seed=seed)).skill for seed in range(40)])
        < 0.25
    )


def test_where_nothing_is_left_to_chance_all_is_skill():
    assert spread_of(population(1.0, 0.0, agents=20)).skill == pytest.approx(1.0)


def test_equal_counts_give_the_sums_of_the_textbook():
    scores = population(1.0, 1.0, agents=6, windows=4)
    centred = scores - scores.mean(axis=0)
    means = centred.mean(axis=1)
    within = sum(
        (value - mean) ** 2 for row, mean in zip(centred, means, strict=True) for value in row
    ) / (6 * 3)
    between = (4 * sum(mean**2 for mean in means) / 5 - within) / 4

    found = spread_of(scores)

    assert (found.within, found.between, found.windows) == pytest.approx((within, between, 4))


def test_short_lives_count_for_less_and_windows_that_one_alone_lived_for_nothing():
    scores = population(1.0, 1.0, agents=200, windows=8)
    scores[:100, :5] = np.nan
    lonely = np.full((200, 1), np.nan)
    lonely[0] = 1e6

    found, same = spread_of(scores), spread_of(np.concatenate([scores, lonely], axis=1))

    assert found == same
    assert 3 < found.windows < 8
    assert found.between == pytest.approx(1.0, rel=0.3)


@pytest.mark.parametrize(
    "scores", [np.empty((0, 0)), np.full((3, 2), np.nan), np.ones((1, 5)), np.ones((4, 1))]
)
def test_from_too_little_nothing_is_concluded(scores):
    assert spread_of(scores).skill is None


def test_rings_of_agents_of_different_age_are_laid_round_beside_round():
    # born in rounds 0, 4 and 6; seven were played; a score is 10 x round + agent
    rings, born = np.full((3, 5), np.nan), (0, 4, 6)
    for agent, first in enumerate(born):
        for lived, index in enumerate(range(first, 7)):
            rings[agent, lived % 5] = 10 * index + agent

    found = last_windows(rings, np.array([7 - first for first in born]))

    nan = np.nan
    np.testing.assert_array_equal(
        found, [[60, 50, 40, 30, 20], [61, 51, 41, nan, nan], [62, nan, nan, nan, nan]]
    )
