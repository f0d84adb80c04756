"""What the benchmark counts: floating-point operations of the shapes, against the products
themselves written out.
"""

from itertools import pairwise

import numpy as np
import pytest

from arena.engine import flops
from benchmarks.ours import Population
from benchmarks.work import WINDOW, market, settings_of
from ml.learning.rollouts import EPOCHS
from ml.learning.sequences import BURN_IN, STEPS
from ml.networks.base import ACTIONS, INPUTS, LOOKBACK, PUBLIC


class Counted(np.ndarray):
    """An array whose products are counted, 2 n i o each."""

    total = 0

    def __matmul__(self, other):
        n = self.size // self.shape[-1]
        Counted.total += 2 * n * self.shape[-1] * other.shape[-1]
        return np.asarray(np.matmul(np.asarray(self), np.asarray(other))).view(Counted)


def counted(work) -> int:
    Counted.total = 0
    work()
    return Counted.total


def zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape).view(Counted)


def forth(units, n):
    h = zeros(n, units[0])
    for i, o in pairwise(units):
        h = h @ zeros(i, o)


def back(units, n, *, to_input=False):
    d = zeros(n, units[-1])
    for k, (i, o) in reversed(list(enumerate(pairwise(units)))):
        zeros(i, n) @ d
        if k or to_input:
            d = d @ zeros(o, i)


def per_step(kind, hidden):
    settings = settings_of(hidden, 2, kind)
    bars = 128 * settings.learning.update_every
    return flops.practice(settings, before=0, bars=bars, window=511) / bars


def test_the_plain_network_takes_what_the_goals_were_set_by():
    assert per_step("q_net", (64,)) == pytest.approx(176e3, rel=0.005)
    assert per_step("q_net", (64, 64)) == pytest.approx(708e3, rel=0.005)


@pytest.mark.parametrize("hidden", [(64,), (64, 64), (33, 17, 9)])
@pytest.mark.parametrize(("kind", "outputs"), [("q_net", 3), ("dueling", 4)])
def test_an_update_counts_the_products_of_two_passes_there_and_one_back(kind, outputs, hidden):
    units = (INPUTS, *hidden, outputs)

    written_out = counted(lambda: (forth(units, 64), forth(units, 64), back(units, 64)))

    assert flops.update(kind, hidden, 64) == written_out


def test_double_q_learning_is_one_pass_more():
    more = flops.update("q_net", (64, 64), 64, double=True) - flops.update("q_net", (64, 64), 64)

    assert more == counted(lambda: forth((INPUTS, 64, 64, 3), 64))


def test_attention_adds_its_query_and_two_sums_over_the_lags_each_way():
    heads, n = 2, 64
    past, joined = zeros(LOOKBACK, PUBLIC), (INPUTS + heads * PUBLIC, 64, ACTIONS)

    def look_back(query, weights):
        for _ in range(n * heads):
            assert (zeros(1, PUBLIC) @ past.T).shape == query
            assert (zeros(1, LOOKBACK) @ past).shape == weights

    def lookup():
        zeros(n, INPUTS) @ zeros(INPUTS, heads * PUBLIC)
        look_back((1, LOOKBACK), (1, PUBLIC))

    def lookup_backward():
        look_back((1, LOOKBACK), (1, PUBLIC))
        zeros(INPUTS, n) @ zeros(n, heads * PUBLIC)

    def update():
        for _ in range(2):
            lookup()
            forth(joined, n)
        back(joined, n, to_input=True)
        lookup_backward()

    assert flops.update("attention", (64,), 64) == counted(update)


def test_an_lstm_counts_every_bar_of_its_sequences():
    h, n, bars, learned = 64, 64 // STEPS, BURN_IN + STEPS + 1, STEPS
    wx, wh = zeros(INPUTS, 4 * h), zeros(h, 4 * h)

    def forward():
        for bar in range(bars):
            zeros(n, INPUTS) @ wx
            if bar:
                zeros(n, h) @ wh
        forth((h, 64, ACTIONS), n * (learned + 1))

    def backward():
        for bar in range(bars - 1):
            zeros(INPUTS, n) @ zeros(n, 4 * h)
            zeros(h, n) @ zeros(n, 4 * h)
            if bar:
                zeros(n, 4 * h) @ wh.T
        back((h, 64, ACTIONS), n * learned, to_input=True)

    assert flops.update("lstm", (h, 64), 64) == counted(lambda: (forward(), forward(), backward()))


def test_a_policy_learns_from_every_stretch_several_times_and_from_none_across_a_window():
    settings = settings_of((64,), 2, "policy")
    passes, back = flops.row("policy", (64,))

    total = flops.practice(settings, before=0, bars=511, window=511)

    # stretches end at bars 128, 256 and 384
    assert flops.rollout_rows(0, 511, 511, 128) == [127] * 3
    assert total == 511 * passes + 3 * (128 * passes + EPOCHS * 127 * (passes + back))
    # bar 512 is the first of the next window, from which there is nothing to learn yet
    assert flops.rollout_rows(511, 511, 511, 128) == [127] * 3
    assert flops.rollout_rows(0, 600, 100, 128) == [27, 55, 83, 11]


def test_a_policy_makes_as_many_updates_as_are_counted():
    population = Population(market(), (16,), 2, "policy")

    population.measure()

    stretches = flops.rollout_rows(0, 2 * (WINDOW - 1), WINDOW - 1, 128)
    assert population.blocks[0].agents["updates"].tolist() == [EPOCHS * len(stretches)] * 2
