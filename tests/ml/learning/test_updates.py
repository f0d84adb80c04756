"""One step of learning against the whole of it written out in NumPy."""

from itertools import islice

import numpy as np
import pytest

from ml.learning import priorities
from ml.learning.algorithms import learner_of
from ml.learning.bench import bench_of
from ml.learning.contexts import Brain, Learner, Memory
from ml.learning.priorities import FLOOR
from ml.learning.replay import ENDED, TAIL
from ml.networks.base import PREMIUM_FROM, PRIVATE, PUBLIC, View
from ml.networks.q_net import Q_NET
from ml.rng import Purpose, kernel_state
from tests.ml.networks.slow import slow_gradient, slow_q

HIDDEN, BATCH, CAPACITY, FILLED, STEP = (9, 6), 16, 64, 50, 12
LEARN = learner_of(Q_NET)


class Student:
    """Two networks, an optimiser in mid-run and a memory of FILLED slots that wraps around its
    end.
    """

    def __init__(self, seed=1):
        rng = np.random.default_rng(seed)
        self.online, self.target = Q_NET.born(HIDDEN, rng), Q_NET.born(HIDDEN, rng)
        self.m = (rng.normal(size=len(self.online)) * 0.01).astype(np.float32)
        self.v = (rng.random(len(self.online)) * 1e-3 + 1e-3).astype(np.float32)
        self.random = kernel_state(seed, Purpose.KERNEL, 0, 1)
        self.head = 20
        self.action = rng.integers(0, 3, CAPACITY).astype(np.int8)
        self.action[::7] += ENDED
        self.action[[3, 40]] = TAIL
        self.private = rng.normal(size=(CAPACITY, PRIVATE)).astype(np.float32)
        self.reward = (2 * rng.normal(size=CAPACITY)).astype(np.float32)
        self.bar = rng.permutation(CAPACITY).astype(np.int32)
        self.features = rng.normal(size=(CAPACITY, PUBLIC)).astype(np.float32)
        age = (self.head - 1 - np.arange(CAPACITY)) % CAPACITY
        drawable = (age < FILLED) & (self.action != TAIL)
        self.leaves = (np.exp(rng.normal(size=CAPACITY)) * drawable).astype(np.float32)

    def learn(
        self,
        *,
        rate=1e-3,
        gamma=0.9,
        double=True,
        clip=10.0,
        decay=0.0,
        premium=True,
        n_step=1,
        squared=False,
        alpha=0.0,
        beta=0.4,
        updates=40,
    ):
        tree, bounds = priorities.empty(CAPACITY if alpha else 0)
        priorities.plant(tree, bounds, self.leaves if alpha else self.leaves[:0])
        memory = Memory(
            self.private, self.action, self.reward, self.bar, tree, bounds, self.head, FILLED
        )
        bench = bench_of(Q_NET, HIDDEN, BATCH, len(self.bar))
        learner = Learner(rate, gamma, double, clip, decay, n_step, squared, alpha, beta, updates)
        view = View(self.features, premium)
        result = LEARN(
            self.random, learner, self.brain, memory, STEP, view, Q_NET.sizes(HIDDEN), bench
        )
        if alpha:
            self.leaves = priorities.leaves(tree).astype(np.float32)
        return result

    @property
    def brain(self):
        return Brain(self.online, self.target, self.m, self.v)

    def everything(self):
        return [part.copy() for part in (self.online, self.target, self.m, self.v, self.leaves)]


def slow_uniforms(student):
    """Uniform numbers by plain integers, without end."""
    state, mask = [int(word) for word in student.random], 2**64 - 1

    def rotate(x, k):
        return (x << k | x >> (64 - k)) & mask

    while True:
        bits = (rotate((state[0] + state[3]) & mask, 23) + state[0]) & mask
        a, b, c, d = state
        c, d = c ^ a, d ^ b
        state = [a ^ d, b ^ c, c ^ (b << 17 & mask), rotate(d, 45)]
        yield (bits >> 11) / 2**53


def slow_picks(student):
    """A number for each slot, drawn again where it is a tail."""
    slots = (
        (student.head - 2 - int(number * (FILLED - 1))) % CAPACITY
        for number in slow_uniforms(student)
    )
    return np.array(list(islice((slot for slot in slots if student.action[slot] != TAIL), BATCH)))


def slow_picks_by_priority(student):
    """One slot of each of BATCH equal parts of the sum, slots in a row as the leaves of a tree of
    their number stand.
    """
    chances = student.leaves.astype(float)
    chances[student.head - 1] = 0.0
    edges, numbers = np.cumsum(chances), slow_uniforms(student)
    places = [(n + next(numbers)) * edges[-1] / BATCH for n in range(BATCH)]
    return np.searchsorted(edges, places, side="right")


def slow_future(student, slot, gamma, n_step):
    """(rewards summed, discount of the rest, ended, slot reached) of up to n_step bars from `slot`
    on.
    """
    total, newest = 0.0, student.head - 1
    for k in range(n_step):
        total += gamma**k * float(student.reward[slot])
        ended, slot = bool(student.action[slot] >= ENDED), (slot + 1) % CAPACITY
        if ended or slot == newest or student.action[slot] == TAIL:
            break
    return total, gamma ** (k + 1), ended, slot


def slow_learn(
    student,
    *,
    rate=1e-3,
    gamma=0.9,
    double=True,
    clip=10.0,
    decay=0.0,
    premium=True,
    n_step=1,
    squared=False,
    alpha=0.0,
    beta=0.4,
    updates=40,
):
    """(loss, online, m, v, priorities) after one update, in float64."""
    picks, weights, leaves = slow_picks(student), np.ones(BATCH), student.leaves.astype(float)
    if alpha:
        picks = slow_picks_by_priority(student)
        weights = (leaves[picks] / leaves[leaves > 0].min()) ** -(
            beta + (1 - beta) * min(STEP / updates, 1)
        )
    followed = [slow_future(student, int(pick), gamma, n_step) for pick in picks]
    rewards, factors, ended, after = (np.array(part) for part in zip(*followed, strict=True))
    see = lambda slots: np.hstack([student.features[student.bar[slots]], student.private[slots]])  # noqa: E731
    x, x_after = see(picks), see(after)
    if not premium:
        x[:, PREMIUM_FROM:PUBLIC] = x_after[:, PREMIUM_FROM:PUBLIC] = 0.0
    code = student.action[picks].astype(int)
    action, rows = code % ENDED, np.arange(BATCH)
    q_after = slow_q(student.target, HIDDEN, x_after)
    best = np.argmax(slow_q(student.online, HIDDEN, x_after) if double else q_after, axis=1)
    aim = rewards + factors * np.where(ended, 0.0, q_after[rows, best])
    error = slow_q(student.online, HIDDEN, x)[rows, action] - aim
    loss = np.mean(
        0.5 * error**2
        if squared
        else np.where(np.abs(error) <= 1, 0.5 * error**2, np.abs(error) - 0.5)
    )
    grad = slow_gradient(
        student.online,
        HIDDEN,
        x,
        action,
        weights * (error if squared else np.clip(error, -1, 1)) / BATCH,
    )
    grad *= min(1.0, clip / np.linalg.norm(grad))
    m, v = 0.9 * student.m + 0.1 * grad, 0.999 * student.v + 0.001 * grad**2
    online = (1 - rate * decay) * student.online - rate * (m / (1 - 0.9**STEP)) / (
        np.sqrt(v / (1 - 0.999**STEP)) + 1e-8
    )
    if alpha:
        leaves[picks] = (np.abs(error) + FLOOR) ** alpha
    return loss, online, m, v, leaves


CHOICES = [
    {},
    {"double": False},
    {"gamma": 0.0},
    {"clip": 0.01},
    {"decay": 5.0},
    {"rate": 0.05},
    {"premium": False},
    {"n_step": 3},
    {"squared": True},
    {"n_step": 16, "double": False, "squared": True},
    {"double": False, "premium": False, "gamma": 0.99, "clip": 0.1},
    {"alpha": 0.6},
    {"alpha": 1.0, "beta": 1.0, "n_step": 3},
    {"alpha": 0.6, "beta": 0.0, "squared": True},
    {"alpha": 0.6, "updates": STEP - 2, "double": False},
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_one_step_equals_the_whole_update_written_out(choice, seed):
    student = Student(seed)
    expected = slow_learn(student, **choice)
    target = student.target.copy()

    loss, steps = student.learn(**choice)

    assert loss == pytest.approx(expected[0], rel=1e-4)
    rate = choice.get("rate", 1e-3)
    np.testing.assert_allclose(student.online, expected[1], rtol=1e-5, atol=1e-3 * rate)
    np.testing.assert_allclose(student.m, expected[2], rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(student.v, expected[3], rtol=1e-3, atol=1e-7)
    np.testing.assert_array_equal(student.target, target)
    np.testing.assert_allclose(student.leaves, expected[4], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("choice", CHOICES[1:], ids=str)
def test_every_choice_is_told_from_its_absence(choice):
    usual, other = Student(), Student()

    usual.learn()
    other.learn(**choice)

    assert (usual.online != other.online).any()


@pytest.mark.parametrize("alpha", [0.0, 0.6])
def test_nothing_is_learnt_from_a_memory_without_transitions(alpha):
    student = Student()
    student.action[:] = TAIL
    student.leaves[:] = 0.0
    before = student.everything()

    assert student.learn(alpha=alpha) == (0.0, 0)

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


@pytest.mark.parametrize("alpha", [0.0, 0.6])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("poison", [poison_reward, poison_target, poison_online, poison_private])
def test_what_is_not_finite_is_refused_and_nothing_changes(poison, bad, alpha):
    student = Student()
    poison(student, bad)
    before = student.everything()

    assert np.isnan(student.learn(alpha=alpha)[0])

    for part, was in zip(student.everything(), before, strict=True):
        np.testing.assert_array_equal(part, was)


def test_a_huge_but_finite_reward_moves_no_weight_further_than_its_rate_allows():
    student = Student()
    student.reward[:] = 1e30
    before = student.online.copy()

    loss, _ = student.learn()

    assert np.isfinite(loss)
    assert np.abs(student.online - before).max() < 0.1


def rare_reward_errors(alpha, updates=600):
    """|Q - 5| after each update, of a transition worth 5 among 2,000 that are worth nothing."""
    student, n = Student(), 2000
    tree, bounds = priorities.empty(n if alpha else 0)
    priorities.plant(tree, bounds, np.full(n if alpha else 0, 1.0, np.float32))
    rng = np.random.default_rng(2)
    private, action = rng.normal(size=(n, PRIVATE)).astype(np.float32), np.ones(n, np.int8)
    reward, bar, rare = np.zeros(n, np.float32), np.zeros(n, np.int32), 777
    reward[rare], private[rare] = 5.0, (3.0, -3.0, 3.0, -3.0)
    memory, errors = Memory(private, action, reward, bar, tree, bounds, 0, n), []
    student.m[:] = student.v[:] = 0
    bench, sizes = bench_of(Q_NET, HIDDEN, BATCH, n), Q_NET.sizes(HIDDEN)
    learner, view = (
        Learner(1e-2, 0.0, True, 10.0, 0.0, 1, False, alpha, 0.4, updates),
        View(student.features, True),
    )
    seen = np.hstack([student.features[0], private[rare]])[None]
    for step in range(1, updates + 1):
        LEARN(student.random, learner, student.brain, memory, step, view, sizes, bench)
        errors.append(abs(slow_q(student.online, HIDDEN, seen)[0, 1] - 5.0))
    return np.array(errors)


def test_a_rare_reward_is_learnt_sooner_by_priority():
    even, by_priority = rare_reward_errors(0.0), rare_reward_errors(0.8)

    assert by_priority[-50:].mean() < 1.0
    assert even[-50:].mean() > 3.0
