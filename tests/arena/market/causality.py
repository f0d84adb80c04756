"""A detector of looking ahead: rerun on a cut and on a changed future, and compare bit by bit."""

from collections.abc import Callable, Iterable

import numpy as np

from arena.market.bars import COLUMNS, Bars

Features = Callable[[Bars], np.ndarray]


def cut(bars: Bars, stop: int) -> Bars:
    """The first `stop` bars."""
    return Bars(**{name: getattr(bars, name)[:stop] for name in COLUMNS}, timeframe_ms=bars.timeframe_ms)


def with_other_future(bars: Bars, start: int, rng: np.random.Generator) -> Bars:
    """Every price and volume from bar `start` on changed by up to 30 times, still valid."""
    arrays = {name: getattr(bars, name).copy() for name in COLUMNS}
    factor = np.exp(rng.uniform(-3.4, 3.4, len(bars) - start))
    for name in COLUMNS[1:]:
        arrays[name][start:] *= factor
    return Bars(**arrays, timeframe_ms=bars.timeframe_ms)


def leaking_columns(features: Features, bars: Bars, times: Iterable[int], rng: np.random.Generator) -> set[int]:
    """Columns of which some row up to t changes, by a single bit, when the bars after t are cut off or changed."""
    whole = features(bars)
    leaks: set[int] = set()
    for t in times:
        for other in (cut(bars, t + 1), with_other_future(bars, t + 1, rng)):
            part = features(other)[: t + 1]
            same = part.view(np.uint32) == whole[: t + 1].view(np.uint32)
            leaks |= {int(column) for column in np.flatnonzero(~same.all(axis=0))}
    return leaks
