"""Where a figure falls among what worlds without structure gave (Phipson and Smyth, 2010)."""

from collections.abc import Sequence

from ml.sums import total


def p_value(real: float, null: Sequence[float]) -> float:
    """(1 + how many null figures are as high or higher) / (1 + how many there are): never 0, for
    more worlds might have been.
    """
    return (1 + total(value >= real for value in null)) / (1 + len(null))


def least_p(worlds: int) -> float:
    """The smallest p-value that so many null worlds can give."""
    return 1 / (1 + worlds)
