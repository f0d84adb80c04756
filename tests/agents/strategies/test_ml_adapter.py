"""Any network as a strategy."""

import numpy as np
import pytest

from agents.strategies.base import BUY, HOLD
from agents.strategies.ml_adapter import WIN_FACTOR, NetworkStrategy
from arena.engine.trading import windows
from ml.errors import ShapeError
from ml.networks.base import INPUTS, PUBLIC
from ml.networks.registry import NETWORKS

HIDDEN = (8, 8)


def born(kind: str) -> np.ndarray:
    return NETWORKS[kind].born(HIDDEN, np.random.default_rng(1))


def look(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=INPUTS).astype(np.float32)


@pytest.mark.parametrize("kind", list(NETWORKS))
def test_it_takes_the_action_of_highest_value(kind):
    network = NETWORKS[kind]
    strategy, carried = NetworkStrategy(network, HIDDEN, born(kind)), network.fresh_memory(HIDDEN)
    seen = np.array([look(seed) for seed in range(40)])

    for n, observation in enumerate(seen):
        values = network.q_values(HIDDEN, born(kind), observation, seen[: n + 1, :PUBLIC], carried)
        assert strategy.decide(observation) == np.argmax(values)
    assert strategy.name == kind


def test_nan_never_wins():
    weights = born("q_net")
    weights[-1] = np.nan

    assert NetworkStrategy(NETWORKS["q_net"], HIDDEN, weights).decide(look()) == HOLD


def test_of_equal_values_the_first_action_is_taken():
    weights = np.zeros_like(born("q_net"))
    weights[-2:] = 1.0

    assert NetworkStrategy(NETWORKS["q_net"], HIDDEN, weights).decide(look()) == HOLD
    weights[-2] = 0.0
    assert NetworkStrategy(NETWORKS["q_net"], HIDDEN, weights).decide(look()) == BUY


def test_it_explores_with_chance_epsilon_where_it_has_a_generator():
    network, weights = NETWORKS["q_net"], born("q_net")
    strategy = NetworkStrategy(network, HIDDEN, weights, epsilon=0.6, rng=np.random.default_rng(2))
    best = NetworkStrategy(network, HIDDEN, weights).decide(look())

    away = np.mean([strategy.decide(look()) != best for _ in range(3000)])

    assert away == pytest.approx(0.6 * 2 / 3, abs=0.03)


def test_a_win_lessens_exploration_and_a_loss_does_not():
    strategy = NetworkStrategy(
        NETWORKS["q_net"], HIDDEN, born("q_net"), epsilon=0.5, rng=np.random.default_rng(2)
    )

    strategy.on_loss(3.0)
    assert strategy.epsilon == 0.5
    strategy.on_win(3.0)
    assert strategy.epsilon == 0.5 * WIN_FACTOR
    for _ in range(2000):
        strategy.on_win(3.0)
    assert strategy.epsilon == 0.01


def test_a_win_weighs_what_it_weighs_in_the_engine():
    assert WIN_FACTOR == windows.WIN


def test_weights_and_observations_of_another_shape_are_refused():
    network = NETWORKS["q_net"]

    with pytest.raises(ShapeError, match="parameters, got \\[5\\]"):
        NetworkStrategy(network, HIDDEN, np.zeros(5, np.float32))
    with pytest.raises(ShapeError, match="24 values"):
        NetworkStrategy(network, HIDDEN, born("q_net")).decide(np.zeros(20, np.float32))
