"""backtesting.py with the network inside `next()`: one agent, decided at every bar's close, filled
at the next one's open.
"""

import time

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy

from arena.prices.market.view import MarketView
from arena.settings_schema import Settings
from ml.networks.base import INPUTS, PUBLIC
from ml.networks.registry import NETWORKS
from ml.params import Layout

SELL, BUY = 0, 2


class Networked(Strategy):
    """Three actions from a ReLU network over the public features and the agent's own private
    inputs.
    """

    features: np.ndarray
    layers: list[tuple[np.ndarray, np.ndarray]]

    def init(self):
        self.x, self.peak = np.zeros(INPUTS, np.float32), self.equity

    def next(self):
        action = int(self.q_values().argmax())
        if action == BUY and not self.position:
            self.buy()
        elif action == SELL and self.position:
            self.position.close()

    def q_values(self):
        x, equity, position = self.x, self.equity, self.position
        self.peak = max(self.peak, equity)
        x[:PUBLIC] = self.features[len(self.data) - 1]
        x[PUBLIC] = position.size * self.data.Close[-1] / equity
        x[PUBLIC + 1] = 10.0 * position.pl_pct / 100.0 if position else 0.0
        x[PUBLIC + 2] = 1.0 - equity / self.peak
        *layers, (w_last, b_last) = self.layers
        h = x
        for w, b in layers:
            h = np.maximum(h @ w + b, 0.0)
        return h @ w_last + b_last


class Backtesting:
    """One agent's back-test; `measure()` runs it once more."""

    def __init__(
        self, market: MarketView, stretch: tuple[int, int], settings: Settings, weights: np.ndarray
    ):
        bars = slice(*stretch)
        names = ("Open", "High", "Low", "Close")
        times = pd.date_range("2020-01-01", periods=stretch[1] - stretch[0], freq="h")
        table = pd.DataFrame(
            {name: price[bars] for name, price in zip(names, market.bars_of(0), strict=False)},
            index=times,
        )
        layers = layers_of(NETWORKS["q_net"].layout(settings.network.hidden), weights)
        strategy = type(
            "Agent", (Networked,), {"features": market.features[bars], "layers": layers}
        )
        costs = settings.costs
        # fractions of a unit are what the endowment buys: prices are made small enough for that
        money = 1000.0 * float(table["High"].max())
        spread = 2.0 * (costs.half_spread + costs.slippage)
        self.backtest = Backtest(
            table, strategy, cash=money, commission=costs.fee, spread=spread, finalize_trades=True
        )
        self.bars = len(table)
        self.measure()

    def measure(self) -> float:
        """Bars per second; one agent."""
        began = time.perf_counter()
        self.figures = self.backtest.run()
        return self.bars / (time.perf_counter() - began)

    def returns(self) -> list[float]:
        """Of its one agent."""
        return [float(self.figures["Return [%]"]) / 100.0]


def layers_of(layout: Layout, weights: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """(matrix [in, out], biases) of each layer; the last one is stored transposed."""
    parts = [weights[part.slice].reshape(part.shape) for part in layout.parts]
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    return [*pairs[:-1], (np.ascontiguousarray(pairs[-1][0].T), pairs[-1][1])]
