"""A CSV of prices to bars: understood in words, or refused with every line, column and remedy of a
first pass.

The file is read piece by piece, in bulk where it is plain; a piece in doubt is read again cell by
cell, to find and word the fault.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO

import numpy as np

from arena.prices.files import csv_fast
from arena.prices.files.cells import csv_times
from arena.prices.files.cells.columns import Columns, which_ticker
from arena.prices.files.cells.csv_cells import Cells, cells_of
from arena.prices.files.cells.csv_numbers import is_empty, looks_like_formula, numbers
from arena.prices.files.cells.csv_shape import (
    HEAD_LINES,
    SEPARATORS,
    Table,
    printable_headings,
    table_of,
)
from arena.prices.files.cells.csv_text import Piece, pieces
from arena.prices.files.cells.csv_times import Times
from arena.prices.files.errors import MOST_PROBLEMS, FeedError, Problem, refusal, shown
from arena.prices.files.layout import RowLayout, Undecided, how_words, row_layout_of
from arena.prices.files.limits import Limits
from arena.prices.files.options import Reading
from arena.prices.files.reading import (
    FilePart,
    PriceFile,
    Tally,
    Understood,
    all_impossible,
    assembled,
    lowered,
    no_prices,
    sound_part,
)

# rows that are looked at before any is kept, and pieces that are held while all of it can be read
# two ways
SURVEYED = 2000
MOST_HELD = 40


@dataclass
class _Rows:
    """What was read so far, with the faults found."""

    parts: list[FilePart]
    tally: Tally
    count: int = 0


def understand_csv(source: BinaryIO, now_ms: int, limits: Limits, reading: Reading) -> PriceFile:
    """All of a CSV. Raises `FeedError`, with the headings where they were read."""
    stream = pieces(source, limits)
    first = _head(stream)
    lines = first.data.split(b"\n", HEAD_LINES)[:HEAD_LINES]
    table = table_of([line.decode() for line in lines], first.first, reading)
    if table.width > limits.columns:
        raise FeedError(
            f"the file has {table.width:,} columns, at most {limits.columns:,} are read",
            table.first,
        )
    try:
        return _read(
            chain([_from_line(first, table.first)], stream), table, now_ms, limits, reading
        )
    except FeedError as error:
        error.headings = printable_headings(table.header)
        raise


def _head(stream: Iterator[Piece]) -> Piece:
    """The first pieces as one, of as many lines as the shape of a table is looked for in."""
    first = next(stream)
    data = [first.data]
    while (
        sum(each.count(b"\n") for each in data) < HEAD_LINES
        and (more := next(stream, None)) is not None
    ):
        data.append(more.data)
    return Piece(b"".join(data), first.first)


def _from_line(piece: Piece, line: int) -> Piece:
    """The piece without what stands before a line."""
    data = piece.data
    for _ in range(line - piece.first):
        data = data.partition(b"\n")[2]
    return Piece(data, line)


def _read(
    stream: Iterator[Piece], table: Table, now_ms: int, limits: Limits, reading: Reading
) -> PriceFile:
    held, layout = _surveyed(stream, table, now_ms, reading)
    rows = _Rows([], Tally())
    for piece in chain(held, stream):
        part = _part(piece, layout, rows.tally)
        if part is not None:
            rows.parts.append(part)
            rows.count += len(part.lines)
        if rows.count > limits.rows:
            raise FeedError(
                f"the file has more than {limits.rows:,} rows; cut it, or use longer bars",
                limits.rows + 1,
            )
        if len(rows.tally.problems) >= MOST_PROBLEMS:
            break
    if rows.tally.tickers and not reading.ticker:
        raise which_ticker(
            sorted(rows.tally.tickers),
            line=rows.tally.other_line,
            column=layout.header[layout.columns.symbol or 0],
        )
    if rows.tally.problems:
        raise no_prices(rows.tally) or refusal(rows.tally.problems)
    if not rows.parts:
        raise _nothing_left(table, rows.tally, reading)
    return assembled(rows.parts, _understood(rows, layout, table, reading), now_ms)


def _nothing_left(table: Table, tally: Tally, reading: Reading) -> FeedError:
    if reading.ticker and tally.others:
        return which_ticker(sorted(tally.others), reading.ticker)
    return FeedError(
        "there are no rows under the header; at least 2 are needed", max(table.first - 1, 1)
    )


def _surveyed(
    stream: Iterator[Piece], table: Table, now_ms: int, reading: Reading
) -> tuple[list[Piece], RowLayout]:
    """(the pieces taken from `stream`, what they show). Raises `FeedError` where nothing settles
    how they are read.
    """
    held: list[Piece] = []
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    undecided: Undecided | None = None
    for piece in islice(stream, MOST_HELD):
        held.append(piece)
        for some in _survey(piece, table, whole=undecided is not None):
            cells = cells_of(some, table)
            if not cells.lines:
                if cells.problems and not rows:
                    raise refusal(cells.problems)
                continue
            rows, lines = rows + list(zip(*cells.columns, strict=True)), lines + cells.lines
            try:
                return held, row_layout_of(table, rows, lines, reading, now_ms)
            except Undecided as error:
                undecided = error
    if undecided is not None:
        raise undecided.error
    raise FeedError(
        "there are no rows under the header; at least 2 are needed", max(table.first - 1, 1)
    )


def _survey(piece: Piece, table: Table, *, whole: bool) -> Iterator[Piece]:
    """The first rows of a piece, then the others; all at once where the first were not enough
    before.
    """
    lines = piece.data.split(b"\n", SURVEYED)
    if whole or len(lines) <= SURVEYED:
        yield piece
        return
    yield Piece(b"\n".join(lines[:SURVEYED]) + b"\n", piece.first)
    yield Piece(lines[SURVEYED], piece.first + SURVEYED)


def _understood(rows: _Rows, layout: RowLayout, table: Table, reading: Reading) -> Understood:
    time = next(iter(layout.kinds))
    clock = "" if layout.clock is None else f" with {shown_name(layout, layout.clock)}"
    agree = "".join(
        f"; {shown_name(layout, j)} agrees in every row" for j in list(layout.kinds)[1:]
    )
    count = rows.count + rows.tally.left_out
    notes = [
        f"{count:,} rows, {SEPARATORS.get(table.separator, 'otherwise')}-separated, UTF-8.",
        *table.notes,
        *rows.tally.notes("line"),
        *_blank_lines(rows, table),
        f"Time from {shown_name(layout, time)}{clock} ({how_words(layout.kinds[time])}){agree}.",
    ]
    unix = isinstance(layout.kinds[time], csv_times.Unix)
    if layout.decimal == "comma":
        notes.append("A comma stands before decimals.")
    return Understood(
        layout.header,
        layout.columns,
        time,
        notes,
        layout.symbol,
        "line",
        layout.zoned,
        reading,
        rows.tally.left_out_notes("line"),
        unix,
    )


def shown_name(layout: RowLayout, j: int) -> str:
    """What a column is called in a sentence."""
    return printable_headings(layout.header)[j]


def _blank_lines(rows: _Rows, table: Table) -> list[str]:
    """A sentence on blank lines between rows."""
    lines = np.concatenate([part.lines for part in rows.parts])
    blank = (
        int(lines[-1])
        - table.first
        + 1
        - len(lines)
        - rows.tally.left_out
        - len(rows.tally.repeated)
    )
    if blank <= 0 or rows.tally.left_out or rows.tally.repeated:
        return []
    missing = (
        int(np.argmax(lines != np.arange(table.first, len(lines) + table.first))) + table.first
    )
    return [f"{blank} blank lines skipped, the first at line {missing}."]


def _part(piece: Piece, layout: RowLayout, tally: Tally) -> FilePart | None:
    """The rows of a piece, in bulk where that goes; None where it has none, or a fault, which goes
    into the tally.
    """
    bare, repeated = _without_headings(piece, layout.table)
    part = _in_bulk(bare, layout)
    if part is None:
        return _exactly(piece, layout, tally)
    if len(repeated):
        tally.repeated += (piece.first + repeated).tolist()
        # as many headings stood before a row as lines were taken away up to it
        taken = repeated - np.arange(len(repeated))
        part.lines = part.lines + np.searchsorted(taken, part.lines - piece.first, side="right")
    return part


def _without_headings(piece: Piece, table: Table) -> tuple[Piece, np.ndarray]:
    """(the piece without lines that are the headings again, int64 [lines] which of its lines those
    are, from 0).
    """
    heading = b"\n" + table.repeated.encode() + b"\n"
    data = b"\n" + piece.data
    if not table.repeated or heading not in data:
        return piece, np.zeros(0, np.int64)
    places, at = [], data.find(heading)
    while at >= 0:
        places.append(at)
        at = data.find(heading, at + 1)
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
    lines = np.searchsorted(ends, np.array(places))
    for _ in range(2):
        # of two in a row the first replacement leaves the second
        data = data.replace(heading, b"\n")
    return Piece(data[1:], piece.first), lines


def _in_bulk(piece: Piece, layout: RowLayout) -> FilePart | None:
    """The rows of a piece that is plain and without fault; None for any other."""
    columns, table = layout.columns, layout.table
    if layout.decimal != "point" or (layout.reading.ticker and columns.symbol is not None):
        return None
    grid = csv_fast.grid_of(piece.data, table.separator, table.width)
    if (
        grid is None
        or not len(grid.ends)
        or (columns.symbol is not None and not csv_fast.same(grid, columns.symbol, layout.symbol))
    ):
        return None
    values, time = _values_in_bulk(grid, columns), _time_in_bulk(grid, layout)
    if values is None or time is None:
        return None
    rival = None if columns.rival is None else csv_fast.numbers(grid, columns.rival)
    part = FilePart(time, values, rival, piece.first + grid.lines)
    return part if sound_part(part) is None else None


def _values_in_bulk(grid: csv_fast.Grid, columns: Columns) -> dict[str, np.ndarray] | None:
    values = {}
    for role, j in columns.values.items():
        read = csv_fast.numbers(grid, j)
        if read is None:
            return None
        values[role] = read
    return values


def _time_in_bulk(grid: csv_fast.Grid, layout: RowLayout) -> np.ndarray | None:
    """int64 [n] ms; None where a cell is in doubt, or two columns disagree."""
    read = [csv_fast.times(grid, j, kind) for j, kind in layout.kinds.items()]
    times = [each for each in read if each is not None]
    clock = 0 if layout.clock is None else csv_fast.clock(grid, layout.clock)
    if clock is None or len(times) < len(read):
        return None
    time, *others = times
    time = time._replace(ms=time.ms + clock)
    return None if any(csv_times.apart(time, other).size for other in others) else time.ms


def _exactly(piece: Piece, layout: RowLayout, tally: Tally) -> FilePart | None:
    """The rows of a piece cell by cell, None where it has none or a fault; faults go into the
    tally.
    """
    cells = cells_of(piece, layout.table)
    tally.problems += cells.problems
    tally.repeated += cells.repeated
    cells = _of_symbol(cells, layout, tally)
    cells = _with_prices(cells, layout, tally)
    if not cells.lines:
        return None
    found: list[Problem] = []
    time = _times(cells, layout, found)
    for j, kind in layout.kinds.items():
        tally.units(kind, cells.columns[j], cells.lines)
    columns = layout.columns
    values = {}
    empty: dict[int, str] = {}
    bare = False
    for role, j in columns.values.items():
        read = numbers(cells.columns[j], cells.lines, layout.header[j], layout.decimal)
        found += read.problems
        if not (role == "volume" and read.empty.all()):
            empty.update(
                dict.fromkeys(np.flatnonzero(read.empty).tolist(), layout.header[j]) | empty
            )
        values[role] = np.where(read.empty, 0.0, read.values) if role == "volume" else read.values
        bare |= role == "volume" and bool(read.empty.all())
    rival = (
        None
        if columns.rival is None
        else lowered(numbers(cells.columns[columns.rival], cells.lines, "", layout.decimal))
    )
    part = FilePart(time, values, rival, np.array(cells.lines), bare=bare)
    for heading in dict.fromkeys(empty.values()):
        tally.without_prices(
            [cells.lines[i] for i, own in empty.items() if own == heading], heading
        )
    if found or empty:
        found += _impossible(all_impossible(values), cells, layout)
    elif problem := sound_part(part):
        found += _impossible(problem, cells, layout)
    tally.problems += found
    return None if found or empty else part


def _impossible(
    problem: list[tuple[int, str, str]], cells: Cells, layout: RowLayout
) -> list[Problem]:
    found = []
    for row, role, text in problem:
        j = layout.columns.values[role]
        found.append(
            Problem(f"{shown(cells.columns[j][row])} {text}", cells.lines[row], layout.header[j])
        )
    return found


def _of_symbol(cells: Cells, layout: RowLayout, tally: Tally) -> Cells:
    """The rows of the symbol that is read; others are counted."""
    j = layout.columns.symbol
    if j is None or not cells.lines:
        return cells
    wrong = next((i for i, cell in enumerate(cells.columns[j]) if looks_like_formula(cell)), None)
    if wrong is not None:
        text = (
            f"{shown(cells.columns[j][wrong])} looks like a spreadsheet formula or a signed text;"
            " export plain values"
        )
        tally.problems.append(Problem(text, cells.lines[wrong], layout.header[j]))
    return _taken(
        cells,
        tally.of_symbol(
            cells.columns[j], cells.lines, layout.symbol, asked=bool(layout.reading.ticker)
        ),
    )


def _with_prices(cells: Cells, layout: RowLayout, tally: Tally) -> Cells:
    """Without rows in which a cell that is read is empty, where that was asked for."""
    if layout.reading.empty != "leave_out" or not cells.lines:
        return cells
    columns = [cells.columns[j] for role, j in layout.columns.values.items() if role != "volume"]
    volume = layout.columns.values.get("volume")
    if volume is not None and not all(map(is_empty, cells.columns[volume])):
        columns.append(cells.columns[volume])
    kept = np.array([not any(map(is_empty, row)) for row in zip(*columns, strict=True)])
    tally.leave_out(
        [line for line, keep in zip(cells.lines, kept.tolist(), strict=True) if not keep]
    )
    return _taken(cells, kept)


def _taken(cells: Cells, kept: np.ndarray) -> Cells:
    if kept.all():
        return cells
    places = np.flatnonzero(kept).tolist()
    return Cells(
        [tuple(column[i] for i in places) for column in cells.columns],
        [cells.lines[i] for i in places],
    )


def _times(cells: Cells, layout: RowLayout, found: list[Problem]) -> np.ndarray:
    """int64 [n] ms of the time column; every other one must agree with it. Faults go to `found`."""
    header = layout.header
    read = {
        j: kind.read(cells.columns[j], cells.lines, header[j]) for j, kind in layout.kinds.items()
    }
    j, *others = read
    time = read[j].times
    found += [problem for each in read.values() for problem in each.problems]
    if layout.clock is not None:
        clock, problems, _ = csv_times.clock(
            cells.columns[layout.clock], cells.lines, header[layout.clock]
        )
        found += problems
        time = Times(time.ms + clock, time.resolution, time.zoned)
    for other in others if not found else ():
        for row in csv_times.apart(time, read[other].times)[:MOST_PROBLEMS]:
            text = (
                f"{shown(cells.columns[other][row])} does not agree with the column {header[j]};"
                " choose one of them (time), or correct it"
            )
            found.append(Problem(text, cells.lines[row], header[other]))
    return time.ms
