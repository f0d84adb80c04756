"""Curves and columns of many rounds, in as few points as a screen has room for."""

import numpy as np

# points of a curve at most, and how many of the last rounds are always points of their own
MOST_POINTS, TAIL = 320, 32
# columns of a heatmap at most
MOST_COLUMNS = 512


def thinned(lines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(rounds int [points], values [points, lines]) of float64 [rounds, lines].

    Rounds stand together in buckets of a power of two; each bucket becomes two points, at its
    first and its last round: the smallest and the largest value of a line, in the order in which
    they came. So no extreme is lost, and what was drawn of early rounds stays as it is.
    """
    count, width = len(lines), lines.shape[1]
    size = bucket(count)
    if size == 1:
        return np.arange(count), lines
    whole = (count - TAIL) // size
    packed = lines[: whole * size].reshape(whole, size, width)
    pairs = np.stack(_extremes(packed), axis=1).reshape(2 * whole, width)
    first = np.arange(whole) * size
    rounds = np.stack([first, first + size - 1], axis=1).ravel()
    rest = np.arange(whole * size, count)
    return np.concatenate([rounds, rest]), np.concatenate([pairs, lines[rest]])


def bucket(count: int) -> int:
    """How many of `count` rounds stand together in two points: 1, each is a point, or 4, 8, …"""
    size = 1
    while count > TAIL + MOST_POINTS * max(size // 2, 1):
        size = max(2 * size, 4)
    return size


def _extremes(packed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(earlier, later) [buckets, lines] of the smallest and the largest of [buckets, size, lines];
    nan where a bucket holds nothing else.
    """
    known = np.isfinite(packed)
    low = np.where(known, packed, np.inf).argmin(axis=1)
    high = np.where(known, packed, -np.inf).argmax(axis=1)
    places = np.minimum(low, high), np.maximum(low, high)
    earlier, later = (np.take_along_axis(packed, place[:, None], axis=1)[:, 0] for place in places)
    return earlier, later


def columns_shown(rounds: int) -> list[int]:
    """Which of so many rounds are columns of a heatmap: all, or every second, fourth, … so that
    those once shown stay, and always the last.
    """
    step = 1
    while rounds > MOST_COLUMNS * step:
        step *= 2
    shown = list(range(step - 1, rounds, step))
    return shown if not rounds or shown[-1:] == [rounds - 1] else [*shown, rounds - 1]
