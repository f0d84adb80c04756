"""What a file of prices may come in: gzip, a zip with one file in it, JSON candles. Sizes are
counted while it is unpacked.
"""

import csv
import gzip
import io
import json
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from typing import IO, Any, BinaryIO

from arena.prices.files.errors import FeedError
from arena.prices.files.limits import Limits

# a zip begins with its first file, or with its end where it holds none
GZIP, ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
ARCHIVES = (GZIP, *ZIP)
BLOCK = 1 << 20
# entries of an archive that are looked at at all, and those that no person put there
MOST_ENTRIES = 1000
UNASKED = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
SPREADSHEET = "[Content_Types].xml"
FAULTS = (
    OSError,
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
    ValueError,
    RuntimeError,
    NotImplementedError,
    OverflowError,
    KeyError,
)
# under which keys services put their list of candles
LISTS = (
    "data",
    "candles",
    "prices",
    "result",
    "results",
    "values",
    "klines",
    "ohlcv",
    "ohlc",
    "bars",
    "list",
)


def unpacked(source: BinaryIO, head: bytes, limits: Limits) -> IO[bytes] | None:
    """What is packed in `source`, whose first bytes are `head`, as a file; None where it is no
    archive. FeedError.
    """
    if not head.startswith(ARCHIVES):
        return None
    try:
        if head.startswith(GZIP):
            return _copied(gzip.GzipFile(fileobj=source), limits, "gzip")
        return _of_zip(source, limits)
    except FeedError:
        raise
    except FAULTS as error:
        raise FeedError(
            f"this is no whole, readable archive ({error!s:.80}); download or pack it again"
        ) from None


def _of_zip(source: BinaryIO, limits: Limits) -> IO[bytes]:
    _refuse_many(source)
    with zipfile.ZipFile(source) as archive:
        entries = archive.infolist()
        if any(entry.filename == SPREADSHEET for entry in entries):
            raise FeedError("this is a spreadsheet; export one sheet as CSV")
        files = [
            entry
            for entry in entries
            if not entry.is_dir() and not any(each in entry.filename for each in UNASKED)
        ]
        if len(files) != 1:
            raise FeedError(
                f"the archive holds {len(files)} files; pack the one with the prices alone"
            )
        if files[0].flag_bits & 1:
            raise FeedError("the archive is locked with a password; pack it without")
        if stat.S_ISLNK(files[0].external_attr >> 16):
            raise FeedError("the archive holds a link, not a file; pack the file itself")
        if files[0].file_size > limits.unpacked:
            raise _too_large(limits)
        with archive.open(files[0]) as packed:
            return _copied(packed, limits, "zip")


def _refuse_many(source: BinaryIO) -> None:
    """FeedError for an archive whose own count of entries is beyond any that holds one file; asked
    before they are read.
    """
    size = source.seek(0, io.SEEK_END)
    source.seek(max(0, size - 65_557))
    tail = source.read()
    end = tail.rfind(b"PK\x05\x06")
    count = int.from_bytes(tail[end + 10 : end + 12], "little") if end >= 0 else 0
    listed = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
    source.seek(0)
    if count > MOST_ENTRIES or listed > MOST_ENTRIES * 1000:
        raise FeedError(
            "the archive holds far more than one file; pack the one with the prices alone"
        )


def _copied(packed: Any, limits: Limits, what: str) -> IO[bytes]:
    """The bytes of an unpacking file, counted; a second archive in it is refused."""
    out = tempfile.TemporaryFile()  # noqa: SIM115, who reads it closes it
    taken = 0
    while block := packed.read(BLOCK):
        if not taken and block.startswith(ARCHIVES):
            raise FeedError(f"the {what} archive holds another archive; unpack it first")
        taken += len(block)
        if taken > limits.unpacked:
            raise _too_large(limits)
        out.write(block)
    out.seek(0)
    return out


def _too_large(limits: Limits) -> FeedError:
    return FeedError(
        f"the archive unpacks to more than {limits.unpacked / 2**20:g} MiB; cut it, or use longer"
        " bars"
    )


def is_json(head: bytes) -> bool:
    """Whether a file begins as JSON does."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{")


def table_of_json(source: BinaryIO, limits: Limits) -> BinaryIO:
    """JSON candles as the CSV of the same rows: a list of lists or of objects, an object of
    columns, or one that holds any.

    Raises `FeedError` for anything else.
    """
    data = b""
    while block := source.read(BLOCK):
        data += block
        if len(data) > limits.stored:
            raise FeedError(
                f"the file is larger than {limits.stored / 2**20:g} MiB; cut it, or use longer bars"
            )
    try:
        rows = _rows(
            _candles(
                json.loads(
                    data.decode("utf-8-sig"),
                    parse_float=_Figures,
                    parse_int=_Figures,
                    parse_constant=str,
                )
            )
        )
    except UnicodeDecodeError:
        raise FeedError("this JSON is not UTF-8; save it as UTF-8") from None
    except RecursionError:
        raise FeedError(
            "this JSON is nested too deeply to be candles; export a list of [time, open, high, low,"
            " close, volume]"
        ) from None
    except json.JSONDecodeError as error:
        raise FeedError(
            f"this is no well-formed JSON ({error.msg}); download or write it again", error.lineno
        ) from None
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return io.BytesIO(out.getvalue().encode())


class _Figures(str):
    """A number of JSON as it is written."""


def _candles(document: Any) -> Any:
    """The part of some JSON that holds candles."""
    for _ in range(3):
        if isinstance(document, list):
            return document
        if isinstance(document, dict):
            if isinstance(document.get("chart"), dict) or all(
                isinstance(document.get(role), list | dict) for role in ("open", "close")
            ):
                return document
            lower = {str(key).lower(): value for key, value in document.items()}
            lists = [
                value
                for value in document.values()
                if isinstance(value, list) and value and isinstance(value[0], list | dict)
            ]
            only = (
                lists[0]
                if len(lists) == 1
                else next(iter(document.values()))
                if len(document) == 1
                else None
            )
            document = next((lower[key] for key in LISTS if key in lower), only)
    return document


def _rows(candles: Any) -> list[list[str]]:
    if isinstance(candles, dict) and all(
        isinstance(candles.get(role), list | dict) for role in ("open", "close")
    ):
        return _of_columns(candles)
    if not isinstance(candles, list) or not candles:
        raise _no_candles()
    if all(isinstance(row, list) for row in candles):
        return [[_cell(cell) for cell in row] for row in candles]
    if all(isinstance(row, dict) for row in candles):
        names = list(dict.fromkeys(str(key) for row in candles for key in row))
        return [names, *([_cell(row.get(name)) for name in names] for row in candles)]
    raise _no_candles()


def _of_columns(candles: dict[str, Any]) -> list[list[str]]:
    """Columns as lists, or as pandas writes them: {column: {time: value}}."""
    columns = {
        str(name): values for name, values in candles.items() if isinstance(values, list | dict)
    }
    series = [values for values in columns.values() if isinstance(values, dict)]
    if len(series) == len(columns):
        index = list(columns["open"])
        cells: Sequence[Sequence[Any]] = [
            [key, *(values.get(key) for values in series)] for key in index
        ]
        return [["", *columns], *([_cell(cell) for cell in row] for row in cells)]
    lists = {name: values for name, values in columns.items() if isinstance(values, list)}
    if len({len(values) for values in lists.values()}) != 1:
        raise _no_candles()
    return [
        list(lists),
        *([_cell(cell) for cell in row] for row in zip(*lists.values(), strict=True)),
    ]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | list | dict):
        raise _no_candles()
    return " ".join(str(value).split())


def _no_candles() -> FeedError:
    return FeedError(
        "this JSON holds no candles; export a list of [time, open, high, low, close, volume], or of"
        " objects of those names"
    )
