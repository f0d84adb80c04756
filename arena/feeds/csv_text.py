"""From bytes to a table of cells: size, encoding, line ends, separator; says no before anything is parsed."""

import csv
import io
import re
from dataclasses import dataclass
from typing import BinaryIO

from arena.feeds.errors import FeedError, shown

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 5_000_000
MAX_COLUMNS = 64
MAX_LINE = 64 * 1024
HEAD = 64 * 1024
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
SIGNATURES = {
    b"PK\x03\x04": "a zip archive or spreadsheet; export one sheet as CSV",
    b"\x1f\x8b": "gzip-compressed; unpack it first",
    b"%PDF": "a PDF; export the table as CSV",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet; export the sheet as CSV",
    b"\xff\xfe": "UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8",
    b"PAR1": "a parquet file; export it as CSV",
}
BINARY = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
LONE_RETURN = re.compile(rb"\r(?!\n)")


@dataclass(frozen=True)
class Table:
    """Cells as text: `columns[j][i]` of row i, which stands on line `lines[i]` of the file."""

    header: list[str]
    columns: list[tuple[str, ...]]
    lines: list[int]
    notes: list[str]


def table(data: bytes | BinaryIO, max_bytes: int = MAX_BYTES) -> Table:
    """Read at most `max_bytes` of `data` as a CSV with a header; raises `FeedError`."""
    return _cells(_text(_bytes(data, max_bytes)))


def _bytes(data: bytes | BinaryIO, max_bytes: int) -> bytes:
    """All of `data`; its head is looked at first, so that a large file of another kind is refused unread."""
    source = io.BytesIO(data) if isinstance(data, bytes) else data
    head = source.read(HEAD)
    _refuse_other_kinds(head)
    content = head + source.read(max_bytes + 1 - len(head)) if len(head) <= max_bytes else head
    if len(content) > max_bytes:
        raise FeedError(f"the file is larger than {max_bytes / 2**20:g} MiB; cut it, or use longer bars")
    if not content.strip():
        raise FeedError("the file is empty; it needs a header and at least 2 rows", 1)
    return content


def _refuse_other_kinds(head: bytes) -> None:
    for signature, what in SIGNATURES.items():
        if head.startswith(signature):
            raise FeedError(f"this is not CSV text but {what}", 1)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start == b"<":
        raise FeedError("this is not CSV text but a web page or XML; download the CSV file itself", 1)
    if start in (b"{", b"["):
        raise FeedError("this is not CSV text but JSON; convert it to CSV with a header", 1)
    _refuse_bytes(head, BINARY, "binary data, not CSV text; export the table as UTF-8 CSV")


def _refuse_bytes(content: bytes, pattern: re.Pattern[bytes], what: str) -> None:
    found = pattern.search(content)
    if found:
        raise FeedError(f"holds the byte 0x{found[0][0]:02x}: {what}", content.count(b"\n", 0, found.start()) + 1)


def _text(content: bytes) -> str:
    _refuse_bytes(content, BINARY, "binary data, not CSV text; export the table as UTF-8 CSV")
    # a return at the very end may be half of a pair that is not part of the file; it ends no row either way
    _refuse_bytes(content, LONE_RETURN, "a carriage return without a line feed; save the file with LF or CRLF line ends")
    rows = content.count(b"\n")
    if rows > MAX_ROWS:
        raise FeedError(f"the file has more than {MAX_ROWS:,} rows; cut it, or use longer bars", MAX_ROWS + 1)
    for line, raw in enumerate(content.split(b"\n"), start=1):
        if len(raw) > MAX_LINE:
            raise FeedError(f"the line is longer than {MAX_LINE // 1024} KiB; is this a CSV of prices?", line)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FeedError(f"the byte 0x{content[error.start]:02x} is not UTF-8 (perhaps Latin-1); save the file as UTF-8", line) from None


def _cells(text: str) -> Table:
    first = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    header, rows, lines, blank = _rows(text, separator)
    if not rows:
        raise FeedError("there are no rows under the header; at least 2 are needed", 1)
    notes = [f"{len(rows):,} rows, {SEPARATORS[separator]}-separated, UTF-8."]
    if blank:
        notes.append(f"{blank} blank lines skipped, the first at line {lines_missing(lines)}.")
    return Table(header, list(zip(*rows, strict=True)), lines, notes)


def lines_missing(lines: list[int]) -> int:
    """The first line after the header that holds no row."""
    return next((want for want, line in enumerate(lines, start=2) if line != want), lines[-1] + 1)


def _rows(text: str, separator: str) -> tuple[list[str], list[list[str]], list[int], int]:
    """(header, rows, line of each row, blank lines between rows); every row is one line and as wide as the header."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    header: list[str] = []
    done = 0
    try:
        for row in reader:
            line, done = done + 1, reader.line_num
            if line != done:
                raise FeedError("a quoted cell runs over the end of the line; close the quote", line)
            if not header:
                header = _header(row, line)
            elif len(row) == len(header):
                rows.append(row)
                lines.append(line)
            elif row:
                raise FeedError(f"has {len(row)} cells, the header has {len(header)}; make them equal, or delete the line", line)
    except csv.Error as error:
        raise FeedError(f"is not well-formed CSV ({error}); check the quotes", done + 1) from None
    return header, rows, lines, (lines[-1] - 1 - len(lines)) if lines else 0


def _header(row: list[str], line: int) -> list[str]:
    if len(row) > MAX_COLUMNS:
        raise FeedError(f"has {len(row)} columns, at most {MAX_COLUMNS} are read; keep time, open, high, low, close, volume", line)
    if not row:
        raise FeedError("is blank; the header must be the first line", line)
    header = [cell.strip() for cell in row]
    for cell in header:
        if cell[:1] in ("=", "+", "@", "-"):
            raise FeedError(f"the heading {shown(cell)} looks like a spreadsheet formula; name the columns in plain words", line)
    return header
