"""Columns of text to UTC milliseconds: Unix time by its magnitude, or ISO 8601 dates. What the first row shows holds for all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from arena.prices.files.errors import FeedError, shown

DAY_MS = 86_400_000
MINUTE_MS = 60_000
is_unix = re.compile(r"[0-9]{1,20}").fullmatch
is_date = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?) ?(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?"
).fullmatch


class Times(NamedTuple):
    """`ms` int64 [n] UTC; `resolution` in ms of what the text can tell (a day for a bare date)."""

    ms: np.ndarray
    resolution: int


@dataclass(frozen=True)
class Unix:
    """Whole Unix times in `low` to below `high`; milliseconds = value x up / down."""

    low: int
    high: int
    unit: str
    up: int
    down: int

    @property
    def how(self) -> str:
        return f"Unix {self.unit}, UTC"

    @property
    def resolution(self) -> int:
        return 1000 if self.up == 1000 else 1

    def milliseconds(self, values: np.ndarray) -> np.ndarray | None:
        """int64 [n] of uint64 [n], None where one is not in the unit or not a whole millisecond."""
        if ((values < self.low) | (values >= self.high)).any() or (self.down > 1 and (values % self.down).any()):
            return None
        return (values * self.up // self.down).astype(np.int64)

    def read(self, cells: Sequence[str], lines: Sequence[int], column: str) -> Times:
        """The times of one column; raises `FeedError` at the first cell that is none or of another unit."""
        for cell, line in zip(cells, lines, strict=True):
            if not is_unix(cell):
                raise FeedError(f"{shown(cell)} is not a whole Unix time as in the rows above; correct it or delete the row", line, column)
            if not self.low <= int(cell) < self.high:
                raise FeedError(f"{int(cell)} is not in {self.unit} as the first row is; write all times in one unit", line, column)
            if int(cell) % self.down:
                raise FeedError(f"{int(cell)} {self.unit} is not a whole millisecond; round it", line, column)
        return Times(np.array([int(cell) * self.up // self.down for cell in cells], np.int64), self.resolution)


# seconds cover 1973 to 5138
UNITS = (
    Unix(10**8, 10**11, "seconds", 1000, 1),
    Unix(10**11, 10**14, "milliseconds", 1, 1),
    Unix(10**14, 10**17, "microseconds", 1, 1000),
    Unix(10**17, 10**19, "nanoseconds", 1, 10**6),
)


@dataclass(frozen=True)
class Dates:
    """ISO dates, all with a zone or all without one."""

    zoned: bool

    @property
    def how(self) -> str:
        return "dates with their offsets, turned to UTC" if self.zoned else "dates without a zone, taken as UTC"

    def read(self, cells: Sequence[str], lines: Sequence[int], column: str) -> Times:
        """The times of one column; raises `FeedError` at the first cell that is no date, or differs from the first in having a zone."""
        parts = [_parts(cell, line, column) for cell, line in zip(cells, lines, strict=True)]
        for part, cell, line in zip(parts, cells, lines, strict=True):
            if (part[4] is not None) != self.zoned:
                raise FeedError(f"{shown(cell)}: some times name a zone and some do not; write all with Z or an offset", line, column)
        naive = _milliseconds([part[0] for part in parts], lines, column)
        offsets = {zone: offset_ms(zone, lines[0], column) for zone in {part[4] for part in parts}}
        shift = np.array([offsets[part[4]] for part in parts], dtype=np.int64)
        return Times(naive - shift, resolution_of([part[:4] for part in parts]))


def kind_of(cell: str, line: int, column: str) -> Unix | Dates:
    """What the first cell of a column of times is; raises `FeedError` where it is neither."""
    if is_unix(cell):
        return unit_of(int(cell), line, column)
    return Dates(_parts(cell, line, column)[4] is not None)


def unit_of(value: int, line: int, column: str) -> Unix:
    """The unit a Unix time is in by its magnitude; raises `FeedError` where it is in none."""
    for kind in UNITS:
        if kind.low <= value < kind.high:
            return kind
    text = f"'{value}' is no Unix time in seconds, ms or us; write dates as 2022-03-01 or 2022-03-01 13:00"
    raise FeedError(text, line, column)


def apart(read: Times, told: Times) -> np.ndarray:
    """Rows at which two columns of times differ, as far as the second can tell."""
    return np.flatnonzero(read.ms // told.resolution != told.ms // told.resolution)


def resolution_of(parts: Sequence[Sequence[str | None]]) -> int:
    """Of (date and time, time, seconds, fraction) of some dates: what they can tell at least, in ms."""
    return DAY_MS if all(part[1] is None for part in parts) else 1000 if any(part[2] for part in parts) else MINUTE_MS


def offset_ms(zone: str | None, line: int, column: str) -> int:
    """Milliseconds east of UTC; raises `FeedError`."""
    if zone in (None, "Z", "UTC"):
        return 0
    sign, hours, minutes = zone[0], int(zone[1:3]), int(zone[-2:])
    if hours > 14 or minutes > 59:
        raise FeedError(f"{shown(zone)} is not an offset from UTC; write one such as +02:00", line, column)
    return (-1 if sign == "-" else 1) * (hours * 60 + minutes) * MINUTE_MS


def _parts(cell: str, line: int, column: str) -> tuple[str | None, ...]:
    """(date and time, time, seconds, fraction, zone) of a cell."""
    match = is_date(cell)
    if match is None:
        raise FeedError(_why(cell), line, column)
    return match.groups()


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


def _why(cell: str) -> str:
    if not cell.strip():
        return "the cell is empty; fill in the time or delete the row"
    if re.fullmatch(r"[0-9]{1,2}[/.\-][0-9]{1,2}[/.\-][0-9]{2,4}.*", cell):
        return f"{shown(cell)} could be day-month or month-day; write dates as 2022-03-01"
    if re.fullmatch(r"[0-9]{1,2}:[0-9]{2}.*", cell):
        return f"{shown(cell)} is a time without its date; join date and time in one column, such as 2022-03-01 13:00"
    return f"{shown(cell)} is not a time; write Unix time, or dates as 2022-03-01 or 2022-03-01 13:00:00"
