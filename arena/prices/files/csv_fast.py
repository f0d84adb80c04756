"""Pieces of a plain CSV to arrays in bulk: every rule of the exact way is checked on whole columns,
and any doubt is handed back to it.

Plain means: all rows of one width, quotes around whole cells only. A number is at most 18
characters, digits with a point; they fit a 64-bit integer, and with at most 53 bits and 22 decimals
the quotient of two exact floats is the nearest one (Clinger, 1990).
"""

import re
from dataclasses import dataclass

import numpy as np

from arena.prices.files.cells.csv_numbers import MAX_DIGITS, is_number, vanishes
from arena.prices.files.cells.csv_times import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    Dates,
    Kind,
    Times,
    Unix,
    civil,
    is_clock,
    is_written,
    of_century,
    offset_ms,
)

ZERO, NINE, POINT, MINUS, QUOTE = b'09.-"'
MOST_FIGURES = 18
MOST_UNIX_FIGURES = 19
EXACT = np.uint64(2**53)
TENS = 10 ** np.arange(20, dtype=np.uint64)
FLOAT_TENS = 10.0 ** np.arange(23)


@dataclass(frozen=True)
class Grid:
    """Cell j of row i is `raw[starts[i, j] : ends[i, j]]`; raw uint8; `lines` [rows]: how many
    lines come before each; no row is blank.
    """

    raw: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    lines: np.ndarray

    def cell(self, i: int, j: int) -> bytes:
        """One cell."""
        return self.raw[self.starts[i, j] : self.ends[i, j]].tobytes()

    def right_aligned(self, j: int, fill: int, skip: np.ndarray | int = 0) -> np.ndarray:
        """uint8 [longest, rows]: a column's cells without their first `skip` characters, ends under
        each other, filled up at the left.
        """
        starts, ends = self.starts[:, j] + skip, self.ends[:, j]
        places = ends - np.arange(int((ends - starts).max()), 0, -1)[:, None]
        return np.where(places < starts, np.uint8(fill), np.take(self.raw, places, mode="clip"))


def grid_of(data: bytes, separator: str, width: int) -> Grid | None:
    """The cells of whole lines, or None where they are no plain grid of `width` columns."""
    raw = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero((raw == ord(separator)) | (raw == ord("\n")))
    starts = np.concatenate([[0], ends[:-1] + 1])
    feeds = raw[ends] == ord("\n")
    empty = (ends == starts) | ((ends == starts + 1) & (raw[starts] == ord("\r")))
    kept = ~(empty & feeds & np.concatenate([[True], feeds[:-1]]))
    if np.count_nonzero(kept) % width:
        return None
    lines = (np.cumsum(feeds) - feeds)[kept][::width]
    starts, ends, feeds = (each[kept].reshape(-1, width) for each in (starts, ends, feeds))
    if not feeds[:, -1].all() or feeds[:, :-1].any():
        return None
    ends[:, -1] -= raw[ends[:, -1] - 1] == ord("\r")
    grid = Grid(raw, starts, ends, lines)
    return grid if b'"' not in data else _unquoted(grid)


def _unquoted(grid: Grid) -> Grid | None:
    """The grid without the quotes around cells; None where a quote stands anywhere else."""
    quoted = (
        (grid.ends - grid.starts >= 2)
        & (grid.raw[grid.starts] == QUOTE)
        & (grid.raw[grid.ends - 1] == QUOTE)
    )
    if np.count_nonzero(grid.raw == QUOTE) != 2 * np.count_nonzero(quoted):
        return None
    return Grid(grid.raw, grid.starts + quoted, grid.ends - quoted, grid.lines)


def numbers(grid: Grid, j: int) -> np.ndarray | None:
    """float64 [rows] of a column, each as float() reads it; None where a cell is no plain, finite
    number.
    """
    starts, ends = grid.starts[:, j], grid.ends[:, j]
    lengths = ends - starts
    if lengths.min() < 1 or lengths.max() > MAX_DIGITS:
        return None
    negative = grid.raw[starts] == MINUS
    lengths -= negative
    if lengths.min() < 1:
        return None
    cells = grid.right_aligned(j, ZERO, negative)
    points, digits = cells == POINT, cells - np.uint8(ZERO)
    counts = points.sum(axis=0)
    plain = ((digits <= 9) | points).all(axis=0) & (counts <= 1) & (lengths <= MOST_FIGURES)
    plain &= (grid.raw[starts + negative] != POINT) & (grid.raw[ends - 1] != POINT)
    whole = np.zeros(len(starts), np.uint64)
    for row, point in zip(digits[-MOST_FIGURES:], points[-MOST_FIGURES:], strict=True):
        whole = np.where(point, whole, whole * np.uint64(10) + row)
    decimals = np.where(counts > 0, len(cells) - 1 - points.argmax(axis=0), 0)
    plain &= (whole <= EXACT) & (decimals < len(FLOAT_TENS))
    values = whole.astype(np.float64) / FLOAT_TENS[np.minimum(decimals, len(FLOAT_TENS) - 1)]
    values[negative] *= -1
    for i in np.flatnonzero(~plain).tolist():
        value = _number(grid.cell(i, j))
        if value is None:
            return None
        values[i] = value
    # a negative zero is stored as zero
    return values + 0.0


def times(grid: Grid, j: int, kind: Kind) -> Times | None:
    """The times of a column; None where a cell is not of `kind`, or written otherwise than the
    first.
    """
    if isinstance(kind, Dates):
        return _dates(grid, j, kind)
    values = _whole_numbers(grid, j)
    if values is None:
        return None
    if isinstance(kind, Unix):
        ms = kind.milliseconds(values)
        return (
            None
            if ms is None or kind.changes(values[[values.argmin(), values.argmax()]]).any()
            else Times(ms, kind.resolution)
        )
    lengths = grid.ends[:, j] - grid.starts[:, j]
    stamps, exist = kind.milliseconds(values)
    fits = exist.all() and (lengths == sum(kind.figures)).all()
    return Times(stamps, kind.resolution, zoned=False) if fits else None


def clock(grid: Grid, j: int) -> np.ndarray | None:
    """int64 [rows] ms since midnight of a column of times of day that are all laid out as the
    first, 09:30 or 09:30:00.
    """
    found = is_clock(grid.cell(0, j).decode())
    cells = (
        None if found is None or found["half"] or not found["m"] else _alike(grid, j, found.end())
    )
    if cells is None or found is None:
        return None
    hours, minutes, seconds = (_figures(cells, found.span(name)) for name in ("h", "m", "s"))
    if found["f"] or (hours > 23).any() or (minutes > 59).any() or (seconds > 59).any():
        return None
    return hours * HOUR_MS + minutes * MINUTE_MS + seconds * 1000


def same(grid: Grid, j: int, text: str) -> bool:
    """Whether every cell of a column is `text`."""
    wanted = np.frombuffer(text.encode(), np.uint8)
    if ((grid.ends[:, j] - grid.starts[:, j]) != len(wanted)).any():
        return False
    return not len(wanted) or bool((grid.right_aligned(j, 0) == wanted[:, None]).all())


def _number(cell: bytes) -> float | None:
    """What float() makes of a cell that is written as a number; None for any other, and for what no
    float can hold.
    """
    text = cell.decode()
    if not is_number(text):
        return None
    value = float(text)
    return None if not np.isfinite(value) or (value == 0 and vanishes(text)) else value


def _whole_numbers(grid: Grid, j: int) -> np.ndarray | None:
    """uint64 [rows] of a column of figures only."""
    lengths = grid.ends[:, j] - grid.starts[:, j]
    if lengths.min() < 1 or lengths.max() > MOST_UNIX_FIGURES:
        return None
    digits = grid.right_aligned(j, ZERO) - np.uint8(ZERO)
    if (digits > 9).any():
        return None
    values = np.zeros(len(lengths), np.uint64)
    for row in digits:
        values = values * np.uint64(10) + row
    return values


def _alike(grid: Grid, j: int, stop: int) -> np.ndarray | None:
    """uint8 [rows, characters] of a column whose cells have figures where the first has, up to
    `stop`, and its marks.
    """
    lengths = grid.ends[:, j] - grid.starts[:, j]
    if (lengths != lengths[0]).any():
        return None
    cells = np.ascontiguousarray(grid.right_aligned(j, 0).T)
    first = cells[0]
    figures = (first >= ZERO) & (first <= NINE)
    if ((cells[:, figures] < ZERO) | (cells[:, figures] > NINE)).any():
        return None
    marks = ~figures
    # the sign of an offset may change with the season, every other mark may not
    marks[stop:] &= ~np.isin(first[stop:], list(b"+-"))
    return None if (cells[:, marks] != first[marks]).any() else cells


def _figures(cells: np.ndarray, span: tuple[int, int]) -> np.ndarray:
    """int64 [rows] of the figures in those places; 0 where there are none."""
    values: np.ndarray = np.zeros(len(cells), np.int64)
    for place in range(*span) if span[0] >= 0 else ():
        values = values * 10 + (cells[:, place] - np.uint8(ZERO))
    return values


def _dates(grid: Grid, j: int, kind: Dates) -> Times | None:
    """Dates that are all laid out as the first one, of figures only."""
    text = grid.cell(0, j).decode()
    found = is_written(text)
    if (
        found is None
        or found["half"]
        or found["a2"]
        or found["month"]
        or (found["zone"] is not None) != kind.zoned
    ):
        return None
    spans = _spans(found, kind.order)
    end = found.start("zone") if found["zone"] else len(text)
    cells = None if spans is None else _alike(grid, j, end)
    if cells is None or spans is None:
        return None
    year, month, day = (_figures(cells, span) for span in spans)
    year = of_century(year) if spans[0][1] - spans[0][0] == 2 else year
    parts = [_figures(cells, found.span(name)) for name in ("h", "m", "s")]
    fraction = _figures(cells, found.span("f"))
    fine = 10 ** max(len(found["f"] or "") - 3, 0)
    coarse = 10 ** max(3 - len(found["f"] or ""), 0)
    ms, exist = civil(year, month, day, *parts, fraction * coarse // fine)
    if not exist.all() or (fraction % fine).any():
        return None
    resolution = 1000 if found["s"] else MINUTE_MS if found["h"] else DAY_MS
    try:
        return Times(ms - _shifts(cells[:, end:], kind), resolution, kind.zoned)
    except ValueError:
        return None


def _spans(found: re.Match[str], order: str) -> tuple[tuple[int, int], ...] | None:
    """Where year, month and day stand; None where they are not figures of a fixed width."""
    if found["whole"]:
        at = found.start("whole")
        return (at, at + 4), (at + 4, at + 6), (at + 6, at + 8)
    a, b, c = (found.span(name) for name in ("a", "b", "c"))
    if not (found["a"].isdigit() and found["b"].isdigit()):
        return None
    if len(found["a"]) == 4 or (order == "year" and len(found["a"]) == 2 and len(found["c"]) == 2):
        return a, b, c
    if order == "year" or len(found["c"]) not in (2, 4):
        return None
    return (c, b, a) if order == "day" else (c, a, b)


def _shifts(cells: np.ndarray, kind: Dates) -> np.ndarray | int:
    """Milliseconds east of UTC of each row's zone, written in `cells` uint8 [rows, characters];
    ValueError for none.
    """
    if not kind.zoned:
        return 0
    zones, which = np.unique(
        np.ascontiguousarray(cells).view(f"S{cells.shape[1]}").ravel(), return_inverse=True
    )
    offsets = [offset_ms(zone.decode()) for zone in zones]
    if None in offsets:
        raise ValueError("no such offset")
    return np.array(offsets, np.int64)[which]
