"""Prioritised replay: the tree against plain lists, draws against the chances they should have,
weights against even draws.
"""

import numpy as np
import pytest
from scipy.stats import chi2

from ml.learning import priorities
from ml.learning.priorities import (
    FIRST,
    FLOOR,
    GREATEST,
    LEAST,
    beta_now,
    draw_by_priority,
    find,
    fitted,
    plant,
    put,
    surprise,
    weigh,
)
from ml.learning.replay import ENDED, TAIL
from ml.rng import Purpose, kernel_state

CAPACITIES = (2, 3, 16, 37, 64, 100)


def planted(leaves):
    """(tree, bounds) over a list of priorities."""
    tree, bounds = priorities.empty(len(leaves))
    plant(tree, bounds, np.array(leaves, np.float32))
    return tree, bounds


def uneven(capacity, rng):
    """Priorities of very different size, a fifth of them 0."""
    return (np.exp(2 * rng.normal(size=capacity)) * (rng.random(capacity) < 0.8)).astype(np.float32)


def drawn(tree, head, batch, draws, seed=1):
    """int64 [draws * batch] by the kernel."""
    random, picks, out = kernel_state(seed, Purpose.KERNEL, 0, 0), np.empty(batch, np.int64), []
    for _ in range(draws):
        assert draw_by_priority(random, tree, head, picks)
        out.append(picks.copy())
    return np.concatenate(out)


# -- the tree


@pytest.mark.parametrize("capacity", CAPACITIES)
def test_every_slot_owns_a_share_of_the_sum_as_long_as_its_priority(capacity):
    rng = np.random.default_rng(capacity)
    whole = rng.integers(0, 6, capacity)
    whole[rng.integers(capacity)] = 5
    tree, _ = planted(whole)

    found = np.array([find(tree, place + 0.5) for place in range(whole.sum())])

    assert tree[1] == whole.sum()
    np.testing.assert_array_equal(np.bincount(found, minlength=capacity), whole)


@pytest.mark.parametrize("capacity", CAPACITIES)
def test_a_tree_changed_a_thousand_times_is_the_tree_planted_with_what_came_out_to_the_bit(
    capacity,
):
    rng = np.random.default_rng(capacity)
    tree, _ = planted(uneven(capacity, rng))
    kept = priorities.leaves(tree).copy()
    for _ in range(1000):
        slot, priority = (
            int(rng.integers(capacity)),
            np.float64(np.float32(np.exp(5 * rng.normal()))),
        )
        put(tree, slot, priority)
        kept[slot] = priority

    np.testing.assert_array_equal(priorities.leaves(tree), kept)
    assert tree.tobytes() == planted(kept)[0].tobytes()
    assert tree[1] == pytest.approx(kept.sum(), rel=1e-12)


@pytest.mark.parametrize("capacity", CAPACITIES)
def test_neither_end_of_the_sum_nor_what_lies_beyond_by_rounding_finds_a_slot_of_priority_0(
    capacity,
):
    rng = np.random.default_rng(capacity)
    for _ in range(20):
        leaves = uneven(capacity, rng)
        leaves[rng.integers(capacity)] = 1.0
        tree, _ = planted(leaves)
        for left in (0.0, np.nextafter(tree[1], 0.0), tree[1], tree[1] * (1 + 1e-9)):
            assert leaves[find(tree, left)] > 0


def test_bounds_are_the_least_and_the_greatest_that_can_be_drawn_and_1_for_a_memory_of_nothing():
    np.testing.assert_array_equal(planted([0.0, 0.5, 8.0, 0.25, 0.0])[1], [0.25, 8.0])
    np.testing.assert_array_equal(planted([0.0, 0.0])[1], [FIRST, FIRST])


# -- drawing


@pytest.mark.parametrize("batch", [1, 8, 64])
@pytest.mark.parametrize("capacity", [16, 37, 100])
def test_slots_are_drawn_as_often_as_their_priorities_say(capacity, batch):
    rng, head = np.random.default_rng(capacity), 5
    leaves = uneven(capacity, rng)
    tree, _ = planted(leaves)
    draws = 40_000 // batch

    counts = np.bincount(drawn(tree, head, batch, draws), minlength=capacity)

    leaves[head - 1] = 0.0
    expected = leaves.astype(float) / leaves.sum() * counts.sum()
    assert not counts[leaves == 0].any()
    seen = expected > 5
    statistic = ((counts - expected)[seen] ** 2 / expected[seen]).sum()
    assert statistic < chi2.ppf(0.999, seen.sum() - 1)
    # and even draws would fail this by far
    even = counts.sum() / seen.sum()
    assert ((even - expected)[seen] ** 2 / expected[seen]).sum() > 10 * chi2.ppf(
        0.999, seen.sum() - 1
    )


def test_the_newest_slot_waits_for_its_successor_and_keeps_its_priority():
    tree, _ = planted([1.0, 1.0, 10.0, 0.0])

    picks = drawn(tree, 3, 16, 50)

    assert set(picks) == {0, 1}
    np.testing.assert_array_equal(priorities.leaves(tree), [1.0, 1.0, 10.0, 0.0])
    assert tree[1] == 12.0
    assert set(drawn(tree, 0, 16, 50)) == {0, 1, 2}


def test_nothing_is_drawn_before_there_is_a_transition_with_a_successor():
    random, picks = kernel_state(1, Purpose.KERNEL, 0, 0), np.empty(4, np.int64)
    before = random.copy()

    assert not draw_by_priority(random, planted([0.0] * 8)[0], 0, picks)
    assert not draw_by_priority(random, planted([0.0, 7.0, 0.0, 0.0])[0], 2, picks)
    np.testing.assert_array_equal(random, before)


# -- weights


def test_weights_are_those_of_the_paper_as_a_share_of_the_greatest():
    leaves = np.array([0.5, 2.0, 0.25, 4.0], np.float32)
    tree, bounds = planted(leaves)
    chance = leaves / leaves.sum()
    for beta in (0.0, 0.4, 1.0):
        dq = np.ones(4, np.float32)

        weigh(tree, bounds, np.arange(4), beta, dq)

        paper = (1 / (4 * chance)) ** beta
        np.testing.assert_allclose(dq, paper / paper.max(), rtol=1e-6)


def test_with_full_weights_a_drawn_gradient_is_in_expectation_that_of_even_draws():
    rng, capacity = np.random.default_rng(3), 50
    leaves = np.exp(rng.normal(size=capacity)).astype(np.float32)
    tree, bounds = planted(leaves)
    gradients = rng.normal(size=(capacity, 6)) + leaves[:, None]
    leaves[0], picks = 0.0, drawn(tree, 1, 64, 2000)

    def mean_of(beta):
        dq = np.ones(len(picks), np.float32)
        weigh(tree, bounds, picks, beta, dq)
        # but for one factor, the same for all
        factor = (leaves > 0).sum() * bounds[LEAST] / leaves.sum() if beta else 1.0
        return (dq[:, None] * gradients[picks]).mean(axis=0) / factor

    even = gradients[1:].mean(axis=0)
    noise = gradients.std() / np.sqrt(len(picks)) * 3
    np.testing.assert_allclose(mean_of(1.0), even, atol=3 * noise)
    assert (np.abs(mean_of(0.0) - even) > 10 * noise).all()


def test_beta_rises_in_a_line_and_stays_at_1():
    assert [beta_now(0.4, 100, step) for step in (0, 50, 100, 1000)] == pytest.approx(
        [0.4, 0.7, 1.0, 1.0]
    )


# -- priorities


@pytest.mark.parametrize("alpha", [0.3, 0.6, 1.0])
def test_what_was_drawn_gets_the_priority_of_its_error_and_nothing_else_changes(alpha):
    rng = np.random.default_rng(1)
    tree, bounds = planted(np.full(20, 2.0))
    picks, action = np.array([3, 9, 11, 3]), np.array([0, 2, 1, 0])
    q, target = (
        rng.normal(size=(4, 3)).astype(np.float32),
        rng.normal(size=4).astype(np.float32) * 50,
    )
    q[3], target[3] = q[0], target[0]

    surprise(tree, bounds, picks, q, action, target, alpha)

    expected = np.full(20, 2.0)
    expected[picks] = (np.abs(q[np.arange(4), action] - target).astype(float) + FLOOR) ** alpha
    np.testing.assert_allclose(priorities.leaves(tree), expected, rtol=1e-6)
    assert bounds[LEAST] == min(2.0, priorities.leaves(tree).min())
    assert bounds[GREATEST] == max(2.0, priorities.leaves(tree).max())


def test_priorities_can_be_kept_as_float32_without_loss():
    tree, bounds = planted(np.ones(8))

    surprise(
        tree,
        bounds,
        np.arange(8),
        np.zeros((8, 3), np.float32),
        np.zeros(8, int),
        np.arange(8, dtype=np.float32) / 7,
        0.6,
    )

    np.testing.assert_array_equal(
        priorities.leaves(tree).astype(np.float32), priorities.leaves(tree)
    )


def test_a_huge_but_finite_error_leaves_a_tree_that_can_still_be_drawn_from():
    tree, bounds = planted(np.ones(8))

    surprise(
        tree,
        bounds,
        np.arange(3),
        np.zeros((3, 3), np.float32),
        np.zeros(3, int),
        np.full(3, 3e38, np.float32),
        1.0,
    )

    assert np.isfinite(tree).all()
    assert set(drawn(tree, 0, 8, 20)) <= {0, 1, 2}


# -- switching on and off


def test_switched_on_in_mid_life_all_that_can_be_drawn_begins_alike_and_off_nothing_is_kept():
    action = np.array([[[0, 1, TAIL, 2, 1 + ENDED, TAIL]], [[0, 0, 0, 2, 1, TAIL]]], np.int8)
    off = np.zeros((2, 1, 0), np.float32)

    on = fitted(off, 6, action, np.array([6, 3]), 0)

    np.testing.assert_array_equal(on[:, 0], [[1, 1, 0, 1, 1, 0], [0, 0, 0, 1, 1, 0]])
    assert on.dtype == np.float32
    assert fitted(on, 6, action, np.array([6, 3]), 0) is on
    assert fitted(on, 0, action, np.array([6, 3]), 0).shape == (2, 1, 0)
