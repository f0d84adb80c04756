"""Which side of the market is held, bar by bar: what actions and forecasts come to."""

import numpy as np

from agents.strategies.base import BUY, SELL


def of_actions(actions: np.ndarray, long_short: bool) -> np.ndarray:
    """The side held after each of `actions`, SELL, HOLD or BUY, int [n]: -1, 0 or 1, float64 [n].

    It begins flat; whatever is no action keeps what is held.
    """
    wanted = np.full(len(actions), np.nan)
    wanted[actions == BUY], wanted[actions == SELL] = 1.0, -1.0 if long_short else 0.0
    return _kept(wanted)


def of_forecasts(forecasts: np.ndarray, threshold: float, long_short: bool) -> np.ndarray:
    """The side of a forecast beyond +-threshold, float64 [n], held until one is beyond the
    other.
    """
    wanted = np.where(forecasts > threshold, 1.0, np.nan)
    wanted[forecasts < -threshold] = -1.0 if long_short else 0.0
    return _kept(wanted)


def traded(sides: np.ndarray) -> float:
    """How much is bought and sold on the way through `sides`, in positions; flat before and
    after.
    """
    return float(np.abs(np.diff(sides, prepend=0.0, append=0.0)).sum())


def _kept(wanted: np.ndarray) -> np.ndarray:
    """`wanted` where it is a number, else what was wanted last; 0 before the first."""
    last = np.maximum.accumulate(np.where(np.isnan(wanted), -1, np.arange(len(wanted))))
    return np.where(last >= 0, wanted[last], 0.0)
