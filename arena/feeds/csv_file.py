"""A CSV of prices to bars, strictly: understood in words, or refused with file, line, column and remedy."""

from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from arena.feeds.csv_columns import Columns, columns_of
from arena.feeds.csv_numbers import is_number, numbers, refuse_formulas
from arena.feeds.csv_series import Rows, duration, series
from arena.feeds.csv_text import MAX_BYTES, Table, table
from arena.feeds.csv_times import times
from arena.feeds.errors import FeedError, printable, shown
from arena.market.bars import PRICES, Bars, gaps, value_problem, weekends_closed

PRICE_RANGE = (1e-12, 1e12)
VOLUME_MAX = 1e18
# log of the price ratio of two bars beyond which a note asks whether it is a split or a wrong cell
JUMP = float(np.log(1.5))
FLAT_RUN = 1000
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
    for j in set(range(len(cells.header))) - columns.used | ({columns.symbol} - {None}):
        refuse_formulas(cells.columns[j], cells.lines, cells.header[j])
    time, time_column, time_note = _time(cells, columns)
    values = {role: numbers(cells.columns[j], cells.lines, cells.header[j]) for role, j in columns.values.items()}
    _refuse_impossible(values, cells, columns)
    symbol = _symbol(cells, columns)
    rows = Rows({"time": time, **values}, np.array(cells.lines), cells.header[time_column])
    bars, done = series(rows, now_ms)
    read = {"time": cells.header[time_column]} | {role: cells.header[j] for role, j in columns.values.items()}
    notes = [*cells.notes, time_note, *_column_notes(cells, columns), *done, *_series_notes(bars)]
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
        for row in np.flatnonzero((values[role] < PRICE_RANGE[0]) | (values[role] > PRICE_RANGE[1])):
            raise _cell_error(cells, columns, row, role, f"is no price between {PRICE_RANGE[0]:g} and {PRICE_RANGE[1]:g}; change the unit")
    for row in np.flatnonzero(values["volume"] > VOLUME_MAX):
        raise _cell_error(cells, columns, row, "volume", f"is above {VOLUME_MAX:g}; change the unit")


def _cell_error(cells: Table, columns: Columns, row: int, role: str, text: str) -> FeedError:
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


def _column_notes(cells: Table, columns: Columns) -> list[str]:
    header = [printable(cell) for cell in cells.header]
    notes = []
    if len(columns.volumes) > 1:
        rest = ", ".join(header[j] for j in columns.volumes[1:])
        notes.append(f"Volume from {header[columns.volumes[0]]}, the first of {len(columns.volumes)} volume columns; not read: {rest}.")
        notes += _unit_switch(cells, columns)
    ignored = [header[j] for j in range(len(header)) if j not in columns.used and j not in columns.volumes]
    return notes + ([f"Columns not read: {', '.join(ignored)}."] if ignored else [])


def _unit_switch(cells: Table, columns: Columns) -> list[str]:
    """A warning where the first two volume columns trade places: one holds coins here and money there."""
    j, other = columns.volumes[:2]
    if not all(map(is_number, cells.columns[other])):
        return []
    first, second = (np.array(list(map(float, cells.columns[k]))) for k in (j, other))
    traded = np.flatnonzero((first > 0) & (second > 0))
    larger = first[traded] > second[traded]
    switches = traded[1:][np.diff(larger)]
    # of two columns of nearly the same size the larger one means nothing
    far = np.median(np.abs(np.log(first[traded] / second[traded]))) > np.log(10) if traded.size else False
    if not far or not switches.size:
        return []
    where = f"at line {cells.lines[switches[0]]}" + (f" and {switches.size - 1} more" if switches.size > 1 else "")
    names = f"{printable(cells.header[j])} and {printable(cells.header[other])}"
    return [f"Caution: {names} seem to trade places {where}, so the unit of volume changes; it is kept as written."]


def _series_notes(bars: Bars) -> list[str]:
    holes = gaps(bars)
    notes = [f"Bars of {duration(bars.timeframe_ms)} from {iso(bars.time[0])} to {iso(bars.time[-1])}."]
    if weekends_closed(bars):
        notes.append("No bar falls on a weekend: weekends are not counted as gaps, holidays are.")
    if holes:
        after, before, missing = max(holes, key=lambda gap: gap[2])
        total = sum(gap[2] for gap in holes)
        notes.append(
            f"{len(holes):,} gaps, {total:,} bars missing, the longest {missing:,} between {iso(after)} and {iso(before)}; not filled."
        )
    jumps = np.flatnonzero(np.abs(np.diff(np.log(bars.close))) > JUMP)
    if jumps.size:
        notes.append(
            f"Caution: {jumps.size} moves beyond x1.5 in one bar, first at {iso(bars.time[jumps[0] + 1])}; a split or a wrong cell?"
        )
    moved = np.flatnonzero(np.diff(bars.close, prepend=np.nan, append=np.nan) != 0)
    if np.diff(moved).max() >= FLAT_RUN:
        notes.append(f"Caution: the price stands still for {np.diff(moved).max():,} bars in a row.")
    return notes


def _row(bars: Bars, i: int) -> dict[str, Any]:
    return {"time": iso(bars.time[i])} | {name: float(getattr(bars, name)[i]) for name in (*PRICES, "volume")}


def iso(ms: int) -> str:
    """UTC milliseconds as "2022-03-01T13:00:00Z"."""
    text = str(np.datetime64(int(ms), "ms"))
    return text.removesuffix(".000") + "Z"
