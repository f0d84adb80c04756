"""Learning from sequences: the draw against every stretch there is, one step against the whole of
it written out in NumPy.
"""

import numpy as np
import pytest

from ml.learning import priorities
from ml.learning.algorithms import learner_of
from ml.learning.bench import bench_of
from ml.learning.contexts import Brain, Learner, Memory
from ml.learning.replay import ENDED, TAIL
from ml.learning.sequences import BURN_IN, STEPS, draw_stretches, follow, rows_of
from ml.networks.base import PREMIUM_FROM, PRIVATE, PUBLIC, View
from ml.networks.lstm import LSTM
from ml.rng import Purpose, kernel_state
from tests.ml.networks.slow_lstm import slow_gradient, slow_values

HIDDEN, BATCH, CAPACITY, FILLED, STEP = (5, 4), 24, 96, 80, 12
LENGTH = BURN_IN + STEPS + 1
LEARN = learner_of(LSTM)
OFF = (0.0, 0.4, 100)


class Student:
    """Two networks, an optimiser in mid-run and a memory of FILLED slots that wraps around its
    end.
    """

    def __init__(self, seed=1, batch=BATCH):
        rng = np.random.default_rng(seed)
        self.batch = batch
        self.online, self.target = (LSTM.born(HIDDEN, rng) * np.float32(1.5) for _ in range(2))
        self.m = (rng.normal(size=len(self.online)) * 0.01).astype(np.float32)
        self.v = (rng.random(len(self.online)) * 1e-3 + 1e-3).astype(np.float32)
        self.random = kernel_state(seed, Purpose.KERNEL, 0, 1)
        self.head = 30
        self.action = rng.integers(0, 3, CAPACITY).astype(np.int8)
        self.action[::5] += ENDED
        self.action[[3, 62]] = TAIL
        self.private = rng.normal(size=(CAPACITY, PRIVATE)).astype(np.float32)
        self.reward = (2 * rng.normal(size=CAPACITY)).astype(np.float32)
        self.bar = rng.permutation(CAPACITY).astype(np.int32)
        self.features = rng.normal(size=(CAPACITY, PUBLIC)).astype(np.float32)

    def learn(
        self,
        *,
        rate=1e-3,
        gamma=0.9,
        double=True,
        clip=10.0,
        decay=0.0,
        n_step=1,
        squared=False,
        premium=True,
    ):
        memory = Memory(
            self.private,
            self.action,
            self.reward,
            self.bar,
            *priorities.empty(0),
            self.head,
            FILLED,
        )
        brain, view = Brain(self.online, self.target, self.m, self.v), View(self.features, premium)
        bench = bench_of(LSTM, HIDDEN, self.batch, len(self.bar))
        learner = Learner(rate, gamma, double, clip, decay, n_step, squared, *OFF)
        return LEARN(self.random, learner, brain, memory, STEP, view, LSTM.sizes(HIDDEN), bench)

    def everything(self):
        return [part.copy() for part in (self.online, self.target, self.m, self.v)]


def whole_stretches(action, head, remembered, bars):
    """Every first slot of a stretch by trying them all, from the oldest entry on."""
    capacity = len(action)
    oldest = head - min(remembered, capacity)
    inside = [
        [(oldest + k + j) % capacity for j in range(bars)]
        for k in range(min(remembered, capacity) - bars + 1)
    ]
    return {slots[0] for slots in inside if all(action[slot] != TAIL for slot in slots[:-1])}


def drawn_stretches(action, head, remembered, bars, draws, seed=1):
    """(whether there were any, picks int64 [draws])."""
    picks = np.full(draws, -1, np.int64)
    return draw_stretches(
        kernel_state(seed, Purpose.KERNEL, 0, 0), head, remembered, action, bars, picks
    ), picks


@pytest.mark.parametrize("seed", range(12))
def test_stretches_are_drawn_evenly_from_all_there_are_and_never_cross_the_end_of_a_window(seed):
    rng = np.random.default_rng(seed)
    capacity, bars = int(rng.integers(30, 60)), int(rng.integers(3, 18))
    head, remembered = int(rng.integers(capacity)), int(rng.integers(bars, 2 * capacity))
    action = rng.choice([0, 1, 2, ENDED], capacity).astype(np.int8)
    action[rng.integers(0, capacity, 2)] = TAIL
    allowed = whole_stretches(action, head, remembered, bars)

    found, picks = drawn_stretches(action, head, remembered, bars, 3000)

    assert found == bool(allowed)
    if found:
        assert set(picks) == allowed
        counts = np.unique(picks, return_counts=True)[1]
        expected = 3000 / len(allowed)
        assert np.abs(counts - expected).max() < 6 * np.sqrt(expected)


def test_nothing_is_drawn_where_no_stretch_is_long_enough():
    action = np.zeros(40, np.int8)

    assert not drawn_stretches(action, 5, 16, 17, 4)[0]
    assert drawn_stretches(action, 5, 17, 17, 4)[0]
    action[::8] = TAIL
    assert not drawn_stretches(action, 5, 40, 17, 4)[0]


def test_a_stretch_is_followed_slot_by_slot_around_the_end_of_the_memory():
    slots = np.full(5 * 2, -1, np.int64)
    slots[:2] = 7, 2

    follow(slots, 2, 10)

    np.testing.assert_array_equal(slots.reshape(5, 2), [[7, 2], [8, 3], [9, 4], [0, 5], [1, 6]])


def slow_firsts(student, sequences, length):
    """Uniform numbers by plain integers, a first slot each, drawn again where the stretch is
    broken.
    """
    state, firsts, mask = [int(word) for word in student.random], [], 2**64 - 1
    allowed = whole_stretches(student.action, student.head, FILLED, length)

    def rotate(x, k):
        return (x << k | x >> (64 - k)) & mask

    while len(firsts) < sequences:
        bits = (rotate((state[0] + state[3]) & mask, 23) + state[0]) & mask
        a, b, c, d = state
        c, d = c ^ a, d ^ b
        state = [a ^ d, b ^ c, c ^ (b << 17 & mask), rotate(d, 45)]
        first = (
            student.head - length - int((bits >> 11) / 2**53 * (FILLED - length + 1))
        ) % CAPACITY
        if first in allowed:
            firsts.append(first)
    return firsts


def slow_returns(rewards, ended, gamma, n_step):
    """[(sum of rewards, discount of what comes after, how many bars on)] of every bar of one
    stretch, by the definition.
    """
    out = []
    for k in range(len(rewards)):
        last = next(
            (j for j in range(k, min(k + n_step, len(rewards))) if ended[j]),
            min(k + n_step, len(rewards)) - 1,
        )
        total = sum(gamma ** (j - k) * rewards[j] for j in range(k, last + 1))
        out.append((total, 0.0 if ended[last] else gamma ** (last - k + 1), last + 1))
    return out


def slow_learn(
    student,
    *,
    rate=1e-3,
    gamma=0.9,
    double=True,
    clip=10.0,
    decay=0.0,
    n_step=1,
    squared=False,
    premium=True,
):
    """(loss, online, m, v) after one update, in float64, one sequence after another."""
    steps = min(STEPS, student.batch)
    n, length = student.batch // steps, BURN_IN + steps + 1
    loss, grad = 0.0, np.zeros(len(student.online))
    for first in slow_firsts(student, n, length):
        slots = (first + np.arange(length)) % CAPACITY
        x = np.hstack([student.features[student.bar[slots]], student.private[slots]])
        if not premium:
            x[:, PREMIUM_FROM:PUBLIC] = 0.0
        q, q_target = (
            slow_values(theta, HIDDEN, x)[BURN_IN:] for theta in (student.online, student.target)
        )
        code = student.action[slots[BURN_IN:-1]].astype(int)
        dout = np.zeros((BURN_IN + steps, 3))
        for k, (total, discount, at) in enumerate(
            slow_returns(student.reward[slots[BURN_IN:-1]], code >= ENDED, gamma, n_step)
        ):
            best = np.argmax(q[at] if double else q_target[at])
            error = q[k, code[k] % ENDED] - total - discount * q_target[at, best]
            small = squared or abs(error) <= 1
            loss += (0.5 * error**2 if small else abs(error) - 0.5) / (n * steps)
            dout[BURN_IN + k, code[k] % ENDED] = (error if small else np.sign(error)) / (n * steps)
        grad += slow_gradient(student.online, HIDDEN, x[:-1], dout)
    grad *= min(1.0, clip / np.linalg.norm(grad))
    m, v = 0.9 * student.m + 0.1 * grad, 0.999 * student.v + 0.001 * grad**2
    online = (1 - rate * decay) * student.online - rate * (m / (1 - 0.9**STEP)) / (
        np.sqrt(v / (1 - 0.999**STEP)) + 1e-8
    )
    return loss, online, m, v


CHOICES = [
    {},
    {"double": False},
    {"gamma": 0.0},
    {"clip": 0.01},
    {"decay": 5.0},
    {"rate": 0.05},
    {"n_step": 3},
    {"squared": True},
    {"premium": False},
    {"double": False, "premium": False, "gamma": 0.99, "clip": 0.1, "n_step": 20},
]


@pytest.mark.parametrize("batch", [BATCH, 1, 5, 13])
@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_one_step_equals_the_whole_update_written_out(choice, batch):
    student = Student(batch, batch)
    expected = slow_learn(student, **choice)
    target = student.target.copy()

    loss, steps = student.learn(**choice)

    assert steps == 1
    assert loss == pytest.approx(expected[0], rel=1e-4)
    rate = choice.get("rate", 1e-3)
    np.testing.assert_allclose(student.online, expected[1], rtol=1e-5, atol=2e-3 * rate)
    np.testing.assert_allclose(student.m, expected[2], rtol=1e-3, atol=2e-6)
    np.testing.assert_allclose(student.v, expected[3], rtol=1e-3, atol=1e-7)
    np.testing.assert_array_equal(student.target, target)


@pytest.mark.parametrize("choice", CHOICES[1:], ids=str)
def test_every_choice_is_told_from_its_absence(choice):
    usual, other = Student(), Student()

    usual.learn()
    other.learn(**choice)

    assert (usual.online != other.online).any()


@pytest.mark.parametrize(
    ("batch", "rows"), [(64, 17 * 8), (8, 17), (15, 17), (16, 34), (1, 10), (5, 14)]
)
def test_an_update_observes_all_bars_of_its_sequences_and_one_after(batch, rows):
    assert rows_of(batch) == rows


def test_what_came_in_the_bars_called_back_changes_what_is_learned():
    usual, other = Student(), Student()
    [first] = slow_firsts(usual, 1, LENGTH)
    other.private[(first + BURN_IN - 1) % CAPACITY] += 1.0

    usual.learn()
    other.learn()

    assert (usual.online != other.online).any()


def test_nothing_is_learnt_from_a_memory_without_stretches():
    student = Student()
    student.action[::9] = TAIL
    before = student.everything()

    assert student.learn() == (0.0, 0)

    for part, was in zip(student.everything(), before, strict=True):
        np.testing.assert_array_equal(part, was)


def poison_reward(student, bad):
    student.reward[:] = bad


def poison_target(student, bad):
    student.target[-2:] = bad


def poison_online(student, bad):
    student.online[-3:] = bad


def poison_private(student, bad):
    student.private[:] = bad


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("poison", [poison_reward, poison_target, poison_online, poison_private])
def test_what_is_not_finite_is_refused_and_nothing_changes(poison, bad):
    student = Student()
    poison(student, bad)
    before = student.everything()

    assert np.isnan(student.learn()[0])

    for part, was in zip(student.everything(), before, strict=True):
        np.testing.assert_array_equal(part, was)
