"""The memory against a slow one: a list of everything ever written, in order."""

import numpy as np
import pytest

from ml.learning.replay import ENDED, TAIL, draw, gather
from ml.networks.base import INPUTS, PREMIUM_FROM, PRIVATE, PUBLIC
from ml.rng import Purpose, kernel_state, uniform

BARS = 400


class Ring:
    """A memory written slot by slot as a walk does it, beside the list of what was written."""

    def __init__(self, capacity, head=0):
        self.private = np.zeros((capacity, PRIVATE), np.float32)
        self.action, self.bar = np.zeros(capacity, np.int8), np.full(capacity, -1, np.int32)
        self.head, self.remembered, self.capacity, self.entries = head, 0, capacity, []

    def write(self, action, bar):
        number = len(self.entries)
        self.entries.append((action, bar))
        self.private[self.head] = (number, bar, 0.0, 1.0)
        self.action[self.head], self.bar[self.head] = action, bar
        self.head = (self.head + 1) % self.capacity
        self.remembered = min(self.remembered + 1, self.capacity)

    def window(self, start, length, rng):
        """One window: transitions, some of them ends of an account, then the tail. Yields after
        each write.
        """
        for bar in range(start, start + length - 1):
            self.write(int(rng.integers(3)) + ENDED * bool(rng.random() < 0.1), bar)
            yield
        self.write(TAIL, start + length - 1)
        yield

    def drawable(self):
        """Numbers of the entries that may be drawn: still there, not a tail, and followed by
        another.
        """
        oldest = len(self.entries) - self.remembered
        return {n for n in range(oldest, len(self.entries) - 1) if self.entries[n][0] != TAIL}


def check(ring, state, features):
    """Draw once and compare every pick and its successor with the list."""
    picks, x, after = (
        np.empty(8, np.int64),
        np.empty((8, INPUTS), np.float32),
        np.empty((8, INPUTS), np.float32),
    )
    if not draw(state, ring.head, ring.remembered, ring.action, picks):
        # without a real chance, tails were all it met
        assert not ring.drawable()
        return set()
    bars = np.empty(8, np.int64)
    gather(picks, ring.private, ring.bar, features, True, x, bars)
    gather((picks + 1) % len(ring.bar), ring.private, ring.bar, features, True, after, bars)
    numbers = x[:, PUBLIC].astype(int)
    assert set(numbers) <= ring.drawable()
    for row, number in enumerate(numbers):
        action, bar = ring.entries[number]
        assert ring.action[picks[row]] == action
        np.testing.assert_array_equal(x[row, :PUBLIC], features[bar])
        # the successor is the next thing that happened, one bar later
        assert after[row, PUBLIC] == number + 1
        assert ring.entries[number + 1][1] == bar + 1
        np.testing.assert_array_equal(after[row, :PUBLIC], features[bar + 1])
    return set(numbers)


@pytest.mark.parametrize(("capacity", "head", "lengths"), [
    (64, 0, [40, 40, 40, 40]),
    (64, 63, [2, 2, 3, 60, 64, 65]),
    (64, 17, [200, 150]),
    (100, 99, [32, 32, 32, 32, 32, 32, 32]),
    (1000, 990, [50, 60, 70]),
])  # fmt: skip
def test_every_draw_is_a_transition_with_its_real_successor(capacity, head, lengths):
    rng, state = np.random.default_rng(capacity + head), kernel_state(1, Purpose.KERNEL, 0, head)
    features = rng.normal(size=(BARS, PUBLIC)).astype(np.float32)
    ring, seen = Ring(capacity, head), 0

    for length in lengths:
        for _ in ring.window(int(rng.integers(BARS - length)), length, rng):
            seen += len(check(ring, state, features))

    assert seen > len(ring.entries)


def test_all_that_may_be_drawn_is_drawn_evenly():
    rng, state = np.random.default_rng(1), kernel_state(1, Purpose.KERNEL, 0, 0)
    ring = Ring(16, 5)
    for _ in range(5):
        list(ring.window(0, 6, rng))

    counts = dict.fromkeys(ring.drawable(), 0)
    picks = np.empty(1000, np.int64)
    for _ in range(12):
        draw(state, ring.head, ring.remembered, ring.action, picks)
        for slot in picks:
            counts[int(ring.private[slot, 0])] += 1

    share = 12_000 / len(counts)
    # at most 12 degrees of freedom: 33 is passed once in a thousand
    assert sum((count - share) ** 2 / share for count in counts.values()) < 33


def test_nothing_is_drawn_before_there_is_a_transition_with_a_successor():
    state, picks = kernel_state(1, Purpose.KERNEL, 0, 0), np.empty(4, np.int64)
    ring = Ring(64)

    assert not draw(state, ring.head, ring.remembered, ring.action, picks)
    ring.write(2, 0)
    assert not draw(state, ring.head, ring.remembered, ring.action, picks)
    ring.write(2, 1)
    assert draw(state, ring.head, ring.remembered, ring.action, picks)
    assert set(picks) == {0}


def test_draws_depend_on_the_generator_alone():
    ring = Ring(64)
    list(ring.window(0, 60, np.random.default_rng(1)))
    first, second = np.empty(32, np.int64), np.empty(32, np.int64)

    draw(kernel_state(1, Purpose.KERNEL, 0, 1), ring.head, ring.remembered, ring.action, first)
    draw(kernel_state(1, Purpose.KERNEL, 0, 1), ring.head, ring.remembered, ring.action, second)

    np.testing.assert_array_equal(first, second)
    state = kernel_state(1, Purpose.KERNEL, 0, 2)
    draw(state, ring.head, ring.remembered, ring.action, second)
    assert (first != second).any()
    assert uniform(state) != uniform(kernel_state(1, Purpose.KERNEL, 0, 2))


def test_without_premium_the_higher_timeframes_are_zero_in_states_and_successors():
    features = np.random.default_rng(1).normal(size=(BARS, PUBLIC)).astype(np.float32)
    ring = Ring(64)
    list(ring.window(10, 30, np.random.default_rng(2)))
    picks, full, masked = (
        np.arange(5),
        np.empty((5, INPUTS), np.float32),
        np.empty((5, INPUTS), np.float32),
    )

    bars = np.empty(5, np.int64)
    for step in (0, 1):
        gather(picks + step, ring.private, ring.bar, features, True, full, bars)
        gather(picks + step, ring.private, ring.bar, features, False, masked, bars)

        assert full[:, PREMIUM_FROM:PUBLIC].all()
        assert not masked[:, PREMIUM_FROM:PUBLIC].any()
        np.testing.assert_array_equal(
            np.delete(masked, range(PREMIUM_FROM, PUBLIC), 1),
            np.delete(full, range(PREMIUM_FROM, PUBLIC), 1),
        )
