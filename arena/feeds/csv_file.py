"""A CSV of prices to bars, strictly: understood in words, or refused with file, line, column and remedy."""

from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from arena.feeds.csv_columns import Columns, columns_of
from arena.feeds.csv_notes import column_notes, iso, series_notes
from arena.feeds.csv_numbers import numbers, refuse_formulas
from arena.feeds.csv_series import Rows, duration, series
from arena.feeds.csv_text import MAX_BYTES, Table, table
from arena.feeds.csv_times import times
from arena.feeds.errors import FeedError, printable, shown
from arena.market.bars import PRICES, Bars, gaps, value_problem

PRICE_RANGE = (1e-12, 1e12)
VOLUME_MAX = 1e18
SHOWN_GAPS = 5
SHOWN_ROWS = 3


@dataclass(frozen=True)
class CsvFile:
    """What a file holds: its bars, one sentence per thing understood or done, the headings read by role, its symbol or ""."""

    bars: Bars
    notes: list[str]
    columns: dict[str, str]
    symbol: str


def read_csv(data: bytes | BinaryIO, name: str, now_ms: int, max_bytes: int = MAX_BYTES) -> tuple[Bars, list[str]]:
    """(bars, notes) of a CSV; `now_ms` is the clock, UTC milliseconds. Raises `FeedError`."""
    file = understand(data, name, now_ms, max_bytes)
    return file.bars, file.notes


def preview(data: bytes | BinaryIO, name: str, now_ms: int, max_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """What `read_csv` would make of the file, ready for JSON: {"ok": True, ...} or {"ok": False, error, line, column}."""
    try:
        file = understand(data, name, now_ms, max_bytes)
    except FeedError as error:
        return {"ok": False, "error": str(error), "line": error.line, "column": error.column}
    bars, holes = file.bars, gaps(file.bars)
    return {
        "ok": True,
        "understood": file.notes,
        "columns": file.columns,
        "symbol": file.symbol,
        "rows": len(bars),
        "first": iso(bars.time[0]),
        "last": iso(bars.time[-1]),
        "timeframe": duration(bars.timeframe_ms),
        "range": {"low": float(bars.low.min()), "high": float(bars.high.max())},
        "gaps": [{"after": iso(a), "before": iso(b), "missing": missing} for a, b, missing in holes[:SHOWN_GAPS]],
        "gap_count": len(holes),
        "head": [_row(bars, i) for i in range(min(SHOWN_ROWS, len(bars)))],
        "tail": [_row(bars, i) for i in range(max(0, len(bars) - SHOWN_ROWS), len(bars))],
    }


def understand(data: bytes | BinaryIO, name: str, now_ms: int, max_bytes: int = MAX_BYTES) -> CsvFile:
    """All of a CSV; raises `FeedError` that names the file."""
    try:
        return _understand(table(data, max_bytes), now_ms)
    except FeedError as error:
        raise FeedError(error.text, error.line, error.column, name) from None


def _understand(cells: Table, now_ms: int) -> CsvFile:
    columns = columns_of(cells.header)
    for j in columns.texts(len(cells.header)):
        refuse_formulas(cells.columns[j], cells.lines, cells.header[j])
    time, time_column, time_note = _time(cells, columns)
    values = {role: numbers(cells.columns[j], cells.lines, cells.header[j]) for role, j in columns.values.items()}
    _refuse_impossible(values, cells, columns)
    symbol = _symbol(cells, columns)
    rows = Rows({"time": time, **values}, np.array(cells.lines), cells.header[time_column])
    bars, done = series(rows, now_ms)
    read = {"time": cells.header[time_column]} | {role: cells.header[j] for role, j in columns.values.items()}
    notes = [*cells.notes, time_note, *column_notes(cells, columns), *done, *series_notes(bars)]
    return CsvFile(bars, notes, read | ({"symbol": cells.header[columns.symbol]} if columns.symbol is not None else {}), symbol)


def _time(cells: Table, columns: Columns) -> tuple[np.ndarray, int, str]:
    """(times, column read, sentence): Unix time before text, and every other time column must agree with it."""
    order = sorted(columns.times, key=lambda j: not cells.columns[j][0].isdigit())
    chosen, *others = [(j, times(cells.columns[j], cells.lines, cells.header[j])) for j in order]
    j, read = chosen
    agree = ""
    for other, told in others:
        apart = np.flatnonzero(read.ms // told.resolution != told.ms // told.resolution)
        if apart.size:
            told_text, rival = shown(cells.columns[other][apart[0]]), printable(cells.header[j])
            text = f"{told_text} does not agree with the column {rival}; correct or delete one column"
            raise FeedError(text, cells.lines[apart[0]], cells.header[other])
        agree += f"; {printable(cells.header[other])} agrees in every row"
    return read.ms, j, f"Time from {printable(cells.header[j])} ({read.how}){agree}."


def _refuse_impossible(values: dict[str, np.ndarray], cells: Table, columns: Columns) -> None:
    problem = value_problem(**values)
    if problem:
        row, role, text = problem
        raise _cell_error(cells, columns, row, role, f"{text}; correct or delete the row")
    for role in PRICES:
        for far in np.flatnonzero((values[role] < PRICE_RANGE[0]) | (values[role] > PRICE_RANGE[1])):
            raise _cell_error(cells, columns, far, role, f"is no price between {PRICE_RANGE[0]:g} and {PRICE_RANGE[1]:g}; change the unit")
    for far in np.flatnonzero(values["volume"] > VOLUME_MAX):
        raise _cell_error(cells, columns, far, "volume", f"is above {VOLUME_MAX:g}; change the unit")


def _cell_error(cells: Table, columns: Columns, row: int | np.integer, role: str, text: str) -> FeedError:
    j = columns.values[role]
    return FeedError(f"{shown(cells.columns[j][row])} {text}", cells.lines[row], cells.header[j])


def _symbol(cells: Table, columns: Columns) -> str:
    if columns.symbol is None:
        return ""
    symbols, first = cells.columns[columns.symbol], cells.columns[columns.symbol][0]
    for symbol, line in zip(symbols, cells.lines, strict=True):
        if symbol != first:
            text = f"{shown(symbol)} follows {shown(first)}; a file holds one market, keep the rows of one symbol"
            raise FeedError(text, line, cells.header[columns.symbol])
    return printable(first)[:40]


def _row(bars: Bars, i: int) -> dict[str, Any]:
    return {"time": iso(bars.time[i])} | {name: float(getattr(bars, name)[i]) for name in (*PRICES, "volume")}
