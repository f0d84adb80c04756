"""Pieces of a plain CSV to arrays in bulk: every rule of the exact way is checked on whole columns, and any doubt is handed back to it.

Plain means: all rows of one width, quotes around whole cells only. A number is at most 18 characters, digits with a point;
they fit a 64-bit integer, and with at most 53 bits and 22 decimals the quotient of two exact floats is the nearest one (Clinger, 1990).
"""

from dataclasses import dataclass

import numpy as np

from arena.prices.files.csv_numbers import MAX_DIGITS, is_number, vanishes
from arena.prices.files.csv_times import Dates, Times, Unix, is_date, offset_ms, resolution_of
from arena.prices.files.errors import FeedError

ZERO, NINE, POINT, MINUS, QUOTE = b'09.-"'
MOST_FIGURES = 18
MOST_UNIX_FIGURES = 19
EXACT = np.uint64(2**53)
TENS = 10 ** np.arange(20, dtype=np.uint64)
FLOAT_TENS = 10.0 ** np.arange(23)
FORMULA = np.isin(np.arange(256), list(b"=+@\t"))


@dataclass(frozen=True)
class Grid:
    """Cell j of row i is `raw[starts[i, j] : ends[i, j]]`; raw uint8; `lines` [rows]: how many lines come before each; no row is blank."""

    raw: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    lines: np.ndarray

    def cell(self, i: int, j: int) -> bytes:
        """One cell."""
        return self.raw[self.starts[i, j] : self.ends[i, j]].tobytes()

    def right_aligned(self, j: int, fill: int, skip: np.ndarray | int = 0) -> np.ndarray:
        """uint8 [longest, rows]: a column's cells without their first `skip` characters, ends under each other, filled up at the left."""
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
    quoted = (grid.ends - grid.starts >= 2) & (grid.raw[grid.starts] == QUOTE) & (grid.raw[grid.ends - 1] == QUOTE)
    if np.count_nonzero(grid.raw == QUOTE) != 2 * np.count_nonzero(quoted):
        return None
    return Grid(grid.raw, grid.starts + quoted, grid.ends - quoted, grid.lines)


def numbers(grid: Grid, j: int) -> np.ndarray | None:
    """float64 [rows] of a column, each as float() reads it; None where a cell is no plain, finite number."""
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


def times(grid: Grid, j: int, kind: Unix | Dates) -> Times | None:
    """The times of a column; None where a cell is not of `kind`, or written otherwise than the first."""
    return _unix(grid, j, kind) if isinstance(kind, Unix) else _dates(grid, j, kind)


def same(grid: Grid, j: int, text: str) -> bool:
    """Whether every cell of a column is `text`."""
    wanted = np.frombuffer(text.encode(), np.uint8)
    if ((grid.ends[:, j] - grid.starts[:, j]) != len(wanted)).any():
        return False
    return not len(wanted) or bool((grid.right_aligned(j, 0) == wanted[:, None]).all())


def no_formulas(grid: Grid, j: int) -> bool:
    """Whether no cell of a column begins as a formula does; a minus before a digit is none."""
    starts, lengths = grid.starts[:, j], grid.ends[:, j] - grid.starts[:, j]
    first = grid.raw[starts]
    second = np.take(grid.raw, starts + 1, mode="clip")
    signed = (first == MINUS) & ((lengths < 2) | (second < ZERO) | (second > NINE))
    return not ((lengths > 0) & (FORMULA[first] | signed)).any()


def _number(cell: bytes) -> float | None:
    """What float() makes of a cell that is written as a number; None for any other, and for what no float can hold."""
    text = cell.decode()
    if not is_number(text):
        return None
    value = float(text)
    return None if not np.isfinite(value) or (value == 0 and vanishes(text)) else value


def _unix(grid: Grid, j: int, kind: Unix) -> Times | None:
    lengths = grid.ends[:, j] - grid.starts[:, j]
    if lengths.min() < 1 or lengths.max() > MOST_UNIX_FIGURES:
        return None
    digits = grid.right_aligned(j, ZERO) - np.uint8(ZERO)
    if (digits > 9).any():
        return None
    values = np.zeros(len(lengths), np.uint64)
    for row in digits:
        values = values * np.uint64(10) + row
    ms = kind.milliseconds(values)
    return None if ms is None else Times(ms, kind.resolution)


def _dates(grid: Grid, j: int, kind: Dates) -> Times | None:
    """Dates that are all laid out as the first one."""
    lengths = grid.ends[:, j] - grid.starts[:, j]
    pattern = is_date(grid.cell(0, j).decode())
    if pattern is None or (lengths != lengths[0]).any() or (pattern[5] is not None) != kind.zoned:
        return None
    cells = np.ascontiguousarray(grid.right_aligned(j, 0).T)
    first = cells[0]
    figures = (first >= ZERO) & (first <= NINE)
    if ((cells[:, figures] < ZERO) | (cells[:, figures] > NINE)).any():
        return None
    marks = ~figures
    # the sign of an offset may change with the season, every other mark may not
    marks[pattern.end(1) :] &= ~np.isin(first[pattern.end(1) :], list(b"+-"))
    if (cells[:, marks] != first[marks]).any():
        return None
    try:
        text = np.ascontiguousarray(cells[:, : pattern.end(1)]).view(f"S{pattern.end(1)}").ravel().astype(str)
        naive = text.astype("datetime64[us]").astype("datetime64[ms]").astype(np.int64)
        return Times(naive - _shifts(cells[:, pattern.end(1) :], kind), resolution_of([pattern.groups()[:4]]))
    except (ValueError, FeedError):
        return None


def _shifts(cells: np.ndarray, kind: Dates) -> np.ndarray | int:
    """Milliseconds east of UTC of each row's zone, written in `cells` uint8 [rows, characters]."""
    if not kind.zoned:
        return 0
    width = cells.shape[1]
    zones, which = np.unique(np.ascontiguousarray(cells).view(f"S{width}").ravel(), return_inverse=True)
    texts = [zone.decode().strip() for zone in zones]
    for text in texts:
        if is_date("2000-01-01" + text) is None:
            raise ValueError(text)
    return np.array([offset_ms(text, 0, "") for text in texts], np.int64)[which]
