"""The interface of everything that trades: a rule, or a network through its adapter.

An observation is float32 [24]: 20 public features of the market, then exposure, 10 x unrealised
return, drawdown, cost multiplier - 1.
"""

from typing import Protocol

import numpy as np

SELL, HOLD, BUY = 0, 1, 2

# columns of the observation that rules read; features are normalised except the positions in the
# range, which lie in [-1, 1]
RANGE_16 = 8
RANGE_64 = 9
EXPOSURE = 20


class TradingStrategy(Protocol):
    """Decides at the close of a bar, and learns afterwards how its trades ended."""

    name: str

    def decide(self, observation: np.ndarray) -> int:
        """SELL, HOLD or BUY for one observation, float32 [24]."""
        ...

    def on_win(self, profit: float) -> None:
        """A trade was closed with this net profit, > 0."""
        ...

    def on_loss(self, loss: float) -> None:
        """A trade was closed with this net loss, >= 0."""
        ...
