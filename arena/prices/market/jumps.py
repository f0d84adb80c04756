"""Prices with the stylised facts of real ones: regimes, restless volatility, jumps, fat tails, and
now and then a black swan.

Log volatility is a regime's level plus a first-order autoregression (Taylor, 1986) that a fall of
the price pushes up, with jumps of the price on top (Bates, 1996). A black swan is a fall far beyond
all that, after which the market stays nervous for some days.
"""

from typing import NamedTuple

import numpy as np

from arena.prices.market.autoregression import autoregression

# the regimes: drift as multiples of `drift`, volatility as multiples, chance per bar of an end
# (then either other, evenly)
REGIMES = ("bull", "bear", "flat")
DRIFT = np.array([1.0, -1.5, 0.0])
VOLATILITY = np.array([0.75, 1.7, 0.8])
END = np.array([1 / 1000, 1 / 300, 1 / 500])
# what is left of a shock to log volatility one bar on: half of it is gone after 69 bars
MEMORY = 0.99
# correlation of a bar's move with the shock to log volatility that follows it (the leverage effect)
LEVERAGE = -0.5
# what a black swan adds to log volatility
NERVES = 1.0


class LeapLaw(NamedTuple):
    """drift: log return per 1,000 bars; volatility: root mean square of a bar's log return, events
    aside; unrest: deviation of its log.

    Jumps per 1,000 bars, normal with a deviation of jump_size volatilities; swans per 10,000 bars,
    each a fall by swan_drop of the price.
    """

    drift: float
    volatility: float
    unrest: float
    jump_rate: float
    jump_size: float
    swan_rate: float
    swan_drop: float


class Drawn(NamedTuple):
    """log_price float64 [bars * steps + 1]; activity float64 [bars]: each bar's volatility over its
    mean; swans int64 [any]: their bars.
    """

    log_price: np.ndarray
    activity: np.ndarray
    swans: np.ndarray


def draw(law: LeapLaw, bars: int, steps: int, rng: np.random.Generator) -> Drawn:
    """`bars` bars of `steps` points each."""
    regime = leaping_regimes(bars, rng)
    noise = rng.standard_normal((bars, steps))
    swans = rng.random(bars) < law.swan_rate / 10_000
    level = leaping_volatility(law.unrest, noise.sum(axis=1) / np.sqrt(steps), swans, rng)
    activity = VOLATILITY[regime] * np.exp(level)
    moves = (DRIFT[regime] * law.drift / 1000 / steps)[:, None] + (
        law.volatility * activity / np.sqrt(steps)
    )[:, None] * noise
    jumps = np.where(
        rng.random(bars) < law.jump_rate / 1000,
        law.volatility * law.jump_size * rng.standard_normal(bars),
        0.0,
    )
    # somewhere inside the bar
    moves[np.arange(bars), rng.integers(steps, size=bars)] += jumps + np.where(
        swans, np.log1p(-law.swan_drop), 0.0
    )
    return Drawn(np.concatenate([[0.0], np.cumsum(moves.ravel())]), activity, np.flatnonzero(swans))


def leaping_regimes(bars: int, rng: np.random.Generator) -> np.ndarray:
    """Index into REGIMES of every bar, int64 [bars]."""
    chance, places, state = (
        rng.random(bars),
        rng.integers(1, len(REGIMES), size=bars),
        int(rng.integers(len(REGIMES))),
    )
    chain, at = np.empty(bars, np.int64), 0
    while at < bars:
        # the bar that ends the regime is its last one
        ends = np.flatnonzero(chance[at:] < END[state])
        stop = at + int(ends[0]) + 1 if len(ends) else bars
        chain[at:stop] = state
        state, at = (state + int(places[stop - 1])) % len(REGIMES), stop
    return chain


def leaping_volatility(
    unrest: float, move: np.ndarray, swans: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Log of each bar's volatility over its regime's, float64 [bars], known when the bar opens; the
    mean of its square is 1, swans aside.

    move float64 [bars]: each bar's own noise, of deviation 1; swans bool [bars].
    """
    before = np.concatenate([[0.0], move[:-1]])
    shocks = LEVERAGE * before + np.sqrt(1.0 - LEVERAGE**2) * rng.standard_normal(len(move))
    pushed = unrest * np.sqrt(1.0 - MEMORY**2) * shocks
    pushed[0] = unrest * rng.standard_normal()
    pushed[1:] += NERVES * swans[:-1]
    return autoregression(pushed, MEMORY) - unrest**2
