"""Whether the market could have given a trade its prices, and whether its costs are those of the
settings.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from arena.engine.results import TRADE_REASONS
from arena.engine.trading.costs import MOST_IMPACT
from arena.engine.trading.ledger import AT_CLOSE
from arena.prices.market.bars import Bars
from arena.services.audit.subject import TOLERANCE
from arena.settings_schema import Settings

Multiplier = np.ndarray | float
CODE = {name: code for code, name in enumerate(TRADE_REASONS)}


@dataclass(frozen=True)
class Fills:
    """Trades t, TRADE [n], on the series they were made on, one a symbol; highest: float64 [n], the
    most a trade's cost multiplier can have been.
    """

    t: np.ndarray
    series: Sequence[Bars]
    settings: Settings
    highest: np.ndarray

    def problems(self) -> dict[str, np.ndarray]:
        """{what is wrong: bool [n]}."""
        t, quantity, costs = self.t, self.t["quantity"], self.settings.costs
        entry, leave, taker = self._entry(), self._exit(), ~self._because("take_profit")
        turnover = quantity * (entry + leave)
        fees = quantity * (
            costs.fee * t["entry_price"]
            + np.where(taker, costs.fee, costs.maker_fee) * t["exit_price"]
        )
        spread = quantity * costs.half_spread * (entry + taker * leave)
        slips = self._between(
            lambda m: (
                quantity
                * (entry * self._slip("entry_bar", m) + taker * leave * self._slip("exit_bar", m))
            )
        )
        ways_in = self._between(lambda m: costs.half_spread * m + self._slip("entry_bar", m))
        ways_out = self._between(
            lambda m: taker * (costs.half_spread * m + self._slip("exit_bar", m))
        )
        return {
            "entry price does not fit the bar's open": _beyond(
                t["side"] * (t["entry_price"] / entry - 1), *ways_in, 1.0
            ),
            "exit price does not fit its bar": _beyond(
                t["side"] * (1 - t["exit_price"] / leave), *ways_out, 1.0
            ),
            "its bar does not reach the price that closed it": ~self._reached(),
            "fee does not fit the settings": _beyond(t["fee"], fees, fees * self.highest, turnover),
            "spread cost does not fit the settings": _beyond(
                t["spread_cost"], spread, spread * self.highest, turnover
            ),
            "slippage cost does not fit the settings": _beyond(
                t["slippage_cost"], *slips, turnover
            ),
            "funding does not fit the settings": _beyond(
                t["funding"], self._funding(), self._funding(), turnover
            ),
            "borrowing does not fit the settings": _beyond(
                t["borrow"], self._borrow(), self._borrow(), turnover
            ),
        }

    def _between(self, cost: Callable[[Multiplier], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """What `cost` is at the least and at the highest cost multiplier."""
        return cost(1.0), cost(self.highest)

    def _of(self, name: str, bar: str) -> np.ndarray:
        """float64 [n]: what the series of each trade's symbol has at its entry_bar or exit_bar."""
        return np.stack([getattr(bars, name) for bars in self.series])[
            self.t["symbol"], self.t[bar]
        ]

    def _because(self, *reasons: str) -> np.ndarray:
        return np.isin(self.t["reason"], [CODE[reason] for reason in reasons])

    def _entry(self) -> np.ndarray:
        """The middle at entry."""
        return self._of("open", "entry_bar")

    def _exit(self) -> np.ndarray:
        """The middle at exit, which its reason tells: an open, a close, the bar's worst price, or a
        level a fixed way from the entry.
        """
        long, first = self.t["side"] > 0, self._of("open", "exit_bar")
        worst = np.where(long, self._of("low", "exit_bar"), self._of("high", "exit_bar"))
        stop, goal = self._levels()
        choices = [
            (np.isin(self.t["reason"], AT_CLOSE), self._of("close", "exit_bar")),
            (self._because("liquidation"), worst),
            (
                self._because("stop_loss"),
                np.where(long, np.minimum(first, stop), np.maximum(first, stop)),
            ),
            (
                self._because("take_profit"),
                np.where(long, np.maximum(first, goal), np.minimum(first, goal)),
            ),
        ]
        where, prices = zip(*choices, strict=True)
        return np.select(where, prices, default=first)

    def _levels(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the stop and the order at a profit lie."""
        life, side = self.settings.life, self.t["side"]
        return self._entry() * (1 - side * life.stop_loss), self._entry() * (
            1 + side * life.take_profit
        )

    def _reached(self) -> np.ndarray:
        """bool [n]; rounding is on the trade's side."""
        side, life = self.t["side"], self.settings.life
        low, high = self._of("low", "exit_bar"), self._of("high", "exit_bar")
        worst, best = np.where(side > 0, low, high), np.where(side > 0, high, low)
        stop, goal = self._levels()
        stopped = (life.stop_loss > 0) & (side * (worst / stop - 1) <= TOLERANCE)
        paid = (life.take_profit > 0) & (side * (best / goal - 1) >= -TOLERANCE)
        return np.where(
            self._because("stop_loss"), stopped, np.where(self._because("take_profit"), paid, True)
        )

    def _slip(self, bar: str, multiplier: Multiplier) -> np.ndarray:
        """The way from the middle to the fill that is not spread, as a share of price."""
        costs, volume = self.settings.costs, self._of("volume", bar)
        moved = np.full(len(self.t), MOST_IMPACT if costs.impact else 0.0)
        share = np.divide(
            self.t["quantity"], volume, out=np.full(len(self.t), np.inf), where=volume > 0
        )
        return costs.slippage * multiplier + np.minimum(
            moved, costs.impact * multiplier * np.sqrt(share) if costs.impact else 0.0
        )

    def _marked(self) -> np.ndarray:
        """The bar after the last at whose close the position was held, int64 [n]."""
        return self.t["exit_bar"] + np.isin(self.t["reason"], AT_CLOSE)

    def _values(self) -> np.ndarray:
        """The position's value at every close it was held at, summed."""
        start, stop = self.t["entry_bar"], self._marked()
        # a series after the other, each with one place more: a sum may end after its last bar
        first = self.t["symbol"] * (len(self.series[0]) + 1)
        pairs = np.column_stack([first + start, first + stop]).ravel()
        sums = np.add.reduceat(
            np.concatenate([np.append(bars.close, 0.0) for bars in self.series]), pairs
        )[::2]
        return self.t["quantity"] * np.where(stop > start, sums, 0.0)

    def _funding(self) -> np.ndarray:
        return self.settings.costs.funding * self._values()

    def _borrow(self) -> np.ndarray:
        t = self.t
        # a position is financed by its symbol's share of the equity
        geared = t["leverage"] * len(self.series)
        lent = (
            t["quantity"]
            * t["entry_price"]
            * np.maximum(1 - 1 / geared, 0.0)
            * (self._marked() - t["entry_bar"])
        )
        return self.settings.costs.borrow * np.where(t["side"] < 0, self._values(), lent)


def _beyond(
    value: np.ndarray, least: np.ndarray, most: np.ndarray, scale: np.ndarray | float
) -> np.ndarray:
    """Whether `value` lies outside least to most by more than TOLERANCE of `scale`; NaN always
    does.
    """
    return ~((value >= least - TOLERANCE * scale) & (value <= most + TOLERANCE * scale))
