"""Other futures for a market: what was known up to a moment must not change with the bars after it,
by a single bit.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from arena.prices.market.bars import COLUMNS, Bars

Table = Callable[[Bars], np.ndarray]
# prices and volumes of another future are up to 30 times, or a thirtieth of, what they were
FARTHEST = 3.4
# and its bars come later by this many
LATER = 5


def cut(bars: Bars, stop: int) -> Bars:
    """The first `stop` bars."""
    return Bars(
        **{name: getattr(bars, name)[:stop] for name in COLUMNS}, timeframe_ms=bars.timeframe_ms
    )


def with_other_future(bars: Bars, start: int, rng: np.random.Generator) -> Bars:
    """Time, every price and volume from bar `start` on changed, still valid."""
    arrays = {name: getattr(bars, name).copy() for name in COLUMNS}
    factor = np.exp(rng.uniform(-FARTHEST, FARTHEST, len(bars) - start))
    for name in COLUMNS[1:]:
        arrays[name][start:] *= factor
    arrays["time"][start:] += LATER * bars.timeframe_ms
    return Bars(**arrays, timeframe_ms=bars.timeframe_ms)


def futures(bars: Bars, moment: int, rng: np.random.Generator) -> Iterator[Bars]:
    """The series without the bars after `moment`, then with others in their place."""
    yield cut(bars, moment + 1)
    yield with_other_future(bars, moment + 1, rng)


def first_changes(before: np.ndarray, after: np.ndarray) -> dict[int, int]:
    """{column: first row} of those columns in which two tables float32 [n, columns] differ by a
    bit.
    """
    other = np.ascontiguousarray(before).view(np.uint32) != np.ascontiguousarray(after).view(
        np.uint32
    )
    return {
        int(column): int(np.argmax(other[:, column]))
        for column in np.flatnonzero(other.any(axis=0))
    }


def leaking_columns(
    table: Table, bars: Bars, moments: Iterable[int], rng: np.random.Generator
) -> set[int]:
    """Columns of float32 table(bars) [n, columns] of which some row up to one of the moments
    changes with the bars after it.
    """
    whole = table(bars)
    leaks: set[int] = set()
    for moment in moments:
        for other in futures(bars, moment, rng):
            leaks |= first_changes(whole[: moment + 1], table(other)[: moment + 1]).keys()
    return leaks
