"""Columns of text to UTC milliseconds: Unix time by its magnitude, or ISO 8601 dates."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from arena.feeds.errors import FeedError, shown

DAY_MS = 86_400_000
MINUTE_MS = 60_000
is_unix = re.compile(r"[0-9]{1,20}").fullmatch
is_date = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?) ?(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?"
).fullmatch
# (digits of the smallest and the largest, name, milliseconds = value x up / down); seconds cover 1973 to 5138
UNITS = (
    (1e8, 1e11, "seconds", 1000, 1),
    (1e11, 1e14, "milliseconds", 1, 1),
    (1e14, 1e17, "microseconds", 1, 1000),
    (1e17, 1e19, "nanoseconds", 1, 10**6),
)


class Times(NamedTuple):
    """`ms` int64 [n] UTC; `how` in words; `resolution` in ms of what the text can tell (a day for a bare date)."""

    ms: np.ndarray
    how: str
    resolution: int


def times(cells: Sequence[str], lines: Sequence[int], column: str) -> Times:
    """The times of one column; raises `FeedError` at the first cell that is neither Unix time nor an ISO date, or changes its kind."""
    return _unix(cells, lines, column) if is_unix(cells[0]) else _dates(cells, lines, column)


def _unix(cells: Sequence[str], lines: Sequence[int], column: str) -> Times:
    for cell, line in zip(cells, lines, strict=True):
        if not is_unix(cell):
            raise FeedError(f"{shown(cell)} is not a whole Unix time as in the rows above; correct it or delete the row", line, column)
    values = [int(cell) for cell in cells]
    units = [unit for unit in UNITS if unit[0] <= values[0] < unit[1]]
    if not units:
        raise FeedError(
            f"{shown(cells[0])} is no Unix time in seconds, ms or us; write dates as 2022-03-01 or 2022-03-01 13:00", lines[0], column
        )
    low, high, name, up, down = units[0]
    for value, line in zip(values, lines, strict=True):
        if not low <= value < high:
            raise FeedError(f"{value} is not in {name} as the first row is; write all times in one unit", line, column)
        if value % down:
            raise FeedError(f"{value} {name} is not a whole millisecond; round it", line, column)
    return Times(np.array([value * up // down for value in values], dtype=np.int64), f"Unix {name}, UTC", 1000 if up == 1000 else 1)


def _dates(cells: Sequence[str], lines: Sequence[int], column: str) -> Times:
    found = [is_date(cell) for cell in cells]
    for match, cell, line in zip(found, cells, lines, strict=True):
        if match is None:
            raise FeedError(_why(cell), line, column)
    parts = [match.groups() for match in found if match]
    zoned = [part[4] is not None for part in parts]
    if any(zoned) and not all(zoned):
        i = zoned.index(not zoned[0])
        raise FeedError(f"{shown(cells[i])}: some times name a zone and some do not; write all with Z or an offset", lines[i], column)
    naive = _milliseconds([part[0] for part in parts], lines, column)
    offsets = {zone: _offset(zone, lines[0], column) for zone in {part[4] for part in parts}}
    shift = np.array([offsets[part[4]] for part in parts], dtype=np.int64)
    bare = all(part[1] is None for part in parts)
    how = "dates with their offsets, turned to UTC" if any(zoned) else "dates without a zone, taken as UTC"
    return Times(naive - shift, how, DAY_MS if bare else 1000 if any(part[2] for part in parts) else MINUTE_MS)


def _milliseconds(texts: list[str], lines: Sequence[int], column: str) -> np.ndarray:
    try:
        return np.array(texts, dtype="datetime64[us]").astype("datetime64[ms]").astype(np.int64)
    except ValueError:
        for text, line in zip(texts, lines, strict=True):
            _refuse_impossible(text, line, column)
        raise


def _refuse_impossible(text: str, line: int, column: str) -> None:
    try:
        np.datetime64(text, "us")
    except ValueError:
        raise FeedError(f"{shown(text)} is not a date or time that exists; correct it or delete the row", line, column) from None


def _offset(zone: str | None, line: int, column: str) -> int:
    """Milliseconds east of UTC."""
    if zone in (None, "Z", "UTC"):
        return 0
    sign, hours, minutes = zone[0], int(zone[1:3]), int(zone[-2:])
    if hours > 14 or minutes > 59:
        raise FeedError(f"{shown(zone)} is not an offset from UTC; write one such as +02:00", line, column)
    return (-1 if sign == "-" else 1) * (hours * 60 + minutes) * MINUTE_MS


def _why(cell: str) -> str:
    if not cell.strip():
        return "the cell is empty; fill in the time or delete the row"
    if re.fullmatch(r"[0-9]{1,2}[/.\-][0-9]{1,2}[/.\-][0-9]{2,4}.*", cell):
        return f"{shown(cell)} could be day-month or month-day; write dates as 2022-03-01"
    if re.fullmatch(r"[0-9]{1,2}:[0-9]{2}.*", cell):
        return f"{shown(cell)} is a time without its date; join date and time in one column, such as 2022-03-01 13:00"
    return f"{shown(cell)} is not a time; write Unix time, or dates as 2022-03-01 or 2022-03-01 13:00:00"
