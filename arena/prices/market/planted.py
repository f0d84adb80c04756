"""Signals planted into prices that are noise otherwise, so that the best possible return can be
computed.

Every bar moves by exactly +-volatility in log price. Which way is a coin that falls on the planted
rule's side with chance `edge`: of `persistent` the rule is the sign of the bar before, of
`recalled` it is the width of the bar LAG bars before the one that moves.
"""

import numpy as np

LAG = 8
# how far a wide bar reaches beyond its open and close, and the noise inside every bar, both in
# moves
WICK = 0.1
NOISE = 0.005


def persistent(bars: int, edge: float, rng: np.random.Generator) -> np.ndarray:
    """Signs, -1 or 1, float64 [bars]; each is the one before with chance `edge`."""
    kept = np.where(rng.random(bars) < edge, 1.0, -1.0)
    return np.cumprod(kept)


def recalled(bars: int, edge: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Signs, -1 or 1, float64 [bars], and which bars are wide, bool [bars], a fair coin each.

    Bar t rises with chance `edge` where bar t - LAG was wide, else falls with it: nothing but the
    widths of the past tells.
    """
    wide = rng.random(bars + LAG) < 0.5
    expected = np.where(wide[:bars], 1.0, -1.0)
    return np.where(rng.random(bars) < edge, expected, -expected), wide[LAG:]


def path(
    signs: np.ndarray, wide: np.ndarray, volatility: float, steps: int, rng: np.random.Generator
) -> np.ndarray:
    """Log prices at `steps` (>= 4) points a bar and the start, float64 [bars * steps + 1]; noise
    only inside of bars.
    """
    moves = volatility * signs
    shares = np.tile(np.linspace(0.0, 1.0, steps + 1)[1:], (len(signs), 1))
    shares[:, :-1] += NOISE * rng.standard_normal((len(signs), steps - 1))
    shares[wide, 0] -= WICK + 1 / steps
    shares[wide, -2] += WICK + 1 / steps
    starts = np.concatenate([[0.0], np.cumsum(moves)])
    points = starts[:-1, None] + moves[:, None] * shares
    # the very number from which the next bar starts
    points[:, -1] = starts[1:]
    return np.concatenate([[0.0], points.ravel()])


def rises(open_: np.ndarray, close: np.ndarray) -> np.ndarray:
    """Whether each bar rose, bool [n]."""
    return close > open_


def widths(open_: np.ndarray, high: np.ndarray, low: np.ndarray, close: np.ndarray) -> np.ndarray:
    """Whether each bar is wide, bool [n], as `recalled` planted it."""
    return np.log(high / low) > (1.0 + WICK) * np.abs(np.log(close / open_))
