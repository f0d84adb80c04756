"""The best anybody could do on a market whose law is known: its growth, by dynamic programming, and
its policy on real bars.

States are the market's state and the position: FLAT, LONG, or SHORT in one of the chain's cells (a
short position's exposure drifts with the price, a long one's stays at 1). Moves between them cost
what the ledger takes. Relative value iteration bounds the growth from both sides (Odoni, 1969;
Puterman, Markov Decision Processes, section 8.5).
"""

from dataclasses import dataclass

import numpy as np

from agents.strategies.base import BUY, EXPOSURE, HOLD, SELL
from agents.strategies.rules import Rule
from arena.engine.judging.chains import Chain, NoCeiling, chain_of, states_of
from arena.engine.judging.evaluate import figures_of, run_strategy
from arena.prices.market.view import MarketView
from arena.settings_schema import Costs, Settings

FLAT, LONG, SHORT = 0, 1, 2
# in log growth per bar, between the bounds from either side
TOLERANCE = 1e-9
MOST_SWEEPS = 20_000
# an advantage below this is rounding: without a gain there is no trade
INDIFFERENT = 1e-10
LEAST_EQUITY = 1e-9


@dataclass(frozen=True)
class Ceiling:
    """growth: expected log growth per bar of the best policy, >= 0, that starts with cash.

    policy: SELL, HOLD or BUY, uint8 [2 + cells, states]: rows FLAT, LONG, then a short position in
    each cell.
    """

    growth: float
    policy: np.ndarray


class Ledger:
    """What the ledger's moves do to the logarithm of equity, for one set of costs."""

    def __init__(self, costs: Costs):
        self.away, self.fee = costs.half_spread + costs.slippage, costs.fee
        self.open_long = -np.log((1.0 + self.away) * (1.0 + self.fee))
        self.close_long = np.log((1.0 - self.away) * (1.0 - self.fee))

    def short(self, level: np.ndarray) -> np.ndarray:
        """Log of the equity of a short position opened with 1, `level` in log price above its
        entry.
        """
        return np.log(np.maximum(self._proceeds() - self._quantity() * np.exp(level), LEAST_EQUITY))

    def bought_back(self, level: np.ndarray) -> np.ndarray:
        """Log of what is left of it after closing."""
        owed = self._quantity() * np.exp(level) * (1.0 + self.away) * (1.0 + self.fee)
        return np.log(np.maximum(self._proceeds() - owed, LEAST_EQUITY))

    def _quantity(self) -> float:
        return 1.0 / ((1.0 - self.away) * (1.0 + self.fee))

    def _proceeds(self) -> float:
        return 1.0 + (1.0 - self.fee) / (1.0 + self.fee)


def ceiling(settings: Settings) -> Ceiling:
    """The ceiling of these settings; NoCeiling where none is known."""
    return solve(
        chain_of(settings), settings.costs, long_short=settings.life.direction == "long_short"
    )


def solve(chain: Chain, costs: Costs, *, long_short: bool) -> Ceiling:
    """The best policy on `chain`; NoCeiling where the iteration does not settle."""
    bellman = Bellman(chain, Ledger(costs), long_short)
    values = np.zeros((2 + len(chain.level), len(chain.follow)))
    # from cash one need not trade, but with shorts there is no way back to it: it has a growth of
    # its own, at least 0
    region = slice(LONG if long_short else FLAT, None)
    for _ in range(MOST_SWEEPS // chain.period):
        before = values
        for _ in range(chain.period):
            values = bellman.sweep(values)
        change = (values - before)[region] / chain.period
        if np.ptp(change) < TOLERANCE:
            growth = (change.max() + change.min()) / 2
            return Ceiling(
                growth=float(growth) if growth > TOLERANCE else 0.0, policy=bellman.policy(values)
            )
        values = values - values[LONG].max()
    raise NoCeiling(
        f"the best possible growth is still uncertain by {np.ptp(change):.2g} a bar after"
        f" {MOST_SWEEPS} sweeps"
    )


class Bellman:
    """The optimality equation of one chain; values and choices are float64 and uint8 [2 + cells,
    states].
    """

    def __init__(self, chain: Chain, ledger: Ledger, long_short: bool):
        self.chain, self.ledger, self.long_short = chain, ledger, long_short
        level, states = chain.level, len(chain.follow)
        self.cells, self.columns = np.arange(len(level))[:, None, None], np.arange(states)
        self.shorted, self.bought_back = ledger.short(level), ledger.bought_back(level)
        self.gain = ledger.short(level[:, :, None] + chain.rise) - self.shorted[:, :, None]

    def sweep(self, values: np.ndarray) -> np.ndarray:
        """The values one bar earlier."""
        return np.maximum.reduce(self.choices(values))

    def policy(self, values: np.ndarray) -> np.ndarray:
        """What is best now; HOLD where trading gains nothing."""
        sell, hold, buy = self.choices(values)
        trade = np.where(buy > sell, BUY, SELL)
        return np.where(np.maximum(buy, sell) > hold + INDIFFERENT, trade, HOLD).astype(np.uint8)

    def choices(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Values of SELL, HOLD and BUY."""
        hold = self._held(values)
        buy, sell, ledger = hold.copy(), hold.copy(), self.ledger
        buy[FLAT] = ledger.open_long + hold[LONG]
        buy[SHORT:] = self.bought_back - self.shorted + buy[FLAT]
        if self.long_short:
            sell[FLAT] = ledger.short(np.zeros(1)) + hold[SHORT + self.chain.first, self.columns]
            sell[LONG] = ledger.close_long + sell[FLAT]
        else:
            sell[LONG] = ledger.close_long + hold[FLAT]
        return sell, hold, buy

    def _held(self, values: np.ndarray) -> np.ndarray:
        """Expected over the next bar, the position staying as it is."""
        chain = self.chain
        ahead = np.empty_like(values)
        ahead[FLAT] = (chain.chance * values[FLAT][chain.follow]).sum(axis=1)
        ahead[LONG] = (chain.chance * (chain.rise + values[LONG][chain.follow])).sum(axis=1)
        if len(chain.level):
            ahead[SHORT:] = (
                chain.chance * (self.gain + values[SHORT + chain.moved, chain.follow])
            ).sum(axis=2)
        return ahead


class Oracle(Rule):
    """Follows the best policy on real bars, knowing the market's state; asked bar by bar from bar
    `start` on.
    """

    name = "ceiling"

    def __init__(
        self, policy: np.ndarray, chain: Chain, states: np.ndarray, close: np.ndarray, start: int
    ):
        self.policy, self.chain, self.states, self.log_close = policy, chain, states, np.log(close)
        self.t, self.cell = start, -1

    def decide(self, observation: np.ndarray) -> int:
        state, exposure = self.states[self.t], observation[EXPOSURE]
        if exposure < 0.0:
            # sold at the close of the bar before, if it is not known where it stands
            self.cell = self._moved(
                self.chain.first[self.states[self.t - 1]] if self.cell < 0 else self.cell
            )
        else:
            self.cell = -1
        row = SHORT + self.cell if exposure < 0.0 else LONG if exposure > 0.0 else FLAT
        self.t += 1
        return int(self.policy[row, state])

    def _moved(self, cell: int) -> int:
        """The cell after bar t: that of the branch which leads to its state by about the move there
        was.
        """
        before, chain = self.states[self.t - 1], self.chain
        off = np.abs(chain.rise[before] - (self.log_close[self.t] - self.log_close[self.t - 1]))
        off = np.where(chain.follow[before] == self.states[self.t], off, np.inf)
        return int(chain.moved[cell, before, np.argmin(off)])


def best_on(
    market: MarketView, stretch: tuple[int, int], settings: Settings
) -> dict[str, float | None]:
    """What the best policy makes of bars stretch[0] .. stretch[1] - 1 through the real ledger, with
    fresh money; NoCeiling.

    The figures of everybody else there, `growth` (log growth per bar) and `expected_growth` (what
    it grows by on average).
    """
    if market.symbols > 1:
        raise NoCeiling("the best possible growth is known only of single symbols")
    chain = chain_of(settings)
    best = solve(chain, settings.costs, long_short=settings.life.direction == "long_short")
    bars = market.bars_of(0)
    oracle = Oracle(best.policy, chain, states_of(bars, settings), bars[3], stretch[0])
    window, trades, _ = run_strategy([oracle], market, stretch, settings)
    growth = float(window["log_growth"]) / (stretch[1] - stretch[0])
    return {**figures_of(window, len(trades)), "growth": growth, "expected_growth": best.growth}


def share(earned: float | None, best: float | None) -> float | None:
    """Share of the ceiling that was reached: log growth against log growth, from returns on the
    same bars; None where there was none.
    """
    if earned is None or best is None or best <= TOLERANCE:
        return None
    return float(np.log1p(max(earned, LEAST_EQUITY - 1.0)) / np.log1p(best))
