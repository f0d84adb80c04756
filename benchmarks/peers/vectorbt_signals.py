"""vectorbt, which computes no network: it is given every agent's signals and keeps the accounts,
all columns in one call.

`from_signals` leaves figures until they are asked for; `figures` asks for those that `evaluate`
gives.
"""

import time
from collections.abc import Callable

import numpy as np
import vectorbt as vbt

from arena.prices.market.view import MarketView
from arena.settings_schema import Settings

SELL, BUY = 0, 2


class Vectorbt:
    """actions uint8 [bars, agents], decided at each close; both measures run them all once more."""

    def __init__(
        self, market: MarketView, stretch: tuple[int, int], settings: Settings, actions: np.ndarray
    ):
        opens, closes = (
            each[0, stretch[0] : stretch[1]] for each in (market.prices.open, market.prices.close)
        )
        # an order is filled at the open of the bar after its decision
        decided = np.vstack([np.ones((1, actions.shape[1]), np.uint8), actions[:-1]])
        costs = settings.costs
        self.signals = {
            "close": np.tile(closes[:, None], actions.shape[1]),
            "price": opens[:, None],
            "entries": decided == BUY,
            "exits": decided == SELL,
            "fees": costs.fee,
            "slippage": costs.half_spread + costs.slippage,
            "init_cash": settings.life.endowment,
            "freq": "1h",
        }
        self.figures()

    def portfolio(self) -> vbt.Portfolio:
        """The accounts after all bars."""
        return vbt.Portfolio.from_signals(**self.signals)

    def figures(self) -> dict[str, np.ndarray]:
        """Of each agent: return, Sharpe ratio, largest drawdown, trades."""
        kept = self.portfolio()
        asked = {
            "return": kept.total_return,
            "sharpe": kept.sharpe_ratio,
            "max_drawdown": kept.max_drawdown,
            "trades": kept.trades.count,
        }
        return {name: np.asarray(figure()) for name, figure in asked.items()}

    def rate(self, work: Callable[[], object]) -> float:
        """Agent-bars per second of `figures`, or of `portfolio` alone."""
        began = time.perf_counter()
        work()
        return self.signals["entries"].size / (time.perf_counter() - began)

    def returns(self) -> list[float]:
        """Of each agent."""
        return self.figures()["return"].tolist()
