"""Who is the champion of a population, and what it earned in the competition windows it lived
through.
"""

from math import sqrt

import numpy as np

from agents.life.sharpe import Moments, chance_above, moments
from arena.engine.judging.evidence.deflated import (
    deflated_sharpe,
    luck,
    minimum_track_record,
    variance_of_noise,
    variance_of_trials,
)
from arena.engine.judging.growth import log_equity, return_of
from arena.settings_schema import Evolution

Figures = dict[str, float | None]

# fitness is a mean over this many windows; who lived through fewer may only have been lucky
PROVED = Evolution.model_fields["fitness_windows"].default


def champion_slot(agents: np.ndarray) -> int | None:
    """Slot of the fittest living agent of AGENT [population] that lived through PROVED windows, or
    through as many as any alive where none has; the older of equals; None where none lives.
    """
    alive = np.flatnonzero(agents["state"] == 0)
    if not len(alive):
        return None
    windows = agents["windows"][alive]
    proved = alive[windows >= min(PROVED, windows.max())]
    fitness = np.where(np.isfinite(agents["fitness"][proved]), agents["fitness"][proved], -np.inf)
    return int(proved[np.lexsort((agents["number"][proved], -fitness))[0]])


def moments_of(agent: np.void) -> Moments | None:
    """Of the net bar returns of an AGENT record's whole life in competition; None where they do not
    vary.
    """
    return moments(int(agent["bars"]), *(float(agent[f"sum{k}"]) for k in (1, 2, 3, 4)))


def record_of(
    agent: np.void,
    returns: np.ndarray,
    trials: int,
    sharpes: np.ndarray,
    lengths: np.ndarray,
    per_year: float,
) -> Figures:
    """What an AGENT record's life in competition comes to, and how likely luck explains it.

    returns: float64 [windows], of each window it lived through. trials: agents ever evaluated; of
    those whose returns varied, sharpes and lengths (bars), [any]: each one's Sharpe ratio a bar
    over its life. sharpe, luck, noise_luck and skew are a bar's.

    luck is SR0 as published, from all that the ratios of trials vary by, and dsr the chance to be
    above it; noise_luck is the same from noise alone, and above_luck the chance to be above that.
    """
    found, bars = moments_of(agent), int(agent["bars"])
    grown = float(log_equity(returns)[-1])
    record: Figures = {
        "return": return_of(grown),
        "log_growth": grown,
        "sharpe": found.sharpe if found else None,
        "max_drawdown": float(agent["max_drawdown"]),
        "trades": int(agent["trades"]),
        "windows": len(returns),
        "bars": bars,
        "bars_per_year": per_year,
        "annual_sharpe": found.sharpe * sqrt(per_year) if found else None,
        "trials": trials,
    }
    return record | (
        _luck(found, trials, variance_of_trials(sharpes, lengths, bars)) if found else NO_EVIDENCE
    )


# of returns that do not vary: neither for an edge nor against it, and deflation has nothing to work
# on
NO_EVIDENCE: Figures = {
    "psr": 0.5,
    "dsr": None,
    "luck": None,
    "above_luck": None,
    "noise_luck": None,
    "skew": None,
    "kurtosis": None,
    "least_bars": None,
    "least_bars_deflated": None,
}


def _luck(found: Moments, trials: int, variance: float) -> Figures:
    benchmark, noise = luck(trials, variance), luck(trials, variance_of_noise(found.n))
    return {
        "psr": chance_above(0.0, found),
        "dsr": deflated_sharpe(found, trials, variance),
        "luck": benchmark,
        "above_luck": chance_above(noise, found),
        "noise_luck": noise,
        "skew": found.skew,
        "kurtosis": found.kurtosis,
        "least_bars": minimum_track_record(found),
        "least_bars_deflated": minimum_track_record(found, benchmark),
    }
