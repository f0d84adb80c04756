"""Stylised facts of a series of returns by plain formulas (Cont, 2001), float64 [n] -> float."""

import numpy as np


def excess_kurtosis(returns):
    """0 for a normal law, above 0 for fat tails."""
    centred = returns - returns.mean()
    return (centred**4).mean() / (centred**2).mean() ** 2 - 3.0


def autocorrelation(values, lag):
    """Correlation of a series with itself `lag` later."""
    return np.corrcoef(values[:-lag], values[lag:])[0, 1]


def clustering(returns, lag):
    """Autocorrelation of absolute returns: wild bars follow wild ones."""
    return autocorrelation(np.abs(returns), lag)
