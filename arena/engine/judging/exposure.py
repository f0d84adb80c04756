"""How much of its equity an account had in each symbol, with sign, on average: sizes by the ledger,
sides by its trades.
"""

import numpy as np

from arena.engine.trading.ledger import AT_CLOSE


def mean_exposures(
    trades: np.ndarray, exposures: np.ndarray, closes: np.ndarray, first: int
) -> np.ndarray:
    """Mean signed exposure in each symbol, in equities, float64 [S]; a short is negative.

    trades: TRADE [any]; exposures: float64 [bars], sizes of all positions over equity at the closes
    of bars first .. first + bars - 1; closes: float64 [S, n].
    """
    if not len(exposures):
        return np.zeros(len(closes))
    return (shares_held(trades, closes, first, len(exposures)) * exposures).mean(axis=1)


def mean_exposures_of_window(
    trades: np.ndarray, exposure: float, closes: np.ndarray, first: int, bars: int
) -> np.ndarray:
    """The same where only the mean size over the window is known, `exposure`.

    It counts as equally large at every close at which something was held.
    """
    shares = shares_held(trades, closes, first, bars)
    held = np.count_nonzero(shares.any(axis=0))
    return shares.sum(axis=1) * exposure / held if held else np.zeros(len(closes))


def shares_held(trades: np.ndarray, closes: np.ndarray, first: int, bars: int) -> np.ndarray:
    """Signed share of each symbol in all that was held at a close, float64 [S, bars]: sizes sum to
    1, or to 0.
    """
    held = np.zeros((len(closes), bars))
    for trade in trades:
        end = int(trade["exit_bar"]) + (trade["reason"] in AT_CLOSE)
        stood = slice(max(int(trade["entry_bar"]) - first, 0), max(end - first, 0))
        held[trade["symbol"], stood] += trade["side"] * trade["quantity"]
    values = held * closes[:, first : first + bars]
    sizes = np.abs(values).sum(axis=0)
    return np.divide(values, sizes, out=np.zeros_like(values), where=sizes > 0.0)
