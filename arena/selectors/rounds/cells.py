"""Values of a heatmap as bytes: a screen tells no more colours apart."""

from typing import NamedTuple

import numpy as np

# values that a byte may stand for, evenly far apart on a scale that is linear about the usual
# size of values and logarithmic beyond it; one outlier takes nothing from the others
LEVELS = 100
NOTHING = 255


class Cells(NamedTuple):
    """values: float32 [up to LEVELS], what the bytes stand for; codes: uint8, NOTHING where there
    is no value.
    """

    values: np.ndarray
    codes: np.ndarray


def cells(figures: np.ndarray) -> Cells:
    """`figures`, of any shape; whole numbers in a small range are kept exactly."""
    figures = figures.astype(np.float32)
    known = np.isfinite(figures)
    if not known.any():
        return Cells(np.zeros(0, np.float32), np.full(figures.shape, NOTHING, np.uint8))
    seen = figures[known]
    low, high = float(seen.min()), float(seen.max())
    if high - low < LEVELS and (seen == np.rint(seen)).all():
        return Cells(np.arange(low, high + 1, dtype=np.float32), _codes(figures - low, known))
    usual = float(np.median(np.abs(seen[:: max(len(seen) // 4096, 1)]))) or 1.0
    first, last = np.arcsinh(low / usual), np.arcsinh(high / usual)
    values = np.sinh(np.linspace(first, last, LEVELS)) * usual
    each = np.float32((LEVELS - 1) / (last - first or 1.0))
    places = (np.arcsinh(figures / np.float32(usual)) - np.float32(first)) * each
    return Cells(values.astype(np.float32), _codes(places, known))


def _codes(places: np.ndarray, known: np.ndarray) -> np.ndarray:
    return np.where(known, np.rint(places).clip(0, LEVELS - 1), NOTHING).astype(np.uint8)
