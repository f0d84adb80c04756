"""One column of an Arrow table to numbers, times or texts; what has another type, or a gap in it, is refused by row and column."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyarrow import types

from arena.prices.files import csv_numbers, csv_times
from arena.prices.files.csv_times import DAY_MS, Times
from arena.prices.files.errors import FeedError, printable

# (ticks a millisecond, milliseconds a tick, resolution in ms) of a timestamp's unit
TICKS = {"s": (1, 1000, 1000), "ms": (1, 1, 1), "us": (1000, 1, 1), "ns": (10**6, 1, 1)}
# from year 1 to 9999
MS_RANGE = (-62_135_596_800_000, 253_402_300_800_000)


@dataclass(frozen=True)
class Instants:
    """How a column tells time: `unit` of TICKS for stored instants, None where `cells` (Unix numbers or ISO texts) say it."""

    how: str
    resolution: int
    unit: str | None
    cells: csv_times.Unix | csv_times.Dates | None = None

    def read(self, column: pa.Array, first: int, heading: str) -> Times:
        """The times of a column whose first row is row `first` of the file; raises `FeedError`."""
        column = _whole(column, first, heading)
        if self.unit is not None:
            return Times(self._stored(column, first, heading), self.resolution)
        if isinstance(self.cells, csv_times.Unix) and types.is_integer(column.type):
            values = column.to_numpy(zero_copy_only=False)
            ms = self.cells.milliseconds(values.astype(np.uint64)) if values.min() >= 0 else None
            if ms is not None:
                return Times(ms, self.resolution)
        texts = [str(value) for value in column.to_pylist()]
        return self.cells.read(texts, range(first, first + len(texts)), heading)

    def _stored(self, column: pa.Array, first: int, heading: str) -> np.ndarray:
        ticks, length, _ = TICKS[self.unit]
        values = column.cast(pa.timestamp(self.unit)).cast(pa.int64()).to_numpy(zero_copy_only=False)
        low, high = (limit * ticks // length for limit in MS_RANGE)
        for i in np.flatnonzero((values < low) | (values >= high)):
            raise FeedError(f"{values[i]} is no time between the years 1 and 9999; correct it or delete the row", first + int(i), heading)
        for i in np.flatnonzero(values % ticks):
            raise FeedError(f"{values[i]} {self.unit} is not a whole millisecond; round it", first + int(i), heading)
        return values // ticks * length


def instants_of(column: pa.Array, heading: str) -> Instants:
    """What kind of times a column of at least one row holds; raises `FeedError` where it holds none."""
    kind = column.type.value_type if types.is_dictionary(column.type) else column.type
    if types.is_timestamp(kind):
        zone = f"timestamps with the zone {printable(kind.tz)}" if kind.tz else "timestamps without a zone, taken as UTC"
        return Instants(zone, TICKS[kind.unit][2], kind.unit)
    if types.is_date(kind):
        return Instants("dates without a zone, taken as UTC", DAY_MS, "ms")
    if not (types.is_integer(kind) or types.is_string(kind) or types.is_large_string(kind)):
        raise FeedError(f"holds {printable(str(kind))}, which tells no time; store timestamps or whole Unix times", None, heading)
    first = str(_whole(column.slice(0, 1), 1, heading)[0].as_py())
    cells = csv_times.kind_of(first, 1, heading)
    return Instants(cells.how, getattr(cells, "resolution", 1), None, cells)


def floats(column: pa.Array, first: int, heading: str) -> np.ndarray:
    """float64 [n] of a column of numbers, NaN and infinity among them; raises `FeedError` for other types and for gaps."""
    column = _whole(column, first, heading)
    kind = column.type
    if types.is_string(kind) or types.is_large_string(kind):
        return csv_numbers.numbers(column.to_pylist(), range(first, first + len(column)), heading)
    if not _is_number(kind):
        raise FeedError(f"holds {printable(str(kind))}, not numbers; store one number a row", None, heading)
    return np.array(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)) + 0.0


def maybe_floats(column: pa.Array) -> np.ndarray | None:
    """float64 [n], or None where the column is not all numbers."""
    return (
        None if column.null_count or not _is_number(column.type) else column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    )


def texts(column: pa.Array, first: int, heading: str) -> list[str]:
    """The cells of a column of texts; raises `FeedError`."""
    column = _whole(column, first, heading)
    if not (types.is_string(column.type) or types.is_large_string(column.type)):
        raise FeedError(f"holds {printable(str(column.type))}, not texts; leave the column out", None, heading)
    return column.to_pylist()


def _is_number(kind: pa.DataType) -> bool:
    return types.is_floating(kind) or types.is_integer(kind) or types.is_decimal(kind)


def _whole(column: pa.Array, first: int, heading: str) -> pa.Array:
    """The column without packing; raises `FeedError` at its first gap."""
    column = column.dictionary_decode() if types.is_dictionary(column.type) else column
    if column.null_count:
        row = first + int(np.argmax(column.is_null().to_numpy(zero_copy_only=False)))
        raise FeedError("the cell is empty; fill it in or delete the row", row, heading)
    return column
