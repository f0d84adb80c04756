"""One column of an Arrow table to numbers, times or texts; what has another type, or a gap in it,
is reported by row and column.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyarrow import types

from arena.prices.files.cells import csv_numbers
from arena.prices.files.cells.csv_numbers import Numbers
from arena.prices.files.cells.csv_times import DAY_MS, Kind, Read, Stamps, Times, Unix
from arena.prices.files.errors import MOST_PROBLEMS, FeedError, Problem, printable

# (ticks a millisecond, milliseconds a tick, resolution in ms) of a timestamp's unit
TICKS = {"s": (1, 1000, 1000), "ms": (1, 1, 1), "us": (1000, 1, 1), "ns": (10**6, 1, 1)}
# from year 1 to 9999
MS_RANGE = (-62_135_596_800_000, 253_402_300_800_000)
# floats hold whole numbers up to here
EXACT = 2**53


@dataclass(frozen=True)
class Instants:
    """A column that stores instants by itself, in `unit` of TICKS."""

    how: str
    resolution: int
    unit: str
    zoned: bool


def instants_of(kind: pa.DataType) -> Instants | None:
    """How a column of that type stores instants; None where it does not."""
    kind = kind.value_type if types.is_dictionary(kind) else kind
    if types.is_timestamp(kind):
        zone = (
            f"timestamps with the zone {printable(kind.tz)}"
            if kind.tz
            else "timestamps without a zone, taken as UTC"
        )
        return Instants(zone, TICKS[kind.unit][2], kind.unit, bool(kind.tz))
    if types.is_date(kind):
        return Instants("dates without a zone, taken as UTC", DAY_MS, "ms", False)
    return None


def times(column: pa.Array, first: int, heading: str, kind: Kind) -> Read:
    """The times of a column whose first row is row `first` of the file."""
    column = plain(column)
    gaps = _gaps(column, first, heading)
    if gaps:
        return Read(Times(np.zeros(len(column), np.int64), 1), gaps)
    stored = instants_of(column.type)
    if stored is not None:
        return _stored(column, first, heading, stored)
    whole = _whole_numbers(column)
    if whole is not None and isinstance(kind, Unix):
        ms = kind.milliseconds(whole)
        if ms is not None:
            return Read(Times(ms, kind.resolution), [])
    if whole is not None and isinstance(kind, Stamps):
        ms, exist = kind.milliseconds(whole)
        if exist.all():
            return Read(Times(ms, kind.resolution, zoned=False), [])
    return kind.read(texts(column), range(first, first + len(column)), heading)


def texts(column: pa.Array) -> list[str]:
    """The cells of a column as a CSV would hold them; "" for a gap."""
    column = plain(column)
    stored = instants_of(column.type)
    if stored is not None:
        ms = pa.timestamp("ms", tz=None)
        stamps = (
            column.cast(pa.timestamp(stored.unit)).cast(ms, safe=False).cast(pa.int64()).to_pylist()
        )
        end = "Z" if stored.zoned else ""
        low, high = MS_RANGE
        # what no calendar has is reported by who reads it
        stamps = [value if value is None or low <= value < high else 0 for value in stamps]
        return [
            "" if value is None else _iso(value, stored.resolution == DAY_MS) + end
            for value in stamps
        ]
    return ["" if value is None else _written(value) for value in column.to_pylist()]


def numbers(column: pa.Array, first: int, heading: str, decimal: str) -> Numbers:
    """The numbers of a column; NaN and null are empty. Raises `FeedError` for a type that holds
    none.
    """
    column = plain(column)
    lines = range(first, first + len(column))
    if is_text(column.type):
        return csv_numbers.numbers(
            ["" if cell is None else cell for cell in column.to_pylist()], lines, heading, decimal
        )
    if not _is_number(column.type):
        raise FeedError(
            f"holds {printable(str(column.type))}, not numbers; store one number a row",
            None,
            heading,
        )
    values = np.array(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)) + 0.0
    return Numbers(values, np.isnan(values), [])


def is_text(kind: pa.DataType) -> bool:
    """Whether a type holds texts, as pandas or polars write them."""
    return types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)


def may_tell_time(kind: pa.DataType) -> bool:
    """Whether a type can hold times, as instants, numbers or texts."""
    kind = kind.value_type if types.is_dictionary(kind) else kind
    return (
        instants_of(kind) is not None
        or is_text(kind)
        or types.is_integer(kind)
        or types.is_floating(kind)
    )


def plain(column: pa.Array) -> pa.Array:
    """The column without packing."""
    return column.dictionary_decode() if types.is_dictionary(column.type) else column


def _stored(column: pa.Array, first: int, heading: str, stored: Instants) -> Read:
    ticks, length, _ = TICKS[stored.unit]
    values = column.cast(pa.timestamp(stored.unit)).cast(pa.int64()).to_numpy(zero_copy_only=False)
    low, high = (limit * ticks // length for limit in MS_RANGE)
    far, fine = (values < low) | (values >= high), values % ticks != 0
    problems = []
    for i in np.flatnonzero(far | fine)[:MOST_PROBLEMS].tolist():
        text = (
            "is no time between the years 1 and 9999; correct it or delete the row"
            if far[i]
            else f"{stored.unit} is not a whole millisecond; round it"
        )
        problems.append(Problem(f"{values[i]} {text}", first + i, heading))
    return Read(Times(values // ticks * length, stored.resolution, stored.zoned), problems)


def _whole_numbers(column: pa.Array) -> np.ndarray | None:
    """uint64 [n] of a column of numbers that are all whole and not below 0; None for any other."""
    if not (types.is_integer(column.type) or types.is_floating(column.type)):
        return None
    values = column.to_numpy(zero_copy_only=False)
    if not len(values) or values.min() < 0:
        return None
    if types.is_floating(column.type):
        exact = (
            np.isfinite(values).all()
            and (values < EXACT).all()
            and (values == np.floor(values)).all()
        )
        return values.astype(np.uint64) if exact else None
    return values.astype(np.uint64)


def _written(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value)
    return str(value)


def _iso(ms: int, day: bool) -> str:
    text = str(np.datetime64(ms, "ms"))
    return text[:10] if day else text


def _is_number(kind: pa.DataType) -> bool:
    return types.is_floating(kind) or types.is_integer(kind) or types.is_decimal(kind)


def _gaps(column: pa.Array, first: int, heading: str) -> list[Problem]:
    """The rows in which a column has nothing."""
    if not column.null_count:
        return []
    rows = np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))[:MOST_PROBLEMS]
    return [
        Problem("the cell is empty; fill it in or delete the row", first + int(row), heading)
        for row in rows
    ]
