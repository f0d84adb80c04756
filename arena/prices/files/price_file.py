"""A file of prices of any kind to bars, by its content, whatever its name: CSV, JSON, Parquet,
Feather, packed or not.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any, BinaryIO, cast

from arena.prices.files.containers import is_json, table_of_json, unpacked
from arena.prices.files.csv_file import understand_csv
from arena.prices.files.errors import FeedError, OpenQuestion, Problem
from arena.prices.files.hours import hours_of
from arena.prices.files.limits import UPLOAD, Limits
from arena.prices.files.notes import iso
from arena.prices.files.options import AS_IT_IS, Reading
from arena.prices.files.reading import PriceFile
from arena.prices.files.rows import duration
from arena.prices.market.bars import PRICES, Bars
from arena.prices.market.calendar import gaps

MAGICS = {b"PAR1": "Parquet", b"ARROW1": "Feather"}
# what pandas wrote before 2020
OLD_FEATHER = b"FEA1"
REQUIREMENTS = "requirements-files.txt"
SHOWN_GAPS = 5
SHOWN_ROWS = 3
HEAD_BYTES = 256
# answers to a question that are tried out for a preview
MOST_TRIED = 6


def understand(
    data: bytes | BinaryIO,
    name: str,
    now_ms: int,
    reading: Reading = AS_IT_IS,
    limits: Limits = UPLOAD,
) -> PriceFile:
    """All of a file; `now_ms` is the clock, UTC milliseconds; `reading`: what a person says of it.

    Raises `FeedError` that names the file; where it asks, with what each answer would make of the
    file.
    """
    source = io.BytesIO(data) if isinstance(data, bytes) else data
    try:
        return _understood(source, now_ms, reading, limits)
    except FeedError as error:
        refusal = error.of(name)
        if refusal.ask is not None and source.seekable():
            refusal.ask = replace(
                refusal.ask, readings=_readings(source, now_ms, reading, limits, refusal.ask)
            )
        raise refusal from None


def _understood(
    source: BinaryIO, now_ms: int, reading: Reading, limits: Limits, packed: bool = False
) -> PriceFile:
    head = _head(source, limits)
    if not packed:
        inner = unpacked(source, head, limits)
        if inner is not None:
            with inner:
                return _understood(
                    cast(BinaryIO, inner),
                    now_ms,
                    reading,
                    replace(limits, stored=limits.unpacked),
                    packed=True,
                )
    kind = _kind(head)
    if kind:
        return _arrow_reader(kind)(source, kind, now_ms, limits, reading)
    if is_json(head):
        return _of_json(source, now_ms, limits, reading)
    return understand_csv(source, now_ms, limits, reading)


def _of_json(source: BinaryIO, now_ms: int, limits: Limits, reading: Reading) -> PriceFile:
    """The rows of JSON are read as those of a CSV, and counted from 1."""
    table = table_of_json(source, limits)
    try:
        file = understand_csv(table, now_ms, replace(limits, stored=limits.unpacked), reading)
    except FeedError as error:
        raise error.of(unit="row") from None
    first, *others = file.notes
    return replace(file, notes=[first.replace("comma-separated, UTF-8", "JSON"), *others])


def _readings(
    source: BinaryIO, now_ms: int, reading: Reading, limits: Limits, ask: OpenQuestion
) -> list[dict[str, Any]]:
    """What each answer makes of the file: {value, label, first, last, timeframe, head, tail};
    without those that make none.
    """
    found = []
    for value, label in list(ask.choices.items())[:MOST_TRIED]:
        source.seek(0)
        try:
            answered: dict[str, Any] = {ask.option: value}
            file = _understood(source, now_ms, replace(reading, **answered), limits)
        except FeedError:
            continue
        description = description_of(file)
        kept = ("first", "last", "rows", "timeframe", "head", "tail")
        found.append({"value": value, "label": label} | {name: description[name] for name in kept})
    return found


def description_of(file: PriceFile) -> dict[str, Any]:
    """What a person reads before using a file, ready for JSON; the same wherever a file is
    brought.
    """
    bars, holes = file.bars, gaps(file.bars)
    return {
        "ok": True,
        "understood": file.notes,
        "columns": file.columns,
        "volume": file.volume,
        "zone": file.zone,
        "calendar": hours_of(bars),
        "left_out": file.left_out,
        "said": file.reading.said(),
        "headings": list(file.headings),
        "symbol": file.symbol,
        "rows": len(bars),
        "first": iso(bars.time[0]),
        "last": iso(bars.time[-1]),
        "timeframe": duration(bars.timeframe_ms),
        "range": {"low": float(bars.low.min()), "high": float(bars.high.max())},
        "gaps": [
            {"after": iso(a), "before": iso(b), "missing": missing}
            for a, b, missing in holes[:SHOWN_GAPS]
        ],
        "gap_count": len(holes),
        "head": [_row(bars, i) for i in range(min(SHOWN_ROWS, len(bars)))],
        "tail": [_row(bars, i) for i in range(max(0, len(bars) - SHOWN_ROWS), len(bars))],
    }


def description_of_error(error: FeedError) -> dict[str, Any]:
    """Why a file is refused, ready for JSON; `headings` to choose columns from where they could be
    read.
    """
    place = {"line": error.line, "unit": error.unit, "column": error.column}
    problems = [problem._asdict() for problem in error.problems]
    ask = None if error.ask is None else vars(error.ask)
    return {
        "ok": False,
        "error": str(error),
        **place,
        "problems": problems,
        "ask": ask,
        "headings": list(error.headings),
    }


def error_of(description: Mapping[str, Any], name: str) -> FeedError:
    """The error that `description_of_error` described, with its `text`."""
    problems = [Problem(**problem) for problem in description["problems"]]
    error = FeedError(
        description["text"],
        description["line"],
        description["column"],
        name,
        description["unit"],
        problems,
    )
    error.headings = tuple(description["headings"])
    error.ask = None if description["ask"] is None else OpenQuestion(**description["ask"])
    return error


def _head(source: BinaryIO, limits: Limits) -> bytes:
    """The first bytes, where they can be read twice; a file that is too large is refused unread
    where its size is known.
    """
    if not source.seekable():
        return b""
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    if size > limits.stored:
        raise FeedError(
            f"the file is larger than {limits.stored / 2**20:g} MiB; cut it, or use longer bars"
        )
    head = source.read(HEAD_BYTES)
    source.seek(0)
    return head


def _kind(head: bytes) -> str:
    """One of MAGICS, or "" for what must be text."""
    if head.startswith(OLD_FEATHER):
        raise FeedError(
            "this is a Feather file of the old version 1; write it again with version 2, or as"
            " Parquet"
        )
    return next((kind for magic, kind in MAGICS.items() if head.startswith(magic)), "")


def _arrow_reader(kind: str) -> Callable[..., PriceFile]:
    """The reader of tables of columns; the library behind it is large and comes only with those who
    ask for it.
    """
    try:
        return import_module("arena.prices.files.arrow_file").understand_arrow
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        text = (
            f"{kind} files need the package pyarrow, which is not installed: pip install -r"
            f" {REQUIREMENTS}, or export the table as CSV"
        )
        raise FeedError(text) from None


def _row(bars: Bars, i: int) -> dict[str, Any]:
    return {"time": iso(bars.time[i])} | {
        name: float(getattr(bars, name)[i]) for name in (*PRICES, "volume")
    }
