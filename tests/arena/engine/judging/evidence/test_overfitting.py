"""PBO by CSCV against the definition written out, and on matrices whose answer is known."""

from itertools import combinations

import numpy as np
import pytest

from arena.engine.judging.evidence.overfitting import overfitting, slice_sums


def sums_of(matrix, slices):
    """matrix: returns [trials, bars]."""
    return np.stack([slice_sums(row, slices) for row in matrix])


def slow_pbo(matrix, slices):
    """Bailey et al. (2017), step by step on the whole matrix: choose on one half, rank on the
    other.
    """
    length = matrix.shape[1] // slices
    parts = matrix[:, matrix.shape[1] - length * slices :].reshape(len(matrix), slices, length)
    worse = []
    for half in combinations(range(slices), slices // 2):
        other = [s for s in range(slices) if s not in half]
        here, there = ([row[list(which)].ravel() for row in parts] for which in (half, other))
        best = int(np.argmax([np.mean(x) / np.std(x, ddof=1) for x in here]))
        ratios = [np.mean(x) / np.std(x, ddof=1) for x in there]
        rank = sorted(ratios).index(ratios[best]) + 1
        relative = rank / (len(matrix) + 1)
        logit = np.log(relative / (1 - relative))
        worse.append(0.5 if abs(logit) < 1e-9 else float(logit < 0))
    return np.mean(worse)


@pytest.mark.parametrize(("trials", "slices", "bars"), [(2, 4, 40), (7, 6, 65), (12, 8, 100)])
def test_it_equals_the_definition_written_out(trials, slices, bars):
    matrix = np.random.default_rng(trials).normal(0.001, 0.02, (trials, bars))

    assert overfitting(sums_of(matrix, slices)) == pytest.approx(slow_pbo(matrix, slices))


def test_a_trial_that_is_always_best_is_no_overfit():
    matrix = np.random.default_rng(1).normal(0, 0.01, (10, 320))
    matrix[3] += 0.02

    assert overfitting(sums_of(matrix, 16)) == 0.0


def test_where_the_best_half_is_paid_for_by_the_other_half_it_is_all_overfit():
    # every trial earns in its own slices exactly what it loses in the others
    rng = np.random.default_rng(2)
    noise = rng.normal(0, 0.001, (8, 8, 40))
    signs = np.array([rng.permutation([1, 1, 1, 1, -1, -1, -1, -1]) for _ in range(8)])
    matrix = (noise + 0.02 * signs[:, :, None]).reshape(8, 320)

    assert overfitting(sums_of(matrix, 8)) > 0.9


def test_trials_that_are_one_and_the_same_say_nothing():
    row = np.random.default_rng(3).normal(0, 0.01, 320)

    assert overfitting(sums_of(np.stack([row] * 5), 16)) == 0.5


def test_one_trial_or_too_few_bars_give_no_probability():
    assert overfitting(sums_of(np.ones((1, 320)), 16)) is None
    assert slice_sums(np.zeros(63), 16) is None


def test_cash_ventures_nothing_and_ranks_between_gain_and_loss():
    rng = np.random.default_rng(4)
    matrix = np.stack([np.zeros(320), rng.normal(-0.01, 0.01, 320), rng.normal(-0.02, 0.01, 320)])

    assert overfitting(sums_of(matrix, 8)) == 0.0
