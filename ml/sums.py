"""Adding up in one fixed order, with the same bits on every interpreter."""

from collections.abc import Iterable
from functools import reduce
from operator import add
from typing import Any


def total(values: Iterable[Any]) -> Any:
    """The sum of numbers or arrays, from left to right, each addition rounded; 0 of none.

    Since Python 3.12 the built-in `sum` carries the rounding error of floats along (Neumaier,
    1974), before it did not: a digest made with it depends on the interpreter. `math.fsum` is
    exactly rounded and the same everywhere.
    """
    return reduce(add, values, 0)
