"""vectorbt, which computes no network: it is given every agent's signals and only keeps the accounts, all columns in one call."""

import time

import numpy as np
import vectorbt as vbt

from arena.engine.play import MarketView
from arena.settings_schema import Settings

SELL, BUY = 0, 2


class Vectorbt:
    """actions uint8 [bars, agents], decided at each close; `measure()` runs them all once more."""

    def __init__(self, market: MarketView, stretch: tuple[int, int], settings: Settings, actions: np.ndarray):
        opens, closes = (market.bars_of(0)[n][stretch[0] : stretch[1]] for n in (0, 3))
        # an order is filled at the open of the bar after its decision
        decided = np.vstack([np.ones((1, actions.shape[1]), np.uint8), actions[:-1]])
        costs = settings.costs
        self.told = {
            "close": np.tile(closes[:, None], actions.shape[1]),
            "price": opens[:, None],
            "entries": decided == BUY,
            "exits": decided == SELL,
            "fees": costs.fee,
            "slippage": costs.half_spread + costs.slippage,
            "init_cash": settings.life.endowment,
        }
        self.measure()

    def measure(self) -> float:
        """Agent-bars per second."""
        began = time.perf_counter()
        self.portfolio = vbt.Portfolio.from_signals(**self.told)
        return self.told["entries"].size / (time.perf_counter() - began)

    def returns(self) -> list[float]:
        """Of each agent."""
        return self.portfolio.total_return().tolist()
