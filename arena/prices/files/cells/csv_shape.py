"""Where the table of a text begins: separator, lines before the headings, the headings, or their
absence.
"""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from arena.prices.files.cells import csv_numbers
from arena.prices.files.cells.columns import SYMBOLS, TIMES, headings_of, plain, role_of, roles_in
from arena.prices.files.cells.csv_times import is_time, is_time_of_day
from arena.prices.files.errors import FeedError, printable, shown
from arena.prices.files.options import NONE, Reading

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
# tried in this order: a comma may be part of a number
TRIED = ("\t", ";", "|", ",")
HEAD_LINES = 200
# lines that may stand before the headings, and headings that may stand on each other
MOST_BEFORE = 40
MOST_LEVELS = 3
LEAST_WIDTH = 5
PRICE_ROLES = ("open", "high", "low", "close")
names_separator = re.compile(r'"?sep=(.)"?', re.IGNORECASE).fullmatch


@dataclass(frozen=True)
class Table:
    """The shape of a text: `first` is the line of its first row; `header` has a text a column, ""
    where none is named.

    `repeated`: the line of headings, which may come again. `known`: roles by place where no line
    names them.
    """

    separator: str
    header: list[str]
    first: int
    headed: bool
    repeated: str = ""
    notes: list[str] = field(default_factory=list)
    symbol: str = ""
    known: dict[str, int] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """Columns."""
        return len(self.header)


@dataclass(frozen=True)
class _Head:
    """The first lines of a text cut at one separator: `rows` of (line, cells), blank lines left
    out, and their `text`.
    """

    separator: str
    rows: list[tuple[int, list[str]]]
    text: list[str]
    width: int
    share: float


def table_of(text: Sequence[str], first: int, reading: Reading) -> Table:
    """The shape of the lines `text`, of which the first is line `first` of its file; raises
    `FeedError`.
    """
    lines = [
        (number, line.rstrip("\r")) for number, line in enumerate(text[:HEAD_LINES], start=first)
    ]
    notes, lines, separator = _before(lines)
    if not lines:
        raise FeedError("there are no rows under the header; at least 2 are needed", first)
    heads = [_cut(lines, each) for each in ([separator] if separator else TRIED)]
    fitting = [head for head in heads if head.width >= LEAST_WIDTH and head.share >= 0.5]
    for head in fitting:
        found = _found(head, reading, notes)
        if found is not None:
            return found
    return _named_by_first(heads, lines, notes)


def _before(lines: list[tuple[int, str]]) -> tuple[list[str], list[tuple[int, str]], str]:
    """(notes, lines without blank ones, the separator that the first line names or "")."""
    kept = [(number, line) for number, line in lines if line.strip()]
    named = names_separator(kept[0][1].strip()) if kept else None
    if named:
        return [f"Line {kept[0][0]} names the separator."], kept[1:], named[1]
    return [], kept, ""


def _cut(lines: list[tuple[int, str]], separator: str) -> _Head:
    rows = [(number, cells_of_line(line, separator)) for number, line in lines]
    # what stands at the end is rows, what stands at the beginning may be anything
    tail = [len(cells) for _, cells in rows[len(rows) // 3 :]]
    width, count = Counter(tail).most_common(1)[0]
    return _Head(separator, rows, [line for _, line in lines], width, count / len(tail))


def cells_of_line(line: str, separator: str) -> list[str]:
    """The cells of one line without the blanks around them, whatever its quotes."""
    try:
        return [
            cell.strip()
            for cell in next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
        ]
    except csv.Error:
        return [cell.strip() for cell in line.split(separator)]


def _found(head: _Head, reading: Reading, notes: list[str]) -> Table | None:
    place = None if reading.header == NONE else _heading_row(head, reading)
    if place is not None:
        return _headed(head, place, notes)
    rows = [i for i, (_, cells) in enumerate(head.rows) if _is_row(cells, head.width)]
    if not rows:
        return None
    before = head.rows[: rows[0]]
    if reading.header != NONE and before and len(before[-1][1]) == head.width:
        # headings that are not known
        return _headed(head, rows[0] - 1, notes)
    return _without_header(head, rows[0], notes)


def _heading_row(head: _Head, reading: Reading) -> int | None:
    """The place of the line that names most prices, or what was chosen; the first of several."""
    if reading.header == "first":
        return 0
    chosen = {heading for heading in reading.columns.values() if heading and heading != NONE}
    best, most = None, 2
    for i, (_, cells) in enumerate(head.rows[:MOST_BEFORE]):
        if not head.width - 1 <= len(cells) <= head.width + 1 or _is_row(cells, head.width):
            continue
        score = len(roles_in(cells) & set(PRICE_ROLES)) + 4 * bool(chosen & set(cells))
        if score > most:
            best, most = i, score
    return best


def _headed(head: _Head, place: int, notes: list[str]) -> Table:
    line, header = head.rows[place]
    begin = next(
        (i for i in range(place + 1, len(head.rows)) if _is_begun(head.rows[i][1])), place + 1
    )
    levels = [cells for _, cells in head.rows[place + 1 : begin]][:MOST_LEVELS]
    if place and _is_level(head.rows[place - 1][1], head.width):
        levels.append(head.rows[place - 1][1])
    header, symbol = _joined(_fitted(header, head, begin), levels)
    all_notes = notes + _skipped(
        head.rows[
            : place - (1 if levels and place and levels[-1] is head.rows[place - 1][1] else 0)
        ]
    )
    if levels:
        all_notes.append(f"{len(levels) + 1} lines of headings.")
    first = head.rows[begin][0] if begin < len(head.rows) else line + 1
    return Table(head.separator, header, first, True, head.text[place], all_notes, symbol)


def _fitted(header: list[str], head: _Head, begin: int) -> list[str]:
    """Headings as many as cells: of a line that is one short, the column of row names has none, or
    an empty last one.
    """
    rows = [cells for _, cells in head.rows[begin:] if len(cells) == head.width]
    if len(header) == head.width - 1 and rows:
        return [*header, ""] if all(not cells[-1] for cells in rows) else ["", *header]
    if len(header) == head.width + 1 and not header[-1]:
        return header[:-1]
    return header


def _joined(header: list[str], levels: list[list[str]]) -> tuple[list[str], str]:
    """(headings of one line, symbol) of several: a level of tickers, a level that names the times
    alone.
    """
    names, symbol = list(header), ""
    for cells in levels:
        padded = [*cells, *[""] * (len(names) - len(cells))]
        rest = [cell for cell in padded[1:] if cell]
        if rest and not any(role_of(plain(cell)) for cell in rest):
            tickers = sorted(set(rest))
            symbol = tickers[0] if len(tickers) == 1 else ""
            if not symbol:
                names = [
                    f"({name!r}, {cell!r})" if cell and j else name
                    for j, (name, cell) in enumerate(zip(names, padded, strict=False))
                ]
        names = [
            cell if plain(cell) in TIMES and plain(name) not in TIMES else name
            for name, cell in zip(names, padded, strict=False)
        ]
    return names, symbol


def _is_level(cells: list[str], width: int) -> bool:
    """Whether a line is one of tickers above the headings."""
    begins = bool(cells) and (plain(cells[0]) in SYMBOLS or not cells[0])
    return (
        len(cells) == width
        and begins
        and all(cells[1:])
        and not any(map(csv_numbers.is_numeral, cells))
    )


def _is_begun(cells: list[str]) -> bool:
    """Whether a line under the headings is a row."""
    return any(is_time(cell) for cell in cells) or sum(map(csv_numbers.is_numeral, cells)) >= 2


def _is_row(cells: list[str], width: int) -> bool:
    """Whether a line is a row of prices: a time, and four numbers beside it."""
    if len(cells) != width:
        return False
    times = [j for j, cell in enumerate(cells) if is_time(cell)]
    return any(
        sum(csv_numbers.is_numeral(cell) for j, cell in enumerate(cells) if j != time) >= 4
        for time in times[:2]
    )


def _without_header(head: _Head, begin: int, notes: list[str]) -> Table:
    rows = [cells for _, cells in head.rows[begin:] if len(cells) == head.width]
    all_notes = [
        *notes,
        *_skipped(head.rows[:begin]),
        "No line names the columns: known by their places.",
    ]
    known, symbol = known_shape(rows)
    return Table(
        head.separator, [""] * head.width, head.rows[begin][0], False, "", all_notes, symbol, known
    )


def known_shape(rows: Sequence[Sequence[str]]) -> tuple[dict[str, int], str]:
    """(roles by place, symbol) of rows without headings: time, perhaps a time of day, open, high,
    low, close, volume.

    {} where low <= open, close <= high does not hold for what stands there.
    """
    width = len(rows[0])
    time = next((j for j in range(width) if all(is_time(cells[j]) for cells in rows)), None)
    if time is None:
        return {}, ""
    symbols = (
        {cells[0] for cells in rows} if time and not csv_numbers.is_numeral(rows[0][0]) else set()
    )
    known = {"time": time}
    start = time + 1
    if start < width and all(_is_plain_time_of_day(cells[start]) for cells in rows):
        known["clock"], start = start, start + 1
    if start + 4 > width or not all(_is_bar(cells[start : start + 4]) for cells in rows):
        return {"time": time}, ""
    known |= {role: start + k for k, role in enumerate(PRICE_ROLES)}
    volume = start + 4
    if volume + 1 < width and all(
        _is_within(cells[volume], cells[start : start + 4]) for cells in rows
    ):
        # what lies between low and high in every row is an average price
        volume += 1
    if volume < width and all(csv_numbers.is_numeral(cells[volume]) for cells in rows):
        known["volume"] = volume
    return known, symbols.pop() if len(symbols) == 1 else ""


def _is_plain_time_of_day(cell: str) -> bool:
    return is_time_of_day(cell) and (":" in cell or len(cell) in (4, 6))


def _is_bar(cells: Sequence[str]) -> bool:
    """Whether four cells are open, high, low and close; a comma is read as a decimal one where
    nothing else fits.
    """
    values = [csv_numbers.value_of(cell) for cell in cells]
    if None in values:
        values = [csv_numbers.value_of(cell, "comma") for cell in cells]
    if any(value is None or value <= 0 for value in values):
        return False
    opened, high, low, close = (value or 0.0 for value in values)
    return low <= min(opened, close) * (1 + 1e-9) and high * (1 + 1e-9) >= max(opened, close)


def _is_within(cell: str, bar: Sequence[str]) -> bool:
    """Whether a cell is a price between low and high of its bar."""
    values = [csv_numbers.value_of(each) for each in (cell, bar[1], bar[2])]
    value, high, low = (-1.0 if each is None else each for each in values)
    return low <= value <= high and value > 0


def _skipped(rows: Sequence[tuple[int, list[str]]]) -> list[str]:
    if not rows:
        return []
    many = "Line" if len(rows) == 1 else "Lines"
    which = f"{rows[0][0]}" if len(rows) == 1 else f"{rows[0][0]} to {rows[-1][0]}"
    return [f"{many} {which} before the table skipped: {shown(' '.join(rows[0][1]).strip())}."]


def _named_by_first(
    heads: Sequence[_Head], lines: Sequence[tuple[int, str]], notes: list[str]
) -> Table:
    """A table whose first line is taken for its headings, because nothing else was recognised."""
    number, line = lines[0]
    separator = max((head.separator for head in heads), key=line.count)
    header = cells_of_line(line, separator)
    first = lines[1][0] if len(lines) > 1 else number + 1
    if is_page(line):
        raise FeedError(
            "this is not CSV text but a web page or XML; download the CSV file itself", number
        )
    return Table(separator, header, first, True, line, notes)


def is_page(line: str) -> bool:
    """Whether a first line is that of a web page or XML; headings such as <DATE> are none."""
    start = line.lstrip().lower()
    tag = re.match(r"<(!doctype|\?xml|html|head|body|table|div|script|svg|rss|[a-z]+:|!--)", start)
    return bool(tag) or (start.startswith("<") and not re.match(r"<[a-z_]+>\s*[,;\t|]", start))


def printable_headings(header: Sequence[str]) -> tuple[str, ...]:
    """All headings as choices for a person, each by its name or its place."""
    found = headings_of(header)
    return tuple(printable(heading.text) or f"column {j + 1}" for j, heading in enumerate(found))
