"""Parquet and Feather files: the same bars as a CSV of the same rows, and the same refusals, by row
and column.
"""

import io
import sys
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.prices.files.errors import FeedError
from arena.prices.files.limits import UPLOAD
from arena.prices.files.options import reading_of
from arena.prices.files.price_file import description_of, understand
from tests.arena.prices.files.test_csv_file import NOW, REAL, START, csv_of, real_file, row

pa = pytest.importorskip("pyarrow", reason="no pyarrow: Parquet and Feather files NOT TESTED")
feather = pytest.importorskip("pyarrow.feather")
parquet = pytest.importorskip("pyarrow.parquet")
HOUR_S = 3600
KINDS = ["Parquet", "Feather"]
COUNT = 6


def columns(count=COUNT, **changed):
    """Columns as freqtrade names them, hourly."""
    times = pa.array([(START + i * HOUR_S) * 1000 for i in range(count)], pa.int64()).cast(
        pa.timestamp("ms", tz="UTC")
    )
    values = {"open": 100.0, "high": 110.0, "low": 90.0, "close": 105.0, "volume": 7.0}
    return {"date": times} | {name: [value] * count for name, value in values.items()} | changed


def file_of(kind, table, **options):
    sink = io.BytesIO()
    table = table if isinstance(table, pa.Table) else pa.table(table)
    (parquet.write_table if kind == "Parquet" else feather.write_feather)(table, sink, **options)
    return sink.getvalue()


def read(kind, table, chosen=None, limits=UPLOAD):
    return understand(
        file_of(kind, table), f"prices.{kind.lower()}", NOW, reading_of(chosen or {}), limits
    )


def refused(kind, table, **how):
    with pytest.raises(FeedError) as error:
        read(kind, table, **how)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 500
    return error.value


CSV = understand(csv_of(*(row(i) for i in range(COUNT))), "prices.csv", NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_the_bars_are_those_of_the_same_csv(kind):
    file = read(kind, columns())

    assert file.bars.sha256() == CSV.bars.sha256()
    assert file.notes[:2] == [f"6 rows, {kind}.", "Time from date (timestamps with the zone UTC)."]
    assert file.columns["time"] == "date"
    assert description_of(file)["headings"] == ["date", "open", "high", "low", "close", "volume"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin", "+05:30"])
def test_every_unit_and_zone_of_a_timestamp_is_the_same_instant(kind, unit, zone):
    times = columns()["date"].cast(pa.timestamp(unit, tz=zone))

    file = read(kind, columns(date=times))

    assert file.bars.sha256() == CSV.bars.sha256()
    assert ("taken as UTC" in file.notes[1]) == (zone is None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "times",
    [
        [START + i * HOUR_S for i in range(COUNT)],
        [(START + i * HOUR_S) * 10**9 for i in range(COUNT)],
        [f"{np.datetime64(START + i * HOUR_S, 's')}Z" for i in range(COUNT)],
        pa.array([str(START + i * HOUR_S) for i in range(COUNT)]).dictionary_encode(),
    ],
    ids=["Unix seconds", "Unix nanoseconds", "ISO texts", "packed texts"],
)
def test_other_ways_of_telling_time_are_read(kind, times):
    assert read(kind, columns(date=times)).bars.sha256() == CSV.bars.sha256()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "numbers",
    [
        pa.array([105.0] * COUNT, pa.float32()),
        pa.array([105] * COUNT, pa.int16()),
        pa.array(["105"] * COUNT),
        pa.array([105] * COUNT, pa.int64()).cast(pa.decimal128(30, 2)),
        pa.array([105.0] * COUNT).dictionary_encode(),
    ],
    ids=["float32", "int16", "text", "decimal", "packed"],
)
def test_other_types_of_number_are_read(kind, numbers):
    assert read(kind, columns(close=numbers)).bars.sha256() == CSV.bars.sha256()


@pytest.mark.parametrize("kind", KINDS)
def test_days_are_read_and_two_columns_of_times_must_agree(kind):
    days = [date(2021, 3, 1 + i) for i in range(COUNT)]
    stamps = pa.array([np.datetime64(day, "ms") for day in days])

    file = read(kind, columns(date=days, timestamp=stamps))
    error = refused(kind, columns(date=[*days[:3], date(2022, 1, 1), *days[4:]], timestamp=stamps))

    assert (
        "Time from timestamp (timestamps without a zone, taken as UTC); date agrees in every row."
        in file.notes
    )
    assert (error.line, error.unit, error.column) == (4, "row", "date")


def test_a_frame_of_pandas_is_read_whatever_its_index():
    frame = pd.DataFrame(columns() | {"date": columns()["date"].to_pandas()})

    for written in (frame, frame.set_index("date")):
        sink = io.BytesIO()
        written.to_parquet(sink)
        assert understand(sink.getvalue(), "frame.parquet", NOW).bars.sha256() == CSV.bars.sha256()


@pytest.mark.parametrize("kind", KINDS)
def test_newest_first_gaps_and_duplicates_are_noted_as_of_a_csv(kind):
    table = pa.table(columns(8)).take([7, 6, 3, 2, 2, 1, 0])

    file = read(kind, table)

    assert "Newest row first: turned round, oldest first." in file.notes
    assert "1 exact duplicate rows merged, such as row 5." in file.notes
    assert any("1 gaps, 2 bars missing" in note for note in file.notes)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("column", ["open", "high", "low", "close", "volume"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), -1.0, 1e30, None])
def test_what_is_no_price_or_volume_is_refused_by_row_and_column(kind, column, value):
    table = columns()
    table[column] = [*table[column][:3], value, *table[column][4:]]

    error = refused(kind, table)

    assert (error.line, error.unit) == (4, "row")
    assert error.column == column or value == 1e30
    assert ("empty" in error.text) == (value is None or np.isnan(value))
    assert f"row {error.line}" in str(error)


@pytest.mark.parametrize("kind", KINDS)
def test_a_time_with_two_different_rows_is_refused(kind):
    table = pa.table(columns(close=[100.0 + i for i in range(COUNT)]))
    times = table["date"].to_pylist()
    times[4] = times[3]

    error = refused(
        kind, table.set_column(0, "date", pa.array(times, pa.timestamp("ms", tz="UTC")))
    )

    assert (error.line, error.column) == (5, "date")
    assert "has the time of row 4 but other values" in error.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("times", "words"),
    [
        (
            pa.array([START * 1000 + i for i in range(COUNT)]).cast(pa.timestamp("us")),
            "not a whole millisecond",
        ),
        (
            pa.array([2**62 + i for i in range(COUNT)]).cast(pa.timestamp("us")),
            "no time between the years",
        ),
        (pa.array([-5] + [START] * 5), "not a time"),
        ([START] * 5 + [None], "empty"),
        ([[START]] * COUNT, "tells no time"),
        ([True] * COUNT, "tells no time"),
        ([NOW // 1000 + HOUR_S * i for i in range(COUNT)], "future"),
        (
            [
                START,
                START + HOUR_S,
                START + 10,
                *range(START + 3 * HOUR_S, START + 6 * HOUR_S, HOUR_S),
            ],
            "order",
        ),
    ],
)
def test_what_is_no_time_is_refused_and_named(kind, times, words):
    error = refused(kind, columns(date=times))

    assert error.column == "date"
    assert words in error.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cell", [[1.0], {"a": 1.0}, b"105", True, date(2020, 1, 1), "x"])
def test_nested_and_other_columns_are_refused_by_their_type(kind, cell):
    assert refused(kind, columns(close=[cell] * COUNT)).column == "close"


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_of_another_name_is_chosen_by_a_person(kind):
    table = columns()
    table["worth"] = table.pop("close")

    error = refused(kind, table)

    assert (error.column, error.headings) == (
        "close",
        ("date", "open", "high", "low", "volume", "worth"),
    )
    assert read(kind, table, {"close": "worth"}).bars.sha256() == CSV.bars.sha256()


@pytest.mark.parametrize("kind", KINDS)
def test_one_symbol_is_kept_and_several_are_refused(kind):
    assert read(kind, columns(symbol=["BTC/USD"] * COUNT)).symbol == "BTC/USD"
    error = refused(kind, columns(symbol=["BTC/USD"] * 3 + ["ETH/USD"] * 3))
    assert (error.line, error.column) == (4, "symbol")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"rows": 5}, "more than 5 rows"),
        ({"stored": 100}, "larger than"),
        ({"columns": 5}, "6 columns"),
    ],
)
def test_a_file_over_a_limit_is_refused(kind, changed, words):
    assert words in refused(kind, columns(), limits=replace(UPLOAD, **changed)).text


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_file_that_unpacks_to_a_large_one_is_refused(kind):
    count = 4_000_000
    table = columns(2) | {"date": pa.array(np.arange(count) * 1000, pa.timestamp("ms"))}
    table |= {name: np.full(count, 1.0) for name in ("open", "high", "low", "close", "volume")}
    data = file_of(kind, table, compression="zstd")
    assert len(data) < UPLOAD.stored

    with pytest.raises(FeedError, match="unpack to more than"):
        understand(data, "bomb", NOW, limits=replace(UPLOAD, unpacked=50 * 2**20))


def test_an_index_that_tells_of_too_much_is_believed_before_anything_is_decoded(monkeypatch):
    monkeypatch.setattr(
        parquet.ParquetFile, "iter_batches", lambda *_, **__: pytest.fail("decoded")
    )

    assert (
        "unpack to more" in refused("Parquet", columns(), limits=replace(UPLOAD, unpacked=100)).text
    )
    assert "more than 5 rows" in refused("Parquet", columns(), limits=replace(UPLOAD, rows=5)).text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [0, 1])
def test_too_few_rows_are_refused(kind, count):
    assert "at least 2" in refused(kind, columns(count)).text


@pytest.mark.parametrize("kind", KINDS)
def test_a_truncated_file_is_refused_wherever_it_is_cut(kind):
    data = file_of(kind, columns())

    for size in range(8, len(data), 23):
        with pytest.raises(FeedError):
            understand(data[:size], "cut", NOW)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"FEA1" + bytes(100), "version 1"),
        (b"PAR1", "readable Parquet"),
        (b"ARROW1", "readable Feather"),
        (b"PAR1" * 50, "Parquet"),
        (b"ARROW1\0\0" * 50, "Feather"),
        (b"ORC" + bytes(9), "binary"),
    ],
)
def test_a_wrong_or_lonely_signature_is_refused_in_words(data, words):
    with pytest.raises(FeedError, match=words):
        understand(data, "x", NOW)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_bytes_raise_nothing_but_a_feed_error(kind, data):
    whole = bytearray(file_of(kind, columns()))
    for place in data.draw(st.lists(st.integers(6, len(whole) - 1), min_size=1, max_size=8)):
        whole[place] = data.draw(st.integers(0, 255))

    try:
        understand(bytes(whole), "damaged", NOW)
    except FeedError as error:
        assert str(error).isprintable()


def test_without_the_library_the_remedy_is_one_line(monkeypatch):
    for name in [
        name
        for name in sys.modules
        if name.partition(".")[0] == "pyarrow" or name.startswith("arena.prices.files.arrow")
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(FeedError, match="pip install -r requirements-files.txt"):
        understand(b"PAR1", "prices.parquet", NOW)


@real_file
@pytest.mark.parametrize("kind", KINDS)
def test_the_real_file_is_the_same_by_way_of_pandas(kind):
    frame = pd.read_csv(REAL).sort_values("unix").reset_index(drop=True)
    frame["date"] = pd.to_datetime(frame["date"], utc=True)

    file = read(kind, pa.Table.from_pandas(frame))

    assert file.bars.sha256() == understand(REAL.read_bytes(), REAL.name, NOW).bars.sha256()
