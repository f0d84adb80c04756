"""A CSV of prices to bars, strictly: understood in words, or refused with line, column and remedy.

The file is read piece by piece, in bulk where it is plain; a piece in doubt is read again cell by cell, to find and word the fault.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

import numpy as np

from arena.prices.files import csv_fast, csv_times
from arena.prices.files.columns import Columns, columns_of
from arena.prices.files.csv_cells import SEPARATORS, Cells, cells_of, header_of
from arena.prices.files.csv_numbers import is_number, numbers, refuse_formulas
from arena.prices.files.csv_text import Piece, pieces
from arena.prices.files.errors import FeedError, printable, shown
from arena.prices.files.limits import Limits
from arena.prices.files.reading import Part, PriceFile, Understood, assembled, impossible


@dataclass(frozen=True)
class Layout:
    """What the header and the first row say of all rows: `kinds` by index of each time column, the one read first."""

    header: list[str]
    separator: str
    columns: Columns
    kinds: dict[int, csv_times.Unix | csv_times.Dates]
    symbol: str


def understand_csv(source: BinaryIO, now_ms: int, limits: Limits, chosen: Mapping[str, str]) -> PriceFile:
    """All of a CSV; `chosen`: {role: heading} as a person says. Raises `FeedError`, with the headings where they were read."""
    told = pieces(source, limits)
    first = next(told)
    header, separator = header_of(first, limits)
    try:
        return _read(chain([_without_header(first)], told), header, separator, now_ms, limits, chosen)
    except FeedError as error:
        error.headings = tuple(map(printable, header))
        raise


def _without_header(first: Piece) -> Piece:
    return Piece(first.data.partition(b"\n")[2], 2)


def _read(told: Iterator[Piece], header: list[str], separator: str, now_ms: int, limits: Limits, chosen: Mapping[str, str]) -> PriceFile:
    columns = columns_of(header, chosen)
    layout: Layout | None = None
    parts: list[Part] = []
    rows = 0
    for piece in told:
        layout = layout or _layout(piece, header, separator, columns)
        part = layout and (_in_bulk(piece, layout) or _exactly(piece, layout))
        if part:
            parts.append(part)
            rows += len(part.lines)
        if rows > limits.rows:
            raise FeedError(f"the file has more than {limits.rows:,} rows; cut it, or use longer bars", limits.rows + 1)
    if layout is None:
        raise FeedError("there are no rows under the header; at least 2 are needed", 1)
    time = next(iter(layout.kinds))
    agree = "".join(f"; {printable(header[j])} agrees in every row" for j in list(layout.kinds)[1:])
    notes = [
        f"{rows:,} rows, {SEPARATORS[separator]}-separated, UTF-8.",
        *_blank_lines(parts),
        f"Time from {printable(header[time])} ({layout.kinds[time].how}){agree}.",
    ]
    return assembled(parts, Understood(header, columns, time, notes, printable(layout.symbol)[:40], "line"), now_ms)


def _blank_lines(parts: list[Part]) -> list[str]:
    """A sentence on blank lines between rows."""
    lines = np.concatenate([part.lines for part in parts])
    blank = int(lines[-1]) - 1 - len(lines)
    missing = int(np.argmax(lines != np.arange(2, len(lines) + 2))) + 2
    return [f"{blank} blank lines skipped, the first at line {missing}."] if blank else []


def _layout(piece: Piece, header: list[str], separator: str, columns: Columns) -> Layout | None:
    """What the first row of `piece` says, None where it holds blank lines only. Unix time is read before text."""
    for number, line in enumerate(piece.data.split(b"\n"), start=piece.first):
        if not line.strip(b"\r"):
            continue
        row = [cell for (cell,) in cells_of(Piece(line + b"\n", number), separator, len(header)).columns]
        kinds = {j: csv_times.kind_of(row[j], number, header[j]) for j in sorted(columns.times, key=lambda j: not row[j].isdigit())}
        return Layout(header, separator, columns, kinds, "" if columns.symbol is None else row[columns.symbol])
    return None


def _in_bulk(piece: Piece, layout: Layout) -> Part | None:
    """The rows of a piece that is plain and without fault; None for any other."""
    columns = layout.columns
    grid = csv_fast.grid_of(piece.data, layout.separator, len(layout.header))
    if grid is None or not len(grid.ends):
        return None
    values = {role: csv_fast.numbers(grid, j) for role, j in columns.values.items()}
    times = [csv_fast.times(grid, j, kind) for j, kind in layout.kinds.items()]
    fine = (
        all(read is not None for read in [*values.values(), *times])
        and all(csv_fast.no_formulas(grid, j) for j in columns.texts(len(layout.header)))
        and (columns.symbol is None or csv_fast.same(grid, columns.symbol, layout.symbol))
        and impossible(values) is None
        and not any(csv_times.apart(times[0], other).size for other in times[1:])
    )
    if not fine:
        return None
    rival = None if columns.rival is None else csv_fast.numbers(grid, columns.rival)
    return Part(times[0].ms, values, rival, piece.first + grid.lines)


def _exactly(piece: Piece, layout: Layout) -> Part | None:
    """The rows of a piece cell by cell, None where it has none; raises `FeedError` at the first fault."""
    header, columns = layout.header, layout.columns
    cells = cells_of(piece, layout.separator, len(header))
    if not cells.lines:
        return None
    for j in columns.texts(len(header)):
        refuse_formulas(cells.columns[j], cells.lines, header[j])
    time = _times(cells, layout)
    values = {role: numbers(cells.columns[j], cells.lines, header[j]) for role, j in columns.values.items()}
    if problem := impossible(values):
        row, role, text = problem
        j = columns.values[role]
        raise FeedError(f"{shown(cells.columns[j][row])} {text}", cells.lines[row], header[j])
    _refuse_other_symbols(cells, layout)
    rival = None if columns.rival is None else cells.columns[columns.rival]
    read = np.array(list(map(float, rival))) if rival and all(map(is_number, rival)) else None
    return Part(time, values, read, np.array(cells.lines))


def _times(cells: Cells, layout: Layout) -> np.ndarray:
    """int64 [n] ms of the time column; every other one must agree with it."""
    header = layout.header
    (j, read), *others = [(j, kind.read(cells.columns[j], cells.lines, header[j])) for j, kind in layout.kinds.items()]
    for other, told in others:
        for row in csv_times.apart(read, told):
            text = f"{shown(cells.columns[other][row])} does not agree with the column {printable(header[j])}; correct or delete one column"
            raise FeedError(text, cells.lines[row], header[other])
    return read.ms


def _refuse_other_symbols(cells: Cells, layout: Layout) -> None:
    if layout.columns.symbol is None:
        return
    for symbol, line in zip(cells.columns[layout.columns.symbol], cells.lines, strict=True):
        if symbol != layout.symbol:
            text = f"{shown(symbol)} follows {shown(layout.symbol)}; a file holds one market, keep the rows of one symbol"
            raise FeedError(text, line, layout.header[layout.columns.symbol])
