"""Distributions as SciPy computes them. The first call loads it: a process that judges nothing
would take a third longer to start.
"""

from importlib import import_module
from typing import Any


def normal_below(x: Any) -> Any:
    """Chance that a standard normal is below x, a number or an array."""
    return import_module("scipy.special").ndtr(x)


def normal_quantile(chance: Any) -> Any:
    """What a standard normal is below with this chance, a number or an array."""
    return import_module("scipy.special").ndtri(chance)


def student_quantile(freedom: int, chance: float) -> float:
    """What Student's t with so many degrees of freedom is below with this chance."""
    return float(import_module("scipy.special").stdtrit(freedom, chance))
