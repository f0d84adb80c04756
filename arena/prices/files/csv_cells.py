"""Lines of text to cells of text, exactly as the csv module reads them: the slow way that can name every fault."""

import csv
import io
from dataclasses import dataclass

from arena.prices.files.csv_text import Piece
from arena.prices.files.errors import FeedError, shown
from arena.prices.files.limits import Limits

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}


@dataclass(frozen=True)
class Cells:
    """Cells as text: `columns[j][i]` of row i, which stands on line `lines[i]` of the file; blank lines are no rows."""

    columns: list[tuple[str, ...]]
    lines: list[int]


def header_of(first: Piece, limits: Limits) -> tuple[list[str], str]:
    """(headings, separator) of a file's first line; raises `FeedError`."""
    line = first.data.partition(b"\n")[0].decode()
    separator = max(SEPARATORS, key=line.count)
    rows = _rows(line, separator, first.first)
    row = rows[0][0] if rows else []
    if len(row) > limits.columns:
        text = f"has {len(row)} columns, at most {limits.columns} are read; keep time, open, high, low, close, volume"
        raise FeedError(text, first.first)
    if not row or first.first > 1:
        raise FeedError("is blank; the header must be the first line", 1)
    header = [cell.strip() for cell in row]
    for cell in header:
        if cell[:1] in ("=", "+", "@", "-"):
            text = f"the heading {shown(cell)} looks like a spreadsheet formula; name the columns in plain words"
            raise FeedError(text, first.first)
    return header, separator


def cells_of(piece: Piece, separator: str, width: int) -> Cells:
    """Every row of `piece`, each one line long and `width` cells wide; raises `FeedError` at the first that is not."""
    told = [(row, line) for row, line in _rows(piece.data.decode(), separator, piece.first) if row]
    for row, line in told:
        if len(row) != width:
            raise FeedError(f"has {len(row)} cells, the header has {width}; make them equal, or delete the line", line)
    return Cells(list(zip(*(row for row, _ in told), strict=True)), [line for _, line in told])


def _rows(text: str, separator: str, first: int) -> list[tuple[list[str], int]]:
    """(cells, line) of each line, no cells for a blank one."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[tuple[list[str], int]] = []
    try:
        for row in reader:
            line = first + len(rows)
            if reader.line_num != len(rows) + 1:
                raise FeedError("a quoted cell runs over the end of the line; close the quote", line)
            rows.append((row, line))
    except csv.Error as error:
        raise FeedError(f"is not well-formed CSV ({error}); check the quotes", first + len(rows)) from None
    return rows
