"""Many rounds become few points, and no extreme is lost."""

import numpy as np
import pytest

from arena.selectors.rounds.cells import LEVELS, NOTHING, cells
from arena.selectors.rounds.thinning import (
    MOST_COLUMNS,
    MOST_POINTS,
    TAIL,
    bucket,
    columns_shown,
    thinned,
)


@pytest.mark.parametrize("count", [0, 1, 352])
def test_few_rounds_are_points_of_their_own(count):
    lines = np.arange(2.0 * count).reshape(count, 2)

    rounds, points = thinned(lines)

    assert rounds.tolist() == list(range(count))
    assert points is lines


@pytest.mark.parametrize("count", [353, 700, 1000, 10_000])
def test_every_bucket_keeps_its_extremes_and_the_last_rounds_are_plain(count):
    lines = np.random.default_rng(count).standard_t(2, (count, 3))

    rounds, points = thinned(lines)

    size = bucket(count)
    assert len(rounds) == len(points) <= MOST_POINTS + TAIL + size
    assert (np.diff(rounds) > 0).all()
    plain = (count - TAIL) // size * size
    for first in range(0, plain, size):
        own = points[(rounds >= first) & (rounds < first + size)]
        for line in range(3):
            held = lines[first : first + size, line]
            assert sorted(own[:, line]) == [held.min(), held.max()]
    assert (points[rounds >= plain] == lines[plain:]).all()


def test_extremes_stand_in_the_order_in_which_they_came():
    lines = np.zeros((353, 1))
    lines[1], lines[3], lines[4], lines[6] = 5.0, -5.0, -1.0, 1.0

    rounds, points = thinned(lines)

    assert rounds[:4].tolist() == [0, 3, 4, 7]
    assert points[:4, 0].tolist() == [5.0, -5.0, -1.0, 1.0]


def test_a_bucket_without_a_number_has_none_and_one_number_is_enough():
    lines = np.full((353, 1), np.nan)
    lines[5] = 2.0

    _, points = thinned(lines)

    assert np.isnan(points[:2]).all()
    assert points[2:4, 0].tolist() == [2.0, 2.0]


def test_columns_once_shown_stay_and_the_last_round_is_among_them():
    for count in (1, 512, 513, 1000, 1025, 5000):
        shown = columns_shown(count)

        assert shown[-1] == count - 1
        assert min(count, MOST_COLUMNS / 2) <= len(shown) <= min(count, MOST_COLUMNS + 1)
        assert set(columns_shown(2 * count)) <= set(shown) | set(range(count - 1, 2 * count))
    assert columns_shown(0) == []


def test_bytes_stand_for_values_near_their_own_whatever_one_outlier_does():
    figures = np.random.default_rng(1).normal(0, 1, (40, 50))
    figures[3, 4], figures[5, 6] = 1e6, np.nan

    painted = cells(figures)

    found = np.append(painted.values, np.full(256 - LEVELS, np.nan))[painted.codes]
    usual = np.abs(figures) < 3
    assert np.abs(found - figures)[usual].max() < 0.3
    assert found[3, 4] == pytest.approx(1e6, rel=0.01)
    assert painted.codes[5, 6] == NOTHING


def test_whole_numbers_are_kept_exactly_and_one_value_is_no_trouble():
    counts = np.arange(60).reshape(6, 10).astype(float)

    for figures in (counts, np.full((2, 2), 0.25), np.zeros((2, 2))):
        found = cells(figures)
        assert found.values[found.codes] == pytest.approx(figures)
    assert cells(np.full((2, 2), np.nan)).codes.min() == NOTHING
