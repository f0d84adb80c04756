"""What is known of the next bar on a simulated market: mean and variance of its log return.

Each law is exact given the market's settings. What an owner of all of them would earn is in
`arena.engine.judging.oracle`.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from arena.engine.judging.chains import NoCeiling
from arena.prices.market.simulators import (
    BASE_PRICE,
    BASE_VOLUME,
    REGIME_DRIFT,
    REGIME_END,
    REGIME_VOLATILITY,
    sine_noise,
)
from arena.settings_schema import Market

Columns = tuple[np.ndarray, ...]


class Law(NamedTuple):
    """Of the log return of bar t + 1, seen from the close of bar t; float64 [n] each."""

    mean: np.ndarray
    variance: np.ndarray


def law_of(bars: Columns, market: Market) -> Law:
    """The law of bars (open, high, low, close, volume), float64 [n] each, that `market` made.

    Raises NoCeiling where the law of that kind of market is not known.
    """
    if market.kind not in LAWS:
        kinds = ", ".join(LAWS)
        raise NoCeiling(f"what to expect of {market.kind} is not known; it is of {kinds}")
    return LAWS[market.kind](bars, market)


def _constant(mean: float, deviation: float, n: int) -> Law:
    return Law(np.full(n, mean), np.full(n, deviation**2))


def _last(bars: Columns) -> np.ndarray:
    """Log return of every bar: it opens where the one before closed."""
    return np.log(bars[3] / bars[0])


def _walk(bars: Columns, market: Market) -> Law:
    return _constant(-(market.volatility**2) / 2, market.volatility, len(bars[3]))


def _rising(bars: Columns, market: Market) -> Law:
    return _constant(market.drift / 1000, market.volatility, len(bars[3]))


def _falling(bars: Columns, market: Market) -> Law:
    return _constant(-market.drift / 1000, market.volatility, len(bars[3]))


def _sine(bars: Columns, market: Market) -> Law:
    phase = 2 * np.pi * (np.arange(len(bars[3])) + 2) / market.period
    mean = np.log1p(market.amplitude * np.sin(phase)) - np.log(bars[3] / BASE_PRICE)
    return Law(mean, np.full(len(mean), sine_noise(market.volatility) ** 2))


def _autoregressive(bars: Columns, market: Market) -> Law:
    rest = market.volatility**2 * (1.0 - market.persistence**2)
    mean = market.persistence * _last(bars)
    return Law(mean, np.full(len(mean), rest))


def _mean_reverting(bars: Columns, market: Market) -> Law:
    mean = -market.pull * np.log(bars[3] / BASE_PRICE)
    return Law(mean, np.full(len(mean), market.volatility**2))


def _rule_of_two(bars: Columns, market: Market) -> Law:
    busy = np.where(bars[4] > BASE_VOLUME, 1.0, -1.0)
    mean = market.signal * market.volatility * busy * np.where(_last(bars) > 0.0, 1.0, -1.0)
    return Law(mean, np.full(len(mean), market.volatility**2))


def _regimes(bars: Columns, market: Market) -> Law:
    """Hamilton's filter (1989): the chance of each regime by Bayes' rule, bar after bar."""
    drift, spread = REGIME_DRIFT * market.drift / 1000, REGIME_VOLATILITY * market.volatility
    kinds = len(drift)
    stays = np.eye(kinds) * (1.0 - REGIME_END)
    move = stays + (1.0 - np.eye(kinds)) * REGIME_END / (kinds - 1)
    moves, chance = _last(bars), np.full(kinds, 1.0 / kinds)
    ahead = np.empty((len(moves), kinds))
    off = (moves[:, None] - drift) / spread
    likely = np.exp(-0.5 * (off**2 - (off**2).min(axis=1, keepdims=True))) / spread
    for t in range(len(moves)):
        chance = chance * likely[t]
        chance = chance / chance.sum() @ move
        ahead[t] = chance
    mean = ahead @ drift
    return Law(mean, ahead @ (spread**2 + drift**2) - mean**2)


def _planted(bars: Columns, market: Market) -> Law:
    sure = 2.0 * market.edge - 1.0
    mean = sure * market.volatility * np.where(_last(bars) > 0.0, 1.0, -1.0)
    return Law(mean, market.volatility**2 - mean**2)


LAWS: dict[str, Callable[[Columns, Market], Law]] = {
    "gbm": _walk,
    "trend_up": _rising,
    "trend_down": _falling,
    "sine": _sine,
    "regimes": _regimes,
    "autoregressive": _autoregressive,
    "mean_reverting": _mean_reverting,
    "rule_of_two": _rule_of_two,
    "planted": _planted,
}
