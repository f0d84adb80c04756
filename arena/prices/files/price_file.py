"""A file of prices of any kind to bars, by its content, whatever its name: CSV, Parquet, Feather."""

import io
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, BinaryIO

from arena.prices.files.csv_file import understand_csv
from arena.prices.files.errors import FeedError
from arena.prices.files.limits import UPLOAD, Limits
from arena.prices.files.notes import iso
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
NOT_CHOSEN: Mapping[str, str] = {}


def understand(
    data: bytes | BinaryIO, name: str, now_ms: int, chosen: Mapping[str, str] = NOT_CHOSEN, limits: Limits = UPLOAD
) -> PriceFile:
    """All of a file; `now_ms` is the clock, UTC milliseconds; `chosen` {role: heading} where a person says so.

    Raises `FeedError` that names the file.
    """
    source = io.BytesIO(data) if isinstance(data, bytes) else data
    try:
        kind = _kind(source, limits)
        if kind:
            return _arrow_reader(kind)(source, kind, now_ms, limits, chosen)
        return understand_csv(source, now_ms, limits, chosen)
    except FeedError as error:
        named = FeedError(error.text, error.line, error.column, name, error.unit)
        named.headings = error.headings
        raise named from None


def told_of(file: PriceFile) -> dict[str, Any]:
    """What a person reads before using a file, ready for JSON."""
    bars, holes = file.bars, gaps(file.bars)
    return {
        "ok": True,
        "understood": file.notes,
        "columns": file.columns,
        "headings": list(file.headings),
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


def told_of_error(error: FeedError) -> dict[str, Any]:
    """Why a file is refused, ready for JSON; `headings` to choose columns from where they could be read."""
    place = {"line": error.line, "unit": error.unit, "column": error.column}
    return {"ok": False, "error": str(error), **place, "headings": list(error.headings)}


def _kind(source: BinaryIO, limits: Limits) -> str:
    """One of MAGICS, or "" for what must be text; a file that is too large is refused unread where its size is known."""
    if not source.seekable():
        return ""
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    if size > limits.stored:
        raise FeedError(f"the file is larger than {limits.stored / 2**20:g} MiB; cut it, or use longer bars")
    head = source.read(max(map(len, MAGICS)))
    source.seek(0)
    if head.startswith(OLD_FEATHER):
        raise FeedError("this is a Feather file of the old version 1; write it again with version 2, or as Parquet")
    return next((kind for magic, kind in MAGICS.items() if head.startswith(magic)), "")


def _arrow_reader(kind: str) -> Callable[..., PriceFile]:
    """The reader of tables of columns; the library behind it is large and comes only with those who ask for it."""
    try:
        return import_module("arena.prices.files.arrow_file").understand_arrow
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        text = f"{kind} files need the package pyarrow, which is not installed: pip install -r {REQUIREMENTS}, or export the table as CSV"
        raise FeedError(text) from None


def _row(bars: Bars, i: int) -> dict[str, Any]:
    return {"time": iso(bars.time[i])} | {name: float(getattr(bars, name)[i]) for name in (*PRICES, "volume")}
