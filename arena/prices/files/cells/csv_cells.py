"""Lines of text to cells of text, exactly as the csv module reads them: the slow way that can name
every fault.
"""

import csv
import io
import re
from dataclasses import dataclass, field

from arena.prices.files.cells.csv_shape import Table, cells_of_line
from arena.prices.files.cells.csv_text import Piece
from arena.prices.files.errors import Problem

# blanks after a cell or before one; a no-break space is one as well
has_blanks = re.compile(rb"[ \t]+[,;|\t\r\n]|\xc2\xa0").search


@dataclass(frozen=True)
class Cells:
    """Cells as text: `columns[j][i]` of row i, which stands on line `lines[i]` of the file; blank
    lines are no rows.

    `repeated`: lines that are the headings again; `problems`: lines that are no rows of this table.
    """

    columns: list[tuple[str, ...]]
    lines: list[int]
    repeated: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def cells_of(piece: Piece, table: Table) -> Cells:
    """Every row of `piece` that is one line long and as wide as the table, without the blanks
    around its cells.
    """
    rows, problems = _rows(piece.data.decode(), table.separator, piece.first)
    if has_blanks(piece.data):
        rows = [[cell.strip() for cell in row] for row in rows]
    heading = cells_of_line(table.repeated, table.separator) if table.repeated else None
    lines = range(piece.first, piece.first + len(rows))
    width = table.width
    kept, repeated = [], []
    for row, line in zip(rows, lines, strict=True):
        if len(row) == width and row != heading:
            kept.append((row, line))
        elif len(row) == width + 1 and not row[-1]:
            kept.append((row[:-1], line))
        elif heading is not None and [cell.strip() for cell in row] == heading:
            repeated.append(line)
        elif row and row != [""]:
            text = (
                f"has {len(row)} cells, the header has {width}; make them equal, or delete the line"
            )
            problems.append(Problem(text, line))
    columns: list[tuple[str, ...]] = [()] * width
    if kept:
        columns = list(zip(*(row for row, _ in kept), strict=True))
    return Cells(columns, [line for _, line in kept], repeated, problems)


def _rows(text: str, separator: str, first: int) -> tuple[list[list[str]], list[Problem]]:
    """The cells of each line, none for a blank one; what is no CSV ends the piece."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True
    )
    rows: list[list[str]] = []
    try:
        for row in reader:
            if reader.line_num != len(rows) + 1:
                return rows, [
                    Problem(
                        "a quoted cell runs over the end of the line; close the quote",
                        first + len(rows),
                    )
                ]
            rows.append(row)
    except csv.Error as error:
        return rows, [
            Problem(f"is not well-formed CSV ({error}); check the quotes", first + len(rows))
        ]
    return rows, []
