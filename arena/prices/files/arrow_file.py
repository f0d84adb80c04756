"""Parquet and Feather files (Arrow IPC, as freqtrade writes them) to bars, as strictly as CSV;
loaded only where one is opened.

Sizes are asked of the file's own index before anything is decoded, and counted again while it is:
an index can lie.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import BinaryIO

import numpy as np
import pyarrow as pa
from pyarrow import ipc, parquet

from arena.prices.files import arrow_columns
from arena.prices.files.arrow_columns import instants_of
from arena.prices.files.cells import csv_times
from arena.prices.files.cells.columns import (
    Columns,
    Heading,
    columns_of,
    headings_of,
    labels,
    which_ticker,
)
from arena.prices.files.cells.csv_shape import Table
from arena.prices.files.cells.csv_times import Times
from arena.prices.files.errors import MOST_PROBLEMS, FeedError, Problem, printable, refusal
from arena.prices.files.layout import RowLayout, Undecided, how_words, row_layout_of
from arena.prices.files.limits import Limits
from arena.prices.files.options import Reading
from arena.prices.files.reading import (
    FilePart,
    PriceFile,
    Tally,
    Understood,
    assembled,
    lowered,
    no_prices,
    sound_part,
)

# rows decoded at a time, and pieces a file may be cut into
BATCH = 1 << 16
MOST_PIECES = 100_000
# rows that are looked at before any is kept, and columns of times without a heading that are
SURVEYED, MOST_UNNAMED = 2000, 16
# of one name or list in the index of a Parquet file
MOST_INDEX = 16 * 1024 * 1024
FAULTS = (
    pa.ArrowException,
    OSError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    OverflowError,
    RuntimeError,
)


def understand_arrow(
    source: BinaryIO, kind: str, now_ms: int, limits: Limits, reading: Reading
) -> PriceFile:
    """All of a file of `kind` (Parquet or Feather). Raises `FeedError`."""
    header: list[str] = []
    try:
        schema = (
            _parquet(source).schema_arrow if kind == "Parquet" else ipc.open_file(source).schema
        )
        header = schema.names
        _refuse_wide(header, limits)
        columns = columns_of(
            header, reading.columns, None, ticker=reading.ticker, adjust=bool(reading.adjust)
        )
        _refuse_timeless(schema, columns)
        wanted = sorted(_wanted(columns) | _perhaps_times(schema, columns))
        batches = _parquet_batches if kind == "Parquet" else _feather_batches
        return _read(
            batches(source, schema, wanted, limits), kind, schema, wanted, now_ms, limits, reading
        )
    except FeedError as error:
        # what the readers of cells call a line is a row here
        of_rows = error.of(unit="row")
        of_rows.headings = tuple(map(printable, labels(_names(header))))
        raise of_rows from None
    except MemoryError:
        raise FeedError(
            f"unpacking this {kind} file takes more memory than a file may; cut it, or use longer"
            " bars"
        ) from None
    except FAULTS as error:
        reason = printable(str(error).split("\n", 1)[0])
        raise FeedError(
            f"this is no whole, readable {kind} file ({reason}); download or write it again"
        ) from None


def _wanted(columns: Columns) -> set[int]:
    return columns.used | ({columns.rival} if columns.rival is not None else set())


def _perhaps_times(schema: pa.Schema, columns: Columns) -> set[int]:
    """Columns that may tell times where no heading does: those without a name, and those that store
    instants.
    """
    if columns.times:
        return set()
    headings = headings_of(schema.names)
    found = [
        j for j, heading in enumerate(headings) if not heading.name or instants_of(schema.types[j])
    ]
    return set(found[:MOST_UNNAMED])


def _names(header: Sequence[str]) -> list[str]:
    """What columns are called: of one with two levels the level that names what it holds, with the
    ticker of several.
    """
    headings = headings_of(header)
    several = len({heading.ticker for heading in headings if heading.ticker}) > 1
    return [_name(heading, several=several) for heading in headings]


def _name(heading: Heading, *, several: bool) -> str:
    if not heading.ticker:
        return heading.text
    return f"{heading.name.title()} {heading.ticker}" if several else heading.name.title()


def _refuse_timeless(schema: pa.Schema, columns: Columns) -> None:
    """FeedError for a column that is named as one of times and stores what can tell none."""
    for j in columns.times:
        if not arrow_columns.may_tell_time(schema.types[j]):
            text = (
                f"holds {printable(str(schema.types[j]))}, which tells no time; store timestamps or"
                " whole Unix times"
            )
            raise FeedError(text, None, schema.names[j])


def _refuse_wide(header: Sequence[str], limits: Limits) -> None:
    if len(header) > limits.columns:
        raise FeedError(
            f"the file has {len(header):,} columns, at most {limits.columns:,} are read"
        )


def _parquet(source: BinaryIO) -> parquet.ParquetFile:
    source.seek(0)
    return parquet.ParquetFile(
        source,
        pre_buffer=False,
        thrift_string_size_limit=MOST_INDEX,
        thrift_container_size_limit=MOST_INDEX,
        arrow_extensions_enabled=False,
    )


def _parquet_batches(
    source: BinaryIO, schema: pa.Schema, wanted: list[int], limits: Limits
) -> Iterator[pa.RecordBatch]:
    """Batches of the `wanted` columns in their order."""
    file = _parquet(source)
    metadata = file.metadata
    _refuse_pieces(metadata.num_row_groups)
    _refuse_long(metadata.num_rows, limits)
    names = [schema.names[j] for j in wanted]
    # of all columns: asked about a single one of a damaged index, the library ends the process
    _refuse_unpacked(
        sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups)), limits
    )
    for batch in file.iter_batches(batch_size=BATCH, columns=names, use_threads=False):
        yield batch.select(names)


def _feather_batches(
    source: BinaryIO, schema: pa.Schema, wanted: list[int], limits: Limits
) -> Iterator[pa.RecordBatch]:
    """Batches of the `wanted` columns in their order; the format tells the size of none before it
    is unpacked.
    """
    source.seek(0)
    file = ipc.open_file(
        source, options=ipc.IpcReadOptions(use_threads=False, included_fields=wanted)
    )
    _refuse_pieces(file.num_record_batches)
    for i in range(file.num_record_batches):
        yield file.get_batch(i)


def _refuse_pieces(count: int) -> None:
    if count > MOST_PIECES:
        raise FeedError(
            f"the file is cut into {count:,} pieces, at most {MOST_PIECES:,} are read; write it"
            " again in larger ones"
        )


def _refuse_long(rows: int, limits: Limits) -> None:
    if rows > limits.rows:
        raise FeedError(f"the file has more than {limits.rows:,} rows; cut it, or use longer bars")


def _refuse_unpacked(size: int, limits: Limits) -> None:
    if size > limits.unpacked:
        raise FeedError(
            f"the columns of the file unpack to more than {limits.unpacked / 2**20:g} MiB; cut it,"
            " or use longer bars"
        )


def _read(
    batches: Iterator[pa.RecordBatch],
    kind: str,
    schema: pa.Schema,
    wanted: list[int],
    now_ms: int,
    limits: Limits,
    reading: Reading,
) -> PriceFile:
    checked = _checked(batches, wanted, limits)
    held, layout = _surveyed(checked, schema, now_ms, reading)
    parts: list[FilePart] = []
    tally, rows = Tally(), 0
    for arrays in chain(held, checked):
        count = len(next(iter(arrays.values())))
        if part := _part(arrays, layout, schema, rows + 1, tally):
            parts.append(part)
        rows += count
        if len(tally.problems) >= MOST_PROBLEMS:
            break
    if tally.tickers:
        raise which_ticker(
            sorted(tally.tickers),
            line=tally.other_line,
            column=layout.header[layout.columns.symbol or 0],
        )
    if tally.problems:
        raise no_prices(tally) or refusal(tally.problems)
    if not parts:
        raise (
            which_ticker(sorted(tally.others), reading.ticker)
            if tally.others
            else FeedError("there are no rows; at least 2 are needed")
        )
    return assembled(parts, _understood(kind, rows, layout, schema, tally), now_ms)


def _checked(
    batches: Iterator[pa.RecordBatch], wanted: list[int], limits: Limits
) -> Iterator[dict[int, pa.Array]]:
    """{column: its rows} of each batch that has any; counted against the limits."""
    rows = size = 0
    for batch in batches:
        # nothing an untrusted file says of its own memory is believed
        batch.validate(full=True)
        size += batch.nbytes
        rows += batch.num_rows
        _refuse_long(rows, limits)
        _refuse_unpacked(size, limits)
        if batch.num_rows:
            yield dict(zip(wanted, batch.columns, strict=True))


def _surveyed(
    batches: Iterator[dict[int, pa.Array]], schema: pa.Schema, now_ms: int, reading: Reading
) -> tuple[list[dict[int, pa.Array]], RowLayout]:
    """(the batches taken, what they show)."""
    held: list[dict[int, pa.Array]] = []
    undecided: Undecided | None = None
    # the names of both levels: a role is judged by one, a ticker by the other
    table = Table("", [heading.text for heading in headings_of(schema.names)], 1, headed=False)
    for arrays in batches:
        held.append(arrays)
        for most in (SURVEYED, None):
            samples = [{j: array.slice(0, most) for j, array in some.items()} for some in held]
            cells = {
                j: [text for some in samples for text in arrow_columns.texts(some[j])]
                for j in arrays
            }
            count = len(next(iter(cells.values())))
            rows = list(
                zip(*(cells.get(j, [""] * count) for j in range(len(schema.names))), strict=True)
            )
            try:
                return held, row_layout_of(table, rows, range(1, count + 1), reading, now_ms)
            except Undecided as error:
                undecided = error
    if undecided is not None:
        raise undecided.error
    raise FeedError("there are no rows; at least 2 are needed")


def _understood(
    kind: str, rows: int, layout: RowLayout, schema: pa.Schema, tally: Tally
) -> Understood:
    names = labels(_names(schema.names))
    time = next(iter(layout.kinds))
    agree = "".join(f"; {printable(names[j])} agrees in every row" for j in list(layout.kinds)[1:])
    stored = instants_of(schema.types[time])
    how = stored.how if stored else how_words(layout.kinds[time])
    notes = [
        f"{rows:,} rows, {kind}.",
        *tally.notes("row"),
        f"Time from {printable(names[time])} ({how}){agree}.",
    ]
    tickers = {heading.ticker for heading in headings_of(schema.names) if heading.ticker}
    symbol = layout.symbol or layout.reading.ticker or (tickers.pop() if len(tickers) == 1 else "")
    unix = isinstance(layout.kinds[time], csv_times.Unix)
    left_out = tally.left_out_notes("row")
    return Understood(
        names,
        layout.columns,
        time,
        notes,
        symbol,
        "row",
        layout.zoned,
        layout.reading,
        left_out,
        unix,
    )


def _part(
    arrays: dict[int, pa.Array], layout: RowLayout, schema: pa.Schema, first: int, tally: Tally
) -> FilePart | None:
    """The rows of a batch, the first of which is row `first` of the file; faults go into the tally,
    and there is no part.
    """
    columns, names = layout.columns, labels(_names(schema.names))
    lines = np.arange(first, first + len(next(iter(arrays.values()))))
    values = {
        role: arrow_columns.numbers(arrays[j], first, names[j], layout.decimal)
        for role, j in columns.values.items()
    }
    kept = _of_symbol(arrays, layout, first, tally)
    empty = np.logical_or.reduce(
        [read.empty for role, read in values.items() if role != "volume" or not read.empty.all()]
    )
    if layout.reading.empty == "leave_out":
        tally.leave_out(lines[empty & kept].tolist())
        kept = kept & ~empty
    elif empty.any():
        tally.without_prices(lines[empty & kept].tolist(), _first_empty(values, columns, names))
    if not kept.all():
        arrays = {
            j: arrow_columns.plain(array).filter(pa.array(kept)) for j, array in arrays.items()
        }
        values = {role: replace(read, values=read.values[kept]) for role, read in values.items()}
        lines = lines[kept]
    if not len(lines):
        return None
    found = [problem for read in values.values() for problem in read.problems]
    time = _times(arrays, layout, lines, names, found)
    numbers = {
        role: (
            np.nan_to_num(read.values, nan=0.0, posinf=np.inf, neginf=-np.inf)
            if role == "volume"
            else read.values
        )
        for role, read in values.items()
    }
    rival = None if columns.rival is None else _rival(arrays[columns.rival])
    bare = "volume" in values and bool(values["volume"].empty.all())
    part = FilePart(time, numbers, rival, lines, bare=bare)
    if not found and not tally.problems and (problem := sound_part(part)):
        found += [
            Problem(
                f"{numbers[role][row]:.17g} {text}", int(lines[row]), names[columns.values[role]]
            )
            for row, role, text in problem
        ]
    tally.problems += found
    return None if found or tally.problems else part


def _first_empty(
    values: dict[str, arrow_columns.Numbers], columns: Columns, names: Sequence[str]
) -> str:
    return next(
        names[columns.values[role]]
        for role, read in values.items()
        if read.empty.any() and not (role == "volume" and read.empty.all())
    )


def _of_symbol(
    arrays: dict[int, pa.Array], layout: RowLayout, first: int, tally: Tally
) -> np.ndarray:
    """bool [n]: rows of the symbol that is read; others are counted."""
    j = layout.columns.symbol
    count = len(next(iter(arrays.values())))
    if j is None:
        return np.ones(count, bool)
    cells = arrow_columns.texts(arrays[j])
    return tally.of_symbol(
        cells, range(first, first + count), layout.symbol, asked=bool(layout.reading.ticker)
    )


def _rival(column: pa.Array) -> np.ndarray | None:
    """The numbers of a column that was not asked for; None where it holds none."""
    try:
        return lowered(arrow_columns.numbers(column, 1, "", "point"))
    except FeedError:
        return None


def _times(
    arrays: dict[int, pa.Array],
    layout: RowLayout,
    lines: np.ndarray,
    names: Sequence[str],
    found: list[Problem],
) -> np.ndarray:
    """int64 [n] ms of the time column; every other one must agree with it. Faults go to `found`."""
    read = {
        j: arrow_columns.times(arrays[j], int(lines[0]), names[j], kind)
        for j, kind in layout.kinds.items()
    }
    j, *others = read
    time = read[j].times
    found += [problem for each in read.values() for problem in each.problems]
    if layout.clock is not None:
        clock, problems, _ = csv_times.clock(
            arrow_columns.texts(arrays[layout.clock]), lines, names[layout.clock]
        )
        found += problems
        time = Times(time.ms + clock, time.resolution, time.zoned)
    for other in others if not found else ():
        for row in csv_times.apart(time, read[other].times)[:MOST_PROBLEMS]:
            text = (
                f"does not agree with the column {printable(names[j])}; choose one of them (time),"
                " or correct it"
            )
            found.append(Problem(text, int(lines[row]), names[other]))
    return time.ms
