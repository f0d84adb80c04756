"""How much of the spread in fitness is skill, and how much luck.

Every window is one draw for everybody who lived through it, on the same bars: what all gained there
says nothing of any of them. What is left varies between agents and, for one agent, from window to
window; a one-way analysis of variance with random effects tells the two apart (Searle, Casella and
McCulloch, Variance Components, 1992, section 3.6).
"""

from typing import NamedTuple

import numpy as np


class Spread(NamedTuple):
    """Variances of a single window's score: between agents, and from window to window of one.

    skill: share of the variance of a mean over `windows` windows that agents differ in, 0 to 1;
    luck is the rest. None where a variance cannot be estimated.
    """

    between: float
    within: float
    windows: float
    skill: float | None


def spread_of(scores: np.ndarray) -> Spread:
    """From float64 [agents, windows], nan where an agent did not live through a window."""
    lived = np.isfinite(scores)
    known = scores[:, lived.sum(axis=0) > 1]
    known = known - np.nanmean(known, axis=0) if known.size else known
    known = known[np.isfinite(known).any(axis=1)]
    counts = np.isfinite(known).sum(axis=1).astype(float)
    total, agents = counts.sum(), len(counts)
    if agents < 2 or total <= agents:
        return Spread(0.0, 0.0, float(total / agents) if agents else 0.0, None)
    means = np.nansum(known, axis=1) / counts
    within = float(np.nansum((known - means[:, None]) ** 2) / (total - agents))
    middle = (counts * means).sum() / total
    # of unequal counts the one that stands for all of them
    windows = float((total - (counts**2).sum() / total) / (agents - 1))
    among = float((counts * (means - middle) ** 2).sum() / (agents - 1))
    between = max((among - within) / windows, 0.0)
    whole = between + within / windows
    return Spread(between, within, windows, between / whole if whole > 0.0 else None)


def last_windows(scores: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """float64 [agents, k], newest first: column k is the k-th last round, for everybody the same.

    scores: float64 [agents, k], the rings of agents that all lived through the newest round; score
    number w lies at w modulo k. windows: int64 [agents], how many each has.
    """
    back = windows[:, None] - 1 - np.arange(scores.shape[1])
    found = np.take_along_axis(scores, back % scores.shape[1], axis=1)
    return np.where(back >= 0, found, np.nan)
