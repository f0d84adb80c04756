"""The Sharpe ratio of a run of returns given as power sums, and the chance that the true one lies
above a benchmark.
"""

from math import erf, sqrt
from typing import NamedTuple

# returns of less variance than rounding leaves: nothing varied
STILL = 1e-18


class Moments(NamedTuple):
    """Of n returns: Sharpe ratio a bar (sample deviation), skewness, and kurtosis (3 for a normal
    distribution).
    """

    n: int
    sharpe: float
    skew: float
    kurtosis: float


def moments(n: int, s1: float, s2: float, s3: float, s4: float) -> Moments | None:
    """From n returns given as sums of their powers 1 .. 4; None where they do not vary."""
    if n < 2:
        return None
    mean = s1 / n
    m2 = s2 / n - mean**2
    if m2 <= STILL:
        return None
    m3 = s3 / n - 3 * mean * s2 / n + 2 * mean**3
    m4 = s4 / n - 4 * mean * s3 / n + 6 * mean**2 * s2 / n - 3 * mean**4
    return Moments(n, mean / sqrt(m2 * n / (n - 1)), m3 / m2**1.5, m4 / m2**2)


def spread(found: Moments) -> float:
    """n - 1 times the variance of an estimated Sharpe ratio (Mertens, 2002; Bailey and Lopez de
    Prado, 2012).
    """
    return max(
        1.0 - found.skew * found.sharpe + (found.kurtosis - 1.0) / 4.0 * found.sharpe**2, 1e-12
    )


def chance_above(benchmark: float, found: Moments) -> float:
    """Probabilistic Sharpe ratio: chance that the true Sharpe ratio a bar is above `benchmark`
    (Bailey and Lopez de Prado, 2012).
    """
    return 0.5 * (
        1.0 + erf((found.sharpe - benchmark) * sqrt((found.n - 1) / spread(found)) / sqrt(2.0))
    )
