"""A market of several symbols as the engine and its kernels take it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from arena.prices.market.bars import Bars
from arena.prices.market.features import features as features_of


class Prices(NamedTuple):
    """Bars of S symbols side by side, float64 [S, n] each; of one symbol, [n] each.

    Prices are money a unit, volume is units.
    """

    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    volume: np.ndarray


class Market(NamedTuple):
    """A market as kernels take it.

    features: float32 [S * n, 20]; bar t of symbol s is row s * n + t.
    """

    prices: Prices
    features: np.ndarray


@dataclass(frozen=True)
class MarketView:
    """A market of S symbols side by side.

    prices: float64 [S, n] each. features: float32 [S * n, 20]; bar t of symbol s is row s * n + t,
    so that looking back over rows stays within one symbol.
    """

    prices: Prices
    features: np.ndarray

    @classmethod
    def of(
        cls, series: Sequence[Bars], table: Callable[[Bars], np.ndarray] = features_of
    ) -> "MarketView":
        """The view of series that have the same times, one a symbol; ValueError where they have
        not.
        """
        if any(not np.array_equal(bars.time, series[0].time) for bars in series[1:]):
            raise ValueError("series of one market must have the same times")
        # one kind of array for all markets, or kernels would be compiled again for a read-only one
        prices = (
            np.array([getattr(bars, name) for bars in series], np.float64)
            for name in Prices._fields
        )
        return cls(Prices(*prices), np.concatenate([table(bars) for bars in series]))

    @property
    def seen(self) -> Market:
        """As kernels take it."""
        return Market(self.prices, self.features)

    def bars_of(self, symbol: int) -> Prices:
        """The prices of one symbol, float64 [n] each."""
        return Prices(*(each[symbol] for each in self.prices))

    @property
    def symbols(self) -> int:
        """S, how many there are."""
        return len(self.prices.close)

    def __len__(self) -> int:
        return self.prices.close.shape[1]

    def check(self, window: tuple[int, int]) -> None:
        """ValueError unless bars start .. stop - 1 of a window (start, stop) are some of these."""
        start, stop = window
        if not 0 <= start < stop <= len(self):
            raise ValueError(f"bars {start} to {stop} are not among the {len(self)} of the market")
