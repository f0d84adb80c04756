"""Numbers on their way to a page: what is not finite becomes None, and nothing has more digits than
a page can use.
"""

import math
from collections.abc import Iterable
from typing import Any

DIGITS = 7  # significant


def short(value: Any) -> float | int | None:
    """A whole number as it is, a finite one to DIGITS, None for anything else."""
    if isinstance(value, int):
        return value
    return (
        float(f"{value:.{DIGITS}g}") if isinstance(value, float) and math.isfinite(value) else None
    )


def short_list(values: Iterable[Any]) -> list[float | int | None]:
    """`short` of each."""
    return [short(value) for value in values]
