"""What bar returns and trades come to in the field's usual measures. Annual ones take `per_year`
bars for a year, and carry it along.
"""

from math import isfinite, sqrt

import numpy as np

from agents.life.sharpe import STILL
from arena.engine.judging.growth import MOST_LOG_GROWTH, log_equity

Figures = dict[str, float | None]
# below this nothing was lost
NOTHING = 1e-12
# in logarithms: nearer than this, two levels of equity are the same but for rounding
SAME = 1e-12


def metrics(
    returns: np.ndarray, exposures: np.ndarray, trades: np.ndarray, per_year: float
) -> Figures:
    """returns, exposures: float64 [bars], of equity and in equities; trades: TRADE [any]. None
    where a measure is not defined.

    cagr, annual_volatility, annual_sharpe, annual_sortino, calmar; max_drawdown_bars; exposure
    (mean, absolute), turnover (traded notional, in equities a year); win_rate, profit_factor,
    expectancy (mean net profit of a trade, money); bars, bars_per_year.
    """
    found = {**_annual(returns, per_year), **_drawdown(returns), **_traded(trades)}
    found |= {
        "exposure": float(np.mean(np.abs(exposures))) if len(exposures) else 0.0,
        "turnover": _turnover(returns, trades, per_year),
        "bars": len(returns),
        "bars_per_year": per_year,
    }
    return {
        name: value if value is not None and isfinite(value) else None
        for name, value in found.items()
    }


def _annual(returns: np.ndarray, per_year: float) -> Figures:
    n = len(returns)
    deepest = deepest_of(returns)
    cagr = _yearly(float(log_equity(returns)[-1]) * per_year / n) if n else None
    deviation = float(np.std(returns, ddof=1)) if n > 1 else 0.0
    mean, downside = (
        (float(np.mean(returns)), sqrt(float(np.mean(np.minimum(returns, 0.0) ** 2))))
        if n
        else (0.0, 0.0)
    )
    return {
        "cagr": cagr,
        "annual_volatility": deviation * sqrt(per_year),
        "annual_sharpe": mean / deviation * sqrt(per_year) if deviation**2 > STILL else None,
        "annual_sortino": mean / downside * sqrt(per_year) if downside > NOTHING else None,
        "calmar": cagr / deepest if cagr is not None and deepest > NOTHING else None,
    }


def _yearly(log_growth: float) -> float | None:
    """A year's return; None where it leaves the range of numbers: a few good bars are no year."""
    return float(np.expm1(log_growth)) if log_growth < MOST_LOG_GROWTH else None


def deepest_of(returns: np.ndarray) -> float:
    """Largest drawdown, a share of the peak before it."""
    return float(-np.min(np.expm1(_below_peak(returns))))


def _below_peak(returns: np.ndarray) -> np.ndarray:
    """Log of equity relative to its highest so far, 0 or less; float64 [bars + 1]."""
    equity = log_equity(returns)
    return equity - np.maximum.accumulate(equity)


def _drawdown(returns: np.ndarray) -> Figures:
    """Bars from the peak before the largest drawdown, the first of equals, until equity was as high
    again, or to the end.
    """
    equity, below = log_equity(returns), _below_peak(returns)
    trough = int(np.flatnonzero(below <= below.min() + SAME)[0])
    peak = equity[trough] - below[trough] - SAME
    start = int(np.flatnonzero(equity[: trough + 1] >= peak)[-1])
    again = np.flatnonzero(equity[trough:] >= peak)
    stop = trough + int(again[0]) if len(again) else len(equity) - 1
    return {"max_drawdown_bars": stop - start}


def _traded(trades: np.ndarray) -> Figures:
    """Of closed trades by their net profit; a trade that ends even is not won."""
    profit = trades["net_profit"]
    if not len(profit):
        return {"win_rate": None, "profit_factor": None, "expectancy": None}
    lost = -float(profit[profit < 0].sum())
    return {
        "win_rate": float(np.mean(profit > 0)),
        "profit_factor": float(profit[profit > 0].sum()) / lost if lost > 0 else None,
        "expectancy": float(np.mean(profit)),
    }


def _turnover(returns: np.ndarray, trades: np.ndarray, per_year: float) -> float:
    """Notional bought and sold a year, in equities as each trade began: a trade's leverage is what
    it bought.
    """
    if not len(returns):
        return 0.0
    traded = trades["leverage"] * (1.0 + trades["exit_price"] / trades["entry_price"])
    return float(np.sum(traded)) * per_year / len(returns)
