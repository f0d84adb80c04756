"""How high luck alone lifts the Sharpe ratio of the best of many trials, and how sure a better one
is (Bailey and Lopez de Prado, 2014).
"""

from importlib import import_module
from math import e, sqrt

import numpy as np

from agents.life.sharpe import Moments, chance_above, spread
from arena.engine.judging.distributions import normal_quantile

EULER = float(np.euler_gamma)
CONFIDENCE = 0.95


def expected_maximum(trials: int) -> float:
    """The highest of `trials` draws from a standard normal distribution, on average
    (approximately); 0 for a single one.
    """
    if trials < 2:
        return 0.0
    return float(
        (1.0 - EULER) * normal_quantile(1.0 - 1.0 / trials)
        + EULER * normal_quantile(1.0 - 1.0 / (trials * e))
    )


def luck(trials: int, variance: float) -> float:
    """SR0: the Sharpe ratio to expect of the best of `trials` without any skill, if Sharpe ratios
    vary by `variance` between trials.
    """
    return sqrt(variance) * expected_maximum(trials)


def deflated_sharpe(found: Moments, trials: int, variance: float) -> float:
    """Chance that the true Sharpe ratio is above what luck gives the best of `trials`. All ratios a
    bar, `variance` too.
    """
    return chance_above(luck(trials, variance), found)


def variance_of_trials(sharpes: np.ndarray, bars: np.ndarray, at: int) -> float:
    """Variance of the trials' Sharpe ratios as if each were measured over `at` bars; 0 for fewer
    than two. sharpes, bars: [any] each.

    Trials here live for different times, and the ratio of a short life is mostly noise. So the
    squared distances from the mean are split, by least squares without negative parts, into a + b /
    bars: what agents differ in, and what so few bars add. Long lives count more. Where all trials
    are equally long, a + b / bars is the plain sample variance.
    """
    count = len(sharpes)
    if count < 2:
        return 0.0
    long = np.asarray(bars, np.float64)
    squares = (np.asarray(sharpes) - np.average(sharpes, weights=long)) ** 2
    # loaded here, as in `distributions`
    optimize = import_module("scipy.optimize")
    parts, _ = optimize.nnls(np.stack([long / at, np.ones(count)], axis=1), squares * long)
    return float(parts.sum()) / at * count / (count - 1)


def variance_of_noise(bars: int) -> float:
    """Variance of the Sharpe ratio of `bars` returns behind which there is no skill: 1 / (bars -
    1).

    The same expansion (Mertens, 2002) that the probabilistic Sharpe ratio rests on, at a true ratio
    of 0, whatever skewness and kurtosis are. It shrinks with bars alone, and no agent's skill or
    ruin is in it. The part b / bars of `variance_of_trials` estimates the same where no agents
    differ; but where they do, the young are also the untaught and the ruined, and it takes that for
    noise.
    """
    return 1.0 / (bars - 1)


def minimum_track_record(
    found: Moments, benchmark: float = 0.0, confidence: float = CONFIDENCE
) -> float | None:
    """Bars that such returns need to be above `benchmark` with `confidence`; None where no number
    would do (Bailey and LdP, 2012).
    """
    if found.sharpe <= benchmark:
        return None
    return (
        1.0 + spread(found) * (float(normal_quantile(confidence)) / (found.sharpe - benchmark)) ** 2
    )
