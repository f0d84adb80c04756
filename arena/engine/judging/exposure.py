"""How much of its equity an account had in each symbol, with sign, read from its trades."""

from collections.abc import Iterable

import numpy as np

from arena.engine.ledger import DEATH, WINDOW_END

# these close at a bar's close, so that the position stood until then; all others end before it
AT_CLOSE = (WINDOW_END, DEATH)


def mean_exposures(trades: np.ndarray, equity: np.ndarray, closes: np.ndarray, first: int) -> np.ndarray:
    """Mean signed exposure in each symbol, in equities, float64 [S].

    trades: TRADE [any]; equity: float64 [bars] at the closes of bars first .. first + bars - 1;
    closes: float64 [S, n]. A short counts as negative. Where nothing is left nothing is exposed.
    """
    held = quantities(trades, len(closes), first, len(equity))
    prices = closes[:, first : first + len(equity)]
    left = equity > 0.0
    shares = np.divide(held * prices, equity, out=np.zeros(prices.shape), where=left)
    return shares.mean(axis=1) if len(equity) else np.zeros(len(closes))


def quantities(trades: np.ndarray, symbols: int, first: int, bars: int) -> np.ndarray:
    """Signed quantity held at each close, float64 [symbols, bars]: what stood when the bar ended."""
    held = np.zeros((symbols, bars))
    for trade in trades:
        begin, end = trade["entry_bar"] - first, _closes_held(trade) - first
        held[trade["symbol"], max(begin, 0) : max(end, 0)] += trade["side"] * trade["quantity"]
    return held


def equity_by_trades(trades: np.ndarray, start: float, closes: np.ndarray, first: int, bars: int) -> np.ndarray:
    """Equity at each close from the trades alone, float64 [bars], beginning with `start`.

    Of an open trade only what its fills cost is taken off before it closes; fees and what it costs
    to hold it follow when it does, for a trade's row has them in one sum.
    """
    equity = np.full(bars, start)
    for trade in trades:
        begin, end = trade["entry_bar"] - first, _closes_held(trade) - first
        prices = closes[trade["symbol"], first + begin : first + end]
        gained = trade["side"] * trade["quantity"] * (prices - trade["entry_price"])
        equity[begin:end] += gained
        equity[end:] += trade["net_profit"]
    return equity


def mean_of_windows(
    parts: Iterable[tuple[np.ndarray, int]],
) -> np.ndarray:
    """Mean over windows of (exposures [S], bars) each, every bar counted once; float64 [S]."""
    kept = [(exposures, bars) for exposures, bars in parts if bars]
    return np.average([each for each, _ in kept], axis=0, weights=[bars for _, bars in kept])


def _closes_held(trade: np.void) -> int:
    """The bar after the last at whose close the trade stood."""
    return int(trade["exit_bar"]) + (trade["reason"] in AT_CLOSE)
