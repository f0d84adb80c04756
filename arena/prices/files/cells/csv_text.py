"""From bytes to pieces of whole lines: size, encoding, line ends; says no before anything is
parsed.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import numpy as np

from arena.prices.files.errors import FeedError
from arena.prices.files.limits import Limits

HEAD = 64 * 1024
PIECE = 512 * 1024
MAX_LINE = 64 * 1024
SIGNATURES = {
    b"PK\x03\x04": "a zip archive in another; unpack it first",
    b"\x1f\x8b": "gzip in another archive; unpack it first",
    b"%PDF": "a PDF; export the table as CSV",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet; export the sheet as CSV",
    b"\xff\xfe": "UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8",
}
BOM = b"\xef\xbb\xbf"
BINARY = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
TEXT = bytes({9, 10, 13, *range(32, 127), *range(128, 256)})
BINARY_REMEDY = "binary data, not CSV text; export the table as UTF-8 CSV"
LONE_RETURN = re.compile(rb"\r(?!\n)")
LONE_REMEDY = "a carriage return without a line feed; save the file with LF or CRLF line ends"


class Piece(NamedTuple):
    """Whole lines of a file, each with its line feed, checked to be UTF-8 text; the first is line
    `first` of the file.
    """

    data: bytes
    first: int


def pieces(source: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """The lines of `source`, about PIECE bytes at a time; never reads more than one byte beyond the
    limit. Raises `FeedError`.
    """
    line, blank = 1, True
    for data in _whole_lines(source, limits.stored):
        text = data.removeprefix(BOM) if line == 1 else data
        _check(text, line)
        blank = blank and not text.strip()
        if not blank:
            yield Piece(text, line)
        line += text.count(b"\n")
    if blank:
        raise FeedError("the file is empty; it needs a header and at least 2 rows", 1)


def _whole_lines(source: BinaryIO, most: int) -> Iterator[bytes]:
    """The head first and alone where it is of another kind: a large file that is no CSV is refused
    unread.
    """
    rest = source.read(min(HEAD, most + 1))
    _refuse_other_kinds(rest)
    taken = len(rest)
    while block := source.read(min(PIECE, most + 1 - taken)):
        taken += len(block)
        rest += block
        if taken > most:
            raise FeedError(
                f"the file is larger than {most / 2**20:g} MiB; cut it, or use longer bars"
            )
        end = rest.rfind(b"\n") + 1
        if end:
            yield rest[:end]
            rest = rest[end:]
        elif len(rest) > MAX_LINE + 1:
            # a line without an end: whatever it is, it is too long
            yield rest
            rest = b""
    if taken > most:
        raise FeedError(f"the file is larger than {most / 2**20:g} MiB; cut it, or use longer bars")
    if rest:
        yield rest if rest.endswith(b"\n") else rest + b"\n"


def _refuse_other_kinds(head: bytes) -> None:
    for signature, what in SIGNATURES.items():
        if head.startswith(signature):
            raise FeedError(f"this is not CSV text but {what}", 1)
    _refuse_bytes(head, 1, BINARY, BINARY_REMEDY)


def _check(data: bytes, line: int) -> None:
    if data.translate(None, TEXT):
        _refuse_bytes(data, line, BINARY, BINARY_REMEDY)
    if data.count(b"\r") != data.count(b"\r\n"):
        _refuse_bytes(data, line, LONE_RETURN, LONE_REMEDY)
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
    long = np.flatnonzero(np.diff(ends, prepend=-1, append=len(data)) > MAX_LINE + 1)
    if long.size:
        raise FeedError(
            f"the line is longer than {MAX_LINE // 1024} KiB; is this a CSV of prices?",
            line + int(long[0]),
        )
    if not data.isascii():
        _refuse_other_encodings(data, line)


def _refuse_bytes(data: bytes, line: int, pattern: re.Pattern[bytes], what: str) -> None:
    found = pattern.search(data)
    if found:
        raise FeedError(
            f"holds the byte 0x{found[0][0]:02x}: {what}",
            line + data.count(b"\n", 0, found.start()),
        )


def _refuse_other_encodings(data: bytes, line: int) -> None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = line + data.count(b"\n", 0, error.start)
        raise FeedError(
            f"the byte 0x{data[error.start]:02x} is not UTF-8 (perhaps Latin-1); save the file as"
            " UTF-8",
            place,
        ) from None
