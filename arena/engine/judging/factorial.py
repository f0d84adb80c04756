"""What each of several switches is worth: effects of a full two-level design, and how sure they are
(Box, Hunter and Hunter, 2005).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import prod, sqrt
from statistics import mean, stdev

from arena.engine.judging.distributions import student_quantile
from ml.sums import total

FACTORS = ("learning", "selection", "mutation")
Cell = tuple[bool, ...]  # each factor on or off
# every combination of switches, all on first
CELLS: tuple[Cell, ...] = tuple(product((True, False), repeat=len(FACTORS)))
# what can be asked: each factor by itself, then in company
TERMS: tuple[tuple[str, ...], ...] = tuple(
    term for size in range(1, len(FACTORS) + 1) for term in combinations(FACTORS, size)
)
LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean and its 95 % confidence interval; none from a single value."""

    mean: float
    low: float | None
    high: float | None


def effects(values: Mapping[Cell, float]) -> dict[tuple[str, ...], float]:
    """{term: effect} from one value for each of CELLS.

    A factor's effect: the mean where it is on minus the mean where it is off. That of several: half
    of how much the effect of the others changes when one more is switched on. Each is the same sum
    of all cells, with a minus for every factor that is off.
    """
    half = len(CELLS) / 2
    return {
        term: total(_sign(cell, term) * values[cell] for cell in CELLS) / half for term in TERMS
    }


def interval(values: Sequence[float]) -> Interval:
    """Mean of independent values with Student's interval; at least one."""
    centre = mean(values)
    if len(values) < 2:
        return Interval(centre, None, None)
    reach = student_quantile(len(values) - 1, (1 + LEVEL) / 2) * stdev(values) / sqrt(len(values))
    return Interval(centre, centre - reach, centre + reach)


def _sign(cell: Cell, term: tuple[str, ...]) -> int:
    return prod(1 if cell[FACTORS.index(factor)] else -1 for factor in term)
