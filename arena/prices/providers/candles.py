"""Rows of a provider to candles: whole, closed, on the grid, each once; anything else is refused
with the candle named.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from arena.prices.files.errors import shown
from arena.prices.files.reading import PRICE_RANGE, VOLUME_MAX
from arena.prices.market.bars import COLUMNS, PRICES, Bars, BarsError, time_problem, value_problem
from arena.prices.providers.faults import Refused

WIDTH = len(COLUMNS)
# clocks of two machines that far apart are no reason to worry
CLOCK_SLACK_MS = 120_000
# times, within one bar
TOO_FAR = 10


@dataclass(frozen=True)
class Candles:
    """`rows` float64 [n, 6], columns as COLUMNS, times strictly rising; `notes`: one sentence for
    each thing left out or merged.
    """

    rows: np.ndarray
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows)


def candles_of(
    rows: Sequence[Sequence[Any]],
    *,
    timeframe_ms: int,
    start_ms: int,
    stop_ms: int,
    now_ms: int,
    server_ms: int | None = None,
) -> Candles:
    """Candles that open in [start_ms, stop_ms) and have closed, of rows (open time ms, open, high,
    low, close, volume).

    A candle has closed when both clocks say so, ours (`now_ms`) and the provider's where it sent
    one. Raises Refused for a value that is no number, impossible prices, two candles of one time
    that differ, times out of order or off the grid, a candle from the future.
    """
    table = _numbers(rows)
    table, merged = _merged(table)
    _check(table, timeframe_ms)
    latest = max(now_ms, server_ms or now_ms) + CLOCK_SLACK_MS
    if len(table) and table[-1, 0] > latest:
        raise Refused(
            f"candle of {when(table[-1, 0])} lies in the future; check this machine's clock"
        )
    inside = (table[:, 0] >= start_ms) & (table[:, 0] < stop_ms)
    closed = table[:, 0] + timeframe_ms <= min(now_ms, server_ms or now_ms)
    open_ones = int(np.count_nonzero(inside & ~closed))
    notes = (
        [f"{open_ones} candle{'s' if open_ones > 1 else ''} had not closed yet: left out."]
        if open_ones
        else []
    )
    return Candles(table[inside & closed], merged + notes)


def bars_of(rows: np.ndarray, timeframe_ms: int) -> Bars:
    """Bars of rows float64 [n, 6] put together from several pages; Refused where they make no
    market.
    """
    if len(rows) < 2:
        raise Refused(
            f"the provider has {len(rows) or 'no'} candle{'s' if len(rows) != 1 else ''} in this"
            " range; choose a longer one"
        )
    _check(rows, timeframe_ms)
    jump = np.abs(np.diff(np.log(rows[:, 4])))
    if (jump > np.log(TOO_FAR)).any():
        text = (
            f"the close changes more than {TOO_FAR}-fold within a bar: a wrong price, a split or"
            " another unit; choose a range without it"
        )
        raise Refused(f"candle of {when(rows[int(np.argmax(jump)) + 1, 0])}: {text}")
    columns = {name: rows[:, place] for place, name in enumerate(COLUMNS)}
    try:
        return Bars(**columns | {"time": rows[:, 0].astype(np.int64)}, timeframe_ms=timeframe_ms)
    except BarsError as error:
        place = f"candle of {when(rows[error.row, 0])}, " if error.row is not None else ""
        raise Refused(f"{place}{error.column}: {error.text}") from None


def when(ms: float) -> str:
    """A time for people, to the minute, UTC."""
    return f"{np.datetime64(int(ms), 'ms')}"[:16].replace("T", " ") + " UTC"


def _numbers(rows: Sequence[Sequence[Any]]) -> np.ndarray:
    """float64 [n, 6]; a string, true or null is no number, whatever it reads like."""
    if not isinstance(rows, list | tuple):
        raise Refused(
            f"candles are {_kind(rows)}, expected a list; the provider's format has changed"
        )
    for place, row in enumerate(rows):
        if not isinstance(row, list | tuple) or len(row) != WIDTH:
            raise Refused(
                f"candle {place} is {_kind(row)}, expected {WIDTH} numbers; the provider's format"
                " has changed"
            )
        for name, value in zip(COLUMNS, row, strict=True):
            if type(value) not in (int, float):
                raise Refused(
                    f"candle {place}, {name}: {shown(str(value))} is {_kind(value)}, not a number"
                )
            if name == "time" and not (float(value).is_integer() and 0 <= value < 2**53):
                raise Refused(
                    f"candle {place}, time: {shown(str(value))} is not a whole number of"
                    " milliseconds since 1970"
                )
    return np.array(rows, np.float64).reshape(len(rows), WIDTH)


def _kind(value: Any) -> str:
    names = {
        str: "a text",
        bool: "true or false",
        type(None): "nothing",
        dict: "an object",
        list: "a list",
    }
    return names.get(type(value), "something else")


def _merged(table: np.ndarray) -> tuple[np.ndarray, list[str]]:
    twice = np.flatnonzero(np.diff(table[:, 0]) == 0)
    for i in twice:
        if not np.array_equal(table[i], table[i + 1]):
            raise Refused(
                f"two different candles of {when(table[i, 0])}; nobody can say which is right"
            )
    if not len(twice):
        return table, []
    many = f"{len(twice)} candle{'s' if len(twice) > 1 else ''}"
    return np.delete(table, twice, axis=0), [f"{many} came twice with the same values: kept once."]


def _check(table: np.ndarray, timeframe_ms: int) -> None:
    if not len(table):
        return
    problem = value_problem(*(table[:, place] for place in range(1, WIDTH))) or time_problem(
        table[:, 0].astype(np.int64)
    )
    if problem:
        row, column, text = problem
        raise Refused(
            f"candle of {when(table[row, 0])}, {column}: {table[row, COLUMNS.index(column)]:g}"
            f" {text}"
        )
    off = np.flatnonzero(np.diff(table[:, 0]) % timeframe_ms)
    if off.size:
        raise Refused(
            f"candle of {when(table[off[0] + 1, 0])} is not a whole number of bars after the one"
            " before; bars of mixed length"
        )
    for place in range(1, 1 + len(PRICES)):
        far = np.flatnonzero(
            (table[:, place] < PRICE_RANGE[0]) | (table[:, place] > PRICE_RANGE[1])
        )
        if far.size:
            raise Refused(
                f"candle of {when(table[far[0], 0])}, {COLUMNS[place]}: {table[far[0], place]:g} is"
                " no price"
            )
    far = np.flatnonzero(table[:, -1] > VOLUME_MAX)
    if far.size:
        raise Refused(
            f"candle of {when(table[far[0], 0])}, volume: {table[far[0], -1]:g} is above"
            f" {VOLUME_MAX:g}"
        )
