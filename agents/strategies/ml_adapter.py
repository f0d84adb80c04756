"""Any network of `ml` as a strategy: the bridge between learning and trading."""

import numpy as np

from agents.strategies.base import HOLD
from ml.errors import ShapeError
from ml.learning.exploration import FINITE, HIGHEST, LOWEST, NO_ACTION, greedy
from ml.networks.base import ACTIONS, INPUTS, LOOKBACK, PUBLIC, Network

# of epsilon, for every winning trade
WIN_FACTOR = 0.995


class NetworkStrategy:
    """Trades by the action values of one network, greedily, or with a chance of a random action
    where a generator is given.

    weights: float32 [parameters] of `network` with these `hidden` units; anything else raises
    ShapeError. past: float32 [bars, PUBLIC], public inputs of the bars before the first one it
    decides on, for a network that looks back; None = none.
    """

    def __init__(
        self,
        network: Network,
        hidden: tuple[int, ...],
        weights: np.ndarray,
        *,
        epsilon: float = 0.0,
        rng: np.random.Generator | None = None,
        past: np.ndarray | None = None,
    ):
        if weights.shape != (network.layout(hidden).size,):
            raise ShapeError(
                f"{network.kind} {list(hidden)} has {network.layout(hidden).size} parameters, got"
                f" {list(weights.shape)}"
            )
        self.name = network.kind
        self.network = network
        self.hidden = hidden
        self.weights = weights
        self.epsilon = epsilon
        self.rng = rng
        self.past = np.empty((0, PUBLIC), np.float32) if past is None else past
        # what it carries begins with the first bar it decides on, as in every window
        self.carried = network.fresh_memory(hidden)

    def decide(self, observation: np.ndarray) -> int:
        """SELL, HOLD or BUY for one observation, float32 [24]; HOLD where an action value is not
        finite, so NaN never wins.
        """
        if observation.shape != (INPUTS,):
            raise ShapeError(f"an observation has {INPUTS} values, got {list(observation.shape)}")
        self.past = np.vstack([self.past[1 - LOOKBACK :], observation[None, :PUBLIC]])
        q = self.network.q_values(self.hidden, self.weights, observation, self.past, self.carried)
        if self.rng is not None and self.rng.random() < self.epsilon:
            return int(self.rng.integers(ACTIONS))
        best = int(greedy(q, FINITE))
        return HOLD if best == NO_ACTION else best

    def on_win(self, profit: float) -> None:
        """Every winning trade makes it explore a little less."""
        if self.epsilon > 0.0:
            self.epsilon = min(max(self.epsilon * WIN_FACTOR, LOWEST), HIGHEST)

    def on_loss(self, loss: float) -> None:
        """A loss is felt through the reward, not here."""
