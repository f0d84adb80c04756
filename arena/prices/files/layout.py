"""What the first rows of a table say of all of them: which column tells time and how, what a comma
is, which symbol.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from arena.prices.files.cells import csv_numbers, csv_times
from arena.prices.files.cells.columns import (
    Columns,
    columns_of,
    headings_of,
    label,
    labels,
    missing_role,
    plain,
)
from arena.prices.files.cells.csv_shape import Table
from arena.prices.files.cells.csv_times import DAY_MS, Dates, Kind, Unix
from arena.prices.files.errors import FeedError, OpenQuestion, asking, refusal, shown
from arena.prices.files.options import OPTIONS, Reading
from arena.prices.market.bars import is_usual

# no clock of the reader says that these lie ahead; where one does, the fault is found later
FAR = 253_402_300_799_000
# bars shorter than a day were sold nowhere before
EARLIEST_MS = np.datetime64("1985-01-01", "ms").astype(np.int64)


class Undecided(Exception):
    """All that was seen so far can be read in several ways: more rows may settle it, else a person
    has to.
    """

    def __init__(self, error: FeedError):
        self.error = error
        super().__init__(str(error))


@dataclass(frozen=True)
class RowLayout:
    """How all rows are read. kinds: {column of times: how}, the one kept first; clock: column of
    times of day or None.

    decimal: what stands before decimals, "point" or "comma"; symbol: of the first row, or the one
    that was asked for.
    """

    table: Table
    columns: Columns
    kinds: dict[int, Kind]
    clock: int | None
    decimal: str
    symbol: str
    reading: Reading = field(default_factory=Reading)

    @property
    def header(self) -> list[str]:
        """What every column is called."""
        return labels(self.table.header)

    @property
    def zoned(self) -> bool:
        """Whether times name their zone."""
        return next(iter(self.kinds.values())).zoned


def row_layout_of(
    table: Table, rows: Sequence[Sequence[str]], lines: Sequence[int], reading: Reading, now_ms: int
) -> RowLayout:
    """The layout that `rows` (cells of the table's width) show. Undecided; FeedError where they are
    no prices.
    """
    place = table.first - 1 if table.headed else None
    columns = columns_of(
        table.header,
        reading.columns,
        max(place, 1) if place is not None else 1,
        ticker=reading.ticker,
        adjust=bool(reading.adjust),
        shape=table.known,
    )
    cells = list(zip(*rows, strict=True))
    times = columns.times or _found_times(table, columns, cells)
    dates, clock = _clock_apart(table, times, cells)
    columns = replace(columns, times=(*dates, *([clock] if clock is not None else [])))
    kinds = _kinds(table, dates, clock, cells, lines, reading, now_ms)
    decimal = reading.decimal or _decimal(table, columns, cells)
    first = cells[columns.symbol][0] if columns.symbol is not None else table.symbol
    if csv_numbers.looks_like_formula(first):
        text = (
            f"{shown(first)} looks like a spreadsheet formula or a signed text; export plain values"
        )
        raise FeedError(text, int(lines[0]), label(table.header, columns.symbol or 0))
    return RowLayout(
        table,
        columns,
        kinds,
        clock,
        decimal,
        reading.ticker if columns.symbol is not None and reading.ticker else first,
        reading,
    )


def _found_times(table: Table, columns: Columns, cells: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """The only column without a heading that tells times, else the only one with a heading of no
    meaning that does.
    """
    free = [
        j
        for j in range(table.width)
        if j not in columns.used and _share(cells[j], csv_times.is_time) > 0.5
    ]
    headings = headings_of(table.header)
    unnamed = [j for j in free if not headings[j].name]
    written = [j for j in free if not all(map(csv_times.is_digits, cells[j]))]
    for found in (unnamed, written):
        if len(found) == 1:
            return (found[0],)
    raise missing_role("time", table.header, max(table.first - 1, 1))


def _clock_apart(
    table: Table, times: Sequence[int], cells: Sequence[Sequence[str]]
) -> tuple[list[int], int | None]:
    """(columns of dates, the column of times of day that belongs to them or None)."""
    clocks = [
        j
        for j in times
        if _share(cells[j], csv_times.is_time_of_day) == 1 and not _is_dated(table, j, cells)
    ]
    dates = [j for j in times if j not in clocks]
    if not dates or not clocks:
        return list(times), None
    # beside dates that tell the time themselves a clock says nothing new
    timed = any(
        " " in cell.strip() or "T" in cell or csv_times.is_unix(cell.strip())
        for cell in cells[dates[0]][:1]
    )
    return dates, None if timed else clocks[0]


def _is_dated(table: Table, j: int, cells: Sequence[Sequence[str]]) -> bool:
    """Whether figures that could be a time of day are dates, by their heading: YYMMDD under
    "date".
    """
    return "date" in plain(table.header[j]) and all(map(csv_times.is_digits, cells[j]))


def _kinds(
    table: Table,
    dates: Sequence[int],
    clock: int | None,
    cells: Sequence[Sequence[str]],
    lines: Sequence[int],
    reading: Reading,
    now_ms: int,
) -> dict[int, Kind]:
    """How each column of dates is read; what counts from 1970 first, then what names its zone."""
    found = {j: _ways(table, j, cells[j], lines, reading, now_ms) for j in dates}
    certain = [j for j in dates if len(found[j]) == 1]
    order = sorted(
        certain or dates,
        key=lambda j: (_rank(next(iter(found[j].values()))), ":" not in cells[j][0]),
    )
    kinds = {order[0]: _settled(table, order[0], cells, clock, found[order[0]])}
    for j in (j for j in dates if j != order[0]):
        kinds[j] = _agreeing(found[j], cells[j], kinds[order[0]], cells[order[0]], lines)
    return kinds


def _rank(kind: Kind) -> int:
    return 0 if isinstance(kind, Unix) else 1 if kind.zoned else 2


def _ways(
    table: Table, j: int, cells: Sequence[str], lines: Sequence[int], reading: Reading, now_ms: int
) -> dict[str, Kind]:
    """All ways to read a column of dates; its faulty cells are left to who reads them. FeedError
    where there is none.
    """
    times = [cell for cell in cells if csv_times.is_time(cell)]
    if len(times) * 2 >= len(cells) and times:
        for limit in (now_ms, FAR):
            if found := csv_times.candidates(times, reading.dates, limit):
                return found
    if reading.dates and times and (others := csv_times.candidates(times, "", now_ms)):
        said = OPTIONS["dates"].choices[reading.dates]
        text = (
            f"{times[0]!r:.60} cannot be read with {said.partition(':')[0]}; say"
            f" {' or '.join(others)} (dates)"
        )
        raise FeedError(text, int(lines[0]), label(table.header, j))
    problems = Dates(False).read(cells, lines, label(table.header, j)).problems
    raise (
        refusal(problems)
        if problems
        else missing_role("time", table.header, max(table.first - 1, 1))
    )


def _settled(
    table: Table, j: int, cells: Sequence[Sequence[str]], clock: int | None, ways: dict[str, Kind]
) -> Kind:
    """The only way, or the only one that makes bars; Undecided where there are several."""
    if len(ways) == 1:
        return next(iter(ways.values()))
    times = {
        name: kind.read(cells[j], range(len(cells[j])), "").times.ms for name, kind in ways.items()
    }
    sound = {name for name, ms in times.items() if is_sound(ms)}
    if {"unix", "stamps"} == set(ways) and len(sound) == 1:
        return ways[sound.pop()]
    guess = max(times, key=lambda name: _evenness(times[name]))
    choices = {name: OPTIONS["dates"].choices[name] for name in ways}
    text = f"all of its dates can be read in {len(ways)} ways; say {' or '.join(ways)} (dates)"
    raise Undecided(
        asking(text, OpenQuestion("dates", choices, guess), table.first, label(table.header, j))
    )


def is_sound(ms: np.ndarray) -> bool:
    """Whether times could be those of bars: of a usual length, and not from before there was such a
    thing.
    """
    steps = np.abs(np.diff(ms))
    steps = steps[steps > 0]
    if not steps.size:
        return True
    sizes, counts = np.unique(steps, return_counts=True)
    step = int(sizes[np.argmax(counts)])
    return bool(is_usual(step) and (step >= DAY_MS or int(ms.min()) >= EARLIEST_MS))


def _evenness(ms: np.ndarray) -> float:
    """Share of the most common step between times."""
    steps = np.diff(ms)
    return float(np.unique(steps, return_counts=True)[1].max() / len(steps)) if len(steps) else 0.0


def _agreeing(
    ways: dict[str, Kind],
    cells: Sequence[str],
    main: Kind,
    main_cells: Sequence[str],
    lines: Sequence[int],
) -> Kind:
    """Of several ways to read a second column of times the one that agrees with the first."""
    times = main.read(main_cells, lines, "").times
    for kind in ways.values():
        if not csv_times.apart(times, kind.read(cells, lines, "").times).size:
            return kind
    return next(iter(ways.values()))


def _decimal(table: Table, columns: Columns, cells: Sequence[Sequence[str]]) -> str:
    """What stands before decimals in all numbers that are read. Undecided where a comma can be
    either.
    """
    numbers = [cell for j in columns.values.values() for cell in cells[j]]
    found = csv_numbers.decimals_of(numbers, commas_usual=table.separator == ";")
    if len(found) == 1:
        return found.pop()
    if not found:
        return "point"
    choices = dict(OPTIONS["decimal"].choices)
    text = (
        "the marks in all its numbers can stand before decimals or between thousands; say comma or"
        " point (decimal)"
    )
    raise Undecided(asking(text, OpenQuestion("decimal", choices, "comma")))


def _share(cells: Sequence[str], holds: object) -> float:
    return sum(bool(holds(cell)) for cell in cells) / max(len(cells), 1)  # type: ignore[operator]


def how_words(kind: Kind) -> str:
    """How a column tells time, in words."""
    return kind.how + ("" if kind.zoned else ", taken as UTC")
