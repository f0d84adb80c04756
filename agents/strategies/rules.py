"""Strategies that follow a rule: the baselines that every result stands beside (RULES section 10)."""

from collections.abc import Callable

import numpy as np

from agents.strategies.base import BUY, EXPOSURE, HOLD, RANGE_16, RANGE_64, SELL, TradingStrategy

# a price in the outer quarter of its range, on the scale [-1, 1]
OUTER = 0.5


class Rule:
    """A strategy that learns nothing from its trades."""

    name = "rule"

    def on_win(self, profit: float) -> None:
        """Nothing to learn."""

    def on_loss(self, loss: float) -> None:
        """Nothing to learn."""


class BuyAndHold(Rule):
    """Buys while it holds nothing, and never sells."""

    name = "buy_and_hold"

    def decide(self, observation: np.ndarray) -> int:
        return BUY if observation[EXPOSURE] == 0.0 else HOLD


class Cash(Rule):
    """Never trades."""

    name = "cash"

    def decide(self, observation: np.ndarray) -> int:
        return HOLD


class RandomPolicy(Rule):
    """Each action as likely as the others, whatever the market does."""

    name = "random"

    def __init__(self, rng: np.random.Generator):
        self.rng = rng

    def decide(self, observation: np.ndarray) -> int:
        return int(self.rng.integers(3))


class Momentum(Rule):
    """Channel breakout: buys in the top quarter of the 64-bar range, sells in the bottom quarter."""

    name = "momentum"

    def decide(self, observation: np.ndarray) -> int:
        position = observation[RANGE_64]
        if position > OUTER:
            return BUY
        return SELL if position < -OUTER else HOLD


class MeanReversion(Rule):
    """Buys in the bottom quarter of the 16-bar range, sells in the top quarter."""

    name = "mean_reversion"

    def decide(self, observation: np.ndarray) -> int:
        position = observation[RANGE_16]
        if position < -OUTER:
            return BUY
        return SELL if position > OUTER else HOLD


# every baseline by name, made with a generator of its own
RULES: dict[str, Callable[[np.random.Generator], TradingStrategy]] = {
    BuyAndHold.name: lambda rng: BuyAndHold(),
    Cash.name: lambda rng: Cash(),
    RandomPolicy.name: RandomPolicy,
    Momentum.name: lambda rng: Momentum(),
    MeanReversion.name: lambda rng: MeanReversion(),
}
