"""Parquet and Feather files (Arrow IPC, as freqtrade writes them) to bars, as strictly as CSV; loaded only where one is opened.

Sizes are asked of the file's own index before anything is decoded, and counted again while it is: an index can lie.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import pyarrow as pa
from pyarrow import ipc, parquet

from arena.prices.files import csv_times
from arena.prices.files.arrow_columns import Instants, floats, instants_of, maybe_floats, texts
from arena.prices.files.columns import Columns, columns_of
from arena.prices.files.errors import FeedError, printable, shown
from arena.prices.files.limits import Limits
from arena.prices.files.reading import Part, PriceFile, Understood, assembled, impossible

# rows decoded at a time, and pieces a file may be cut into
BATCH = 1 << 16
MOST_PIECES = 100_000
# of one name or list in the index of a Parquet file
MOST_INDEX = 16 * 1024 * 1024
FAULTS = (pa.ArrowException, OSError, ValueError, TypeError, KeyError, IndexError, OverflowError, RuntimeError)


@dataclass(frozen=True)
class Layout:
    """What the schema and the first row say of all rows: `kinds` by index of each time column, the one read first."""

    header: list[str]
    columns: Columns
    kinds: dict[int, Instants]
    symbol: str


def understand_arrow(source: BinaryIO, kind: str, now_ms: int, limits: Limits, chosen: Mapping[str, str]) -> PriceFile:
    """All of a file of `kind` (Parquet or Feather); `chosen`: {role: heading} as a person says. Raises `FeedError`."""
    header: list[str] = []
    try:
        schema = _parquet(source).schema_arrow if kind == "Parquet" else ipc.open_file(source).schema
        header = schema.names
        _refuse_wide(header, limits)
        columns = columns_of(header, chosen, None)
        batches = _parquet_batches if kind == "Parquet" else _feather_batches
        return _read(batches(source, schema, sorted(_wanted(columns)), limits), kind, header, columns, now_ms, limits)
    except FeedError as error:
        # what the readers of cells call a line is a row here
        told = FeedError(error.text, error.line, error.column, unit="row")
        told.headings = tuple(map(printable, header))
        raise told from None
    except MemoryError:
        raise FeedError(f"unpacking this {kind} file takes more memory than a file may; cut it, or use longer bars") from None
    except FAULTS as error:
        reason = printable(str(error).split("\n", 1)[0])
        raise FeedError(f"this is no whole, readable {kind} file ({reason}); download or write it again") from None


def _wanted(columns: Columns) -> set[int]:
    return columns.used | ({columns.rival} if columns.rival is not None else set())


def _refuse_wide(header: list[str], limits: Limits) -> None:
    if len(header) > limits.columns:
        text = f"the file has {len(header):,} columns, at most {limits.columns} are read; keep time, open, high, low, close, volume"
        raise FeedError(text)


def _parquet(source: BinaryIO) -> parquet.ParquetFile:
    source.seek(0)
    return parquet.ParquetFile(
        source,
        pre_buffer=False,
        thrift_string_size_limit=MOST_INDEX,
        thrift_container_size_limit=MOST_INDEX,
        arrow_extensions_enabled=False,
    )


def _parquet_batches(source: BinaryIO, schema: pa.Schema, wanted: list[int], limits: Limits) -> Iterator[pa.RecordBatch]:
    """Batches of the `wanted` columns in their order."""
    file = _parquet(source)
    told = file.metadata
    _refuse_pieces(told.num_row_groups)
    _refuse_long(told.num_rows, limits)
    names = [schema.names[j] for j in wanted]
    # of all columns: asked about a single one of a damaged index, the library ends the process
    _refuse_unpacked(sum(told.row_group(i).total_byte_size for i in range(told.num_row_groups)), limits)
    for batch in file.iter_batches(batch_size=BATCH, columns=names, use_threads=False):
        yield batch.select(names)


def _feather_batches(source: BinaryIO, schema: pa.Schema, wanted: list[int], limits: Limits) -> Iterator[pa.RecordBatch]:
    """Batches of the `wanted` columns in their order; the format tells the size of none before it is unpacked."""
    source.seek(0)
    file = ipc.open_file(source, options=ipc.IpcReadOptions(use_threads=False, included_fields=wanted))
    _refuse_pieces(file.num_record_batches)
    for i in range(file.num_record_batches):
        yield file.get_batch(i)


def _refuse_pieces(count: int) -> None:
    if count > MOST_PIECES:
        raise FeedError(f"the file is cut into {count:,} pieces, at most {MOST_PIECES:,} are read; write it again in larger ones")


def _refuse_long(rows: int, limits: Limits) -> None:
    if rows > limits.rows:
        raise FeedError(f"the file has more than {limits.rows:,} rows; cut it, or use longer bars")


def _refuse_unpacked(size: int, limits: Limits) -> None:
    if size > limits.unpacked:
        raise FeedError(f"the columns of the file unpack to more than {limits.unpacked / 2**20:g} MiB; cut it, or use longer bars")


def _read(batches: Iterator[pa.RecordBatch], kind: str, header: list[str], columns: Columns, now_ms: int, limits: Limits) -> PriceFile:
    wanted = sorted(_wanted(columns))
    layout: Layout | None = None
    parts: list[Part] = []
    rows = size = 0
    for batch in batches:
        # nothing an untrusted file says of its own memory is believed
        batch.validate(full=True)
        arrays = dict(zip(wanted, batch.columns, strict=True))
        size += batch.nbytes
        _refuse_long(rows + batch.num_rows, limits)
        _refuse_unpacked(size, limits)
        if batch.num_rows:
            layout = layout or _layout(arrays, header, columns)
            parts.append(_part(arrays, layout, rows + 1))
        rows += batch.num_rows
    if layout is None:
        raise FeedError("there are no rows; at least 2 are needed")
    time = next(iter(layout.kinds))
    agree = "".join(f"; {printable(header[j])} agrees in every row" for j in list(layout.kinds)[1:])
    notes = [f"{rows:,} rows, {kind}.", f"Time from {printable(header[time])} ({layout.kinds[time].how}){agree}."]
    return assembled(parts, Understood(header, columns, time, notes, printable(layout.symbol)[:40], "row"), now_ms)


def _layout(arrays: dict[int, pa.Array], header: list[str], columns: Columns) -> Layout:
    """Of several time columns the finest is read."""
    kinds = {j: instants_of(arrays[j], header[j]) for j in columns.times}
    symbol = "" if columns.symbol is None else texts(arrays[columns.symbol], 1, header[columns.symbol])[0]
    return Layout(header, columns, dict(sorted(kinds.items(), key=lambda item: item[1].resolution)), symbol)


def _part(arrays: dict[int, pa.Array], layout: Layout, first: int) -> Part:
    """The rows of a batch, the first of which is row `first` of the file; raises `FeedError` at the first fault."""
    header, columns = layout.header, layout.columns
    (j, read), *others = [(j, kind.read(arrays[j], first, header[j])) for j, kind in layout.kinds.items()]
    for other, told in others:
        for row in csv_times.apart(read, told):
            text = f"does not agree with the column {printable(header[j])}; correct or delete one column"
            raise FeedError(text, first + int(row), header[other])
    values = {role: floats(arrays[k], first, header[k]) for role, k in columns.values.items()}
    if problem := impossible(values):
        row, role, text = problem
        raise FeedError(f"{values[role][row]:.17g} {text}", first + row, header[columns.values[role]])
    if columns.symbol is not None:
        for i, symbol in enumerate(texts(arrays[columns.symbol], first, header[columns.symbol])):
            if symbol != layout.symbol:
                text = f"{shown(symbol)} follows {shown(layout.symbol)}; a file holds one market, keep the rows of one symbol"
                raise FeedError(text, first + i, header[columns.symbol])
    rival = None if columns.rival is None else maybe_floats(arrays[columns.rival])
    return Part(read.ms, values, rival, np.arange(first, first + len(read.ms)))
