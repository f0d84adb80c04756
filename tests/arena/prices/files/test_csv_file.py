"""CSV files: what is understood and said, and what is refused with line, column and remedy."""

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.prices.files.errors import FeedError
from arena.prices.files.limits import UPLOAD
from arena.prices.files.options import reading_of
from arena.prices.files.price_file import description_of, description_of_error, understand
from arena.prices.market.calendar import gaps
from tests.effort import calls

NOW = 1_800_000_000_000
HEADER = "unix,open,high,low,close,volume"
HOUR = 3600
START = 1_600_000_000 // HOUR * HOUR
REAL = Path(__file__).parents[5] / "shared" / "data" / "BTC_USD-Hourly.csv"
real_file = pytest.mark.skipif(
    not REAL.exists(),
    reason=f"the real file {REAL.name} is not beside the project: NOT TESTED on real data",
)


def row(i, open="100", high="110", low="90", close="105", volume="7", when=None):
    return ",".join(
        [str(START + i * HOUR) if when is None else when, open, high, low, close, volume]
    )


def csv_of(*rows, header=HEADER, end="\n"):
    return end.join([header, *rows, ""]).encode()


def dated(*whens, header="date,open,high,low,close,volume"):
    return csv_of(*(row(0, when=when) for when in whens), header=header)


def read(data, name="prices.csv", now=NOW, **said):
    file = understand(data, name, now, reading_of(said))
    return file.bars, file.notes


def preview(data):
    try:
        return description_of(understand(data, "prices.csv", NOW))
    except FeedError as error:
        return description_of_error(error)


def refused(data, name="prices.csv", **said):
    with pytest.raises(FeedError) as error:
        read(data, name, **said)
    return error.value


GOOD = csv_of(*(row(i) for i in range(6)))


def test_a_plain_file_is_read_as_written():
    bars, notes = read(csv_of(row(0), row(1, close="101.5", volume="0")))

    assert bars.time.tolist() == [START * 1000, (START + HOUR) * 1000]
    assert bars.close.tolist() == [105.0, 101.5]
    assert bars.volume.tolist() == [7.0, 0.0]
    assert bars.timeframe_ms == HOUR * 1000
    assert notes[:2] == ["2 rows, comma-separated, UTF-8.", "Time from unix (Unix seconds, UTC)."]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + GOOD,
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b",", b";"),
        GOOD.replace(b",", b"\t"),
        GOOD.removesuffix(b"\n"),
        GOOD + b"\n\n",
        GOOD.replace(HEADER.encode(), b"Timestamp,OPEN,High,<low>,Close Price,Vol"),
        GOOD.replace(HEADER.encode(), b"open_time,o,h,l,c,Volume BTC"),
        GOOD.replace(b"105", b'"105"'),
        GOOD.replace(b"105", b"1.05e+2"),
    ],
    ids=[
        "BOM",
        "CRLF",
        "semicolon",
        "tab",
        "no last line end",
        "blank lines at the end",
        "synonyms",
        "short names",
        "quoted",
        "exponent",
    ],
)
def test_other_spellings_of_the_same_table_give_the_same_bars(data):
    assert read(data)[0].sha256() == read(GOOD)[0].sha256()


@pytest.mark.parametrize(("separator", "word"), [(";", "semicolon"), ("\t", "tab")])
def test_the_separator_found_is_said(separator, word):
    _, notes = read(GOOD.replace(b",", separator.encode()))

    assert f"{word}-separated" in notes[0]


@pytest.mark.parametrize(
    ("factor", "word"),
    [(1, "seconds"), (10**3, "milliseconds"), (10**6, "microseconds"), (10**9, "nanoseconds")],
)
def test_the_unit_of_unix_time_is_told_by_its_magnitude(factor, word):
    data = csv_of(*(row(i, when=str((START + i * HOUR) * factor)) for i in range(3)))

    bars, notes = read(data)

    assert bars.time[0] == START * 1000
    assert f"Unix {word}" in notes[1]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("2022-03-01", "2022-03-02", 1_646_092_800_000),
        ("2022-03-01 13:00", "2022-03-01 14:00", 1_646_139_600_000),
        ("2022-03-01T13:00:00", "2022-03-01T14:00:00", 1_646_139_600_000),
        ("2022-03-01T13:00:00.000Z", "2022-03-01T14:00:00.000Z", 1_646_139_600_000),
        ("2022-03-01 13:00:00 UTC", "2022-03-01 14:00:00 UTC", 1_646_139_600_000),
        ("2022-03-01 15:00:00+02:00", "2022-03-01 16:00:00+02:00", 1_646_139_600_000),
        ("2022-03-01 09:30:00-0330", "2022-03-01 10:30:00-0330", 1_646_139_600_000),
    ],
)
def test_iso_dates_are_read_as_utc(first, second, expected):
    bars, _ = read(dated(first, second))

    assert bars.time[0] == expected


def test_a_date_without_a_zone_is_taken_as_utc_and_said():
    _, notes = read(dated("2022-03-01 13:00", "2022-03-01 14:00"))

    assert "dates without a zone, taken as UTC" in notes[1]


def test_local_times_over_a_clock_change_count_their_real_hours():
    # Berlin, 2021-10-31: the hour from 02:00 comes twice, told apart by its offset
    whens = [
        "2021-10-31 01:00+02:00",
        "2021-10-31 02:00+02:00",
        "2021-10-31 02:00+01:00",
        "2021-10-31 03:00+01:00",
    ]

    bars, _ = read(dated(*whens))

    assert np.diff(bars.time).tolist() == [3_600_000] * 3


def test_a_repeated_local_hour_without_a_zone_is_refused_with_the_remedy():
    data = csv_of(
        *(
            row(0, when=when, close=close)
            for when, close in [
                ("2021-10-31 01:00", "100"),
                ("2021-10-31 02:00", "101"),
                ("2021-10-31 02:00", "99"),
            ]
        ),
        header="date,open,high,low,close,volume",
    )

    error = refused(data)

    assert (error.line, error.column) == (4, "date")
    assert "name their zone" in error.text

    bars, notes = read(data, zone="Europe/Berlin")

    assert np.diff(bars.time).tolist() == [3_600_000] * 2
    assert "Times by the clock of Europe/Berlin, turned to UTC." in notes


def test_days_of_23_and_25_hours_are_days():
    midnights = pd.date_range("2021-03-26", "2021-11-05", freq="D", tz="Europe/Berlin")
    data = csv_of(*(row(0, when=str(int(stamp.timestamp()))) for stamp in midnights))

    bars, _ = read(data)

    assert (len(bars), bars.timeframe_ms, gaps(bars)) == (len(midnights), 86_400_000, [])


def test_two_time_columns_that_agree_are_said_and_the_unix_one_is_read():
    rows = [
        f"2020-09-13 12:{m:02d}:00,{1_600_000_000 - 1_600_000_000 % 3600 + 60 * m},1,1,1,1,1"
        for m in range(3)
    ]
    data = csv_of(*rows, header="date,unix,open,high,low,close,volume")

    _, notes = read(data)

    assert "Time from unix (Unix seconds, UTC); date agrees in every row." in notes


def test_two_time_columns_that_disagree_are_refused_at_their_line():
    rows = [
        f"2020-09-13 {h}:00:00,{START + 3600 * i},1,1,1,1,1" for i, h in enumerate((12, 13, 15))
    ]

    error = refused(csv_of(*rows, header="date,unix,open,high,low,close,volume"))

    assert (error.line, error.column) == (4, "date")


def test_newest_first_is_turned_round_and_said():
    bars, notes = read(csv_of(*(row(i, close=str(100 + i)) for i in (3, 2, 1, 0))))

    assert bars.close.tolist() == [100, 101, 102, 103]
    assert "Newest row first: turned round, oldest first." in notes


@pytest.mark.parametrize(
    ("order", "line"), [((0, 1, 3, 2, 4), 5), ((5, 4, 3, 2, 6), 6), ((0, 1, 2, 3, 0), 6)]
)
def test_times_in_no_order_are_refused_at_the_row_that_breaks_it(order, line):
    error = refused(csv_of(*(row(i) for i in order)))

    assert (error.line, error.column) == (line, "unix")
    assert "sort the file" in error.text


def test_exact_duplicates_are_merged_and_counted():
    bars, notes = read(csv_of(row(0), row(1), row(1), row(1), row(2)))

    assert len(bars) == 3
    assert "2 exact duplicate rows merged, such as line 4." in notes


@pytest.mark.parametrize("order", [1, -1])
def test_a_time_with_two_different_rows_is_refused(order):
    rows = [row(0), row(1), row(1, close="106"), row(2)][::order]

    error = refused(csv_of(*rows))

    assert (error.line, error.column) == (4, "unix")
    assert "has the time of line 3 but other values" in error.text


def test_gaps_are_listed_and_not_filled():
    answer = preview(csv_of(*(row(i) for i in (0, 1, 2, 5, 6, 8))))

    assert answer["rows"] == 6
    assert answer["gap_count"] == 2
    assert [gap["missing"] for gap in answer["gaps"]] == [2, 1]
    assert any("2 gaps, 3 bars missing" in note for note in answer["understood"])


@pytest.mark.parametrize(
    ("hours", "line"),
    [
        ((0, 1, 2, 3, 3.5, 4.5), 6),
        ((0, 1, 2, 4.25, 5.25), 5),
        ((*range(40), *range(41, 101, 2)), 42),
    ],
    ids=["half a bar", "no whole number of bars", "twice as long from the middle on"],
)
def test_mixed_lengths_of_bars_are_refused(hours, line):
    error = refused(csv_of(*(row(0, when=str(int(START + HOUR * h))) for h in hours)))

    assert (error.line, error.column) == (line, "unix")
    assert "keep bars of one length" in error.text


def test_business_days_have_no_gaps_at_weekends():
    days = pd.bdate_range("2021-01-01", "2021-03-01")

    answer = preview(dated(*(str(day.date()) for day in days)))

    assert (answer["timeframe"], answer["gap_count"]) == ("1 day", 0)
    assert any("weekends are not counted" in note for note in answer["understood"])


def test_the_future_is_refused():
    error = refused(csv_of(row(0), row(1), row(0, when=str(NOW // 1000 + 1))))

    assert (error.line, error.column) == (4, "unix")
    assert "future" in error.text


@pytest.mark.parametrize("year", [1900, 1969, 1970, 2001])
def test_a_day_of_any_past_year_is_that_day(year):
    bars, _ = read(dated(f"{year}-01-04", f"{year}-01-05"))

    assert bars.time.astype("datetime64[ms]").astype(str).tolist() == [
        f"{year}-01-04T00:00:00.000",
        f"{year}-01-05T00:00:00.000",
    ]


@pytest.mark.parametrize("year", [2038, 2099, 9999])
def test_a_day_of_any_year_to_come_is_refused(year):
    error = refused(dated(f"{year}-01-04", f"{year}-01-05"))

    assert (error.line, error.column) == (2, "date") and "future" in error.text


def test_a_last_bar_that_is_still_open_is_left_out_and_said():
    data = csv_of(*(row(i) for i in range(4)))

    bars, notes = read(data, now=(START + 3 * HOUR + 60) * 1000)

    assert len(bars) == 3
    assert "The last bar (line 5) has not closed yet: left out." in notes


def test_the_first_volume_column_is_read_and_said():
    rows = [row(i) + ",9999,x" for i in range(3)]

    bars, notes = read(csv_of(*rows, header=HEADER + ",Volume USD,remark"))

    assert bars.volume[0] == 7
    assert "Volume from volume, the first of 2 volume columns; not read: Volume USD." in notes
    assert "Columns not read: remark." in notes


def test_volume_columns_that_trade_places_are_called_out():
    rows = [row(i, volume="7") + ",700" for i in range(3)] + [
        row(i, volume="700") + ",7" for i in range(3, 6)
    ]

    _, notes = read(csv_of(*rows, header=HEADER + ",Volume USD"))

    assert any("trade places at line 5" in note for note in notes)


def test_a_split_like_jump_and_a_standing_price_are_called_out():
    rows = [row(i) for i in range(1100)] + [
        row(1100, "10", "11", "9", "10"),
        row(1101, "10", "11", "9", "10"),
    ]

    _, notes = read(csv_of(*rows))

    assert any("1 moves beyond x1.5" in note for note in notes)
    assert any("stands still for 1,100 bars" in note for note in notes)


def test_one_symbol_is_kept_and_several_are_refused():
    one = csv_of(*(row(i) + ",BTC/USD" for i in range(3)), header=HEADER + ",symbol")
    two = csv_of(row(0) + ",BTC/USD", row(1) + ",ETH/USD", header=HEADER + ",symbol")

    assert understand(one, "prices.csv", NOW).symbol == "BTC/USD"
    assert (refused(two).line, refused(two).column) == (3, "symbol")


BAD_NUMBERS = [
    *(
        "",
        " ",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "Infinity",
        "1e999",
        "-1e999",
        "1e-400",
        "1_000",
        "1_000.5",
        "0x10",
        "１２",
        "١٢",
        "−5",
    ),
    *(
        "=1+1",
        "+5",
        "@SUM(A1)",
        "-text",
        "-",
        "1 00",
        "1.2.3",
        "1e",
        "e5",
        "5%",
        "5 kg",
        "five",
        "None",
        "9" * 41,
        "9" * 5000,
    ),
    '"1,50,0"',
]


@pytest.mark.parametrize("column", ["open", "high", "low", "close", "volume"])
@pytest.mark.parametrize("cell", BAD_NUMBERS)
def test_what_is_not_a_plain_number_is_refused_by_line_and_column(cell, column):
    error = refused(csv_of(row(0), row(1, **{column: cell}), row(2)))

    assert (error.line, error.column) == (3, column)
    assert "line 3" in str(error)
    assert f"column {column}" in str(error)
    assert len(str(error)) < 400
    assert str(error).isprintable()


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("1e999", "too large"),
        ("1e-400", "too small"),
        ("=5", "formula"),
        ("", "leave out such rows"),
    ],
)
def test_the_remedy_fits_the_fault(cell, words):
    assert words in refused(csv_of(row(0), row(1, volume=f'"{cell}"'))).text


def test_each_unix_time_is_read_in_its_own_unit_and_the_change_is_said():
    bars, notes = read(dated(str(START), str(START + HOUR), str((START + 2 * HOUR) * 1000)))

    assert np.diff(bars.time).tolist() == [3_600_000] * 2
    assert (
        "Unix times are in another unit than the first from line 4 on: each is read in its own."
        in notes
    )


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        *[
            ({name: value}, name)
            for name in ("open", "high", "low", "close")
            for value in ("0", "-0", "-5")
        ],
        *[({name: "1e-13", "low": "1e-13"}, "low") for name in ("low", "close")],
        ({"high": "1e13"}, "high"),
        ({"high": "80"}, "high"),
        ({"close": "111"}, "close"),
        ({"close": "89"}, "close"),
        ({"open": "111"}, "open"),
        ({"volume": "-1"}, "volume"),
        ({"volume": "1e30"}, "volume"),
    ],
)
def test_impossible_bars_are_refused_by_line_and_column(changed, column):
    error = refused(csv_of(row(0), row(1), row(2, **changed), row(3)))

    assert (error.line, error.column) == (4, column)


@pytest.mark.parametrize(
    "when",
    [
        "",
        "x",
        "-5",
        "1e9",
        "1600000000.5",
        "٣",
        "2022-02-30",
        "2022-03-01 25:00",
        "2022-03-01 23:59:60",
        "13:00",
        "2022-13-01",
        "=NOW()",
    ],
)
@pytest.mark.parametrize("place", [0, 1])
def test_what_is_not_a_time_is_refused_by_line_and_column(when, place):
    whens = ["2022-03-01", "2022-03-02"]
    whens.insert(place, when)

    error = refused(dated(*whens))

    # a file whose first time is a number is refused at the first row that is not like it
    assert error.line in {place + 2, place + 3}
    assert error.column == "date"


@pytest.mark.parametrize(
    "whens",
    [
        ("2022-03-01T00:00Z", "2022-03-01T01:00"),
        ("2022-03-01T00:00+15:00", "2022-03-01T01:00+15:00"),
        ("1600000000000001", "1600003600000000"),
    ],
    ids=["zone and no zone", "no such offset", "part of a millisecond"],
)
def test_times_that_change_their_kind_are_refused(whens):
    assert refused(dated(*whens)).column == "date"


@pytest.mark.parametrize("missing", ["unix", "open", "high", "low", "close"])
def test_a_missing_column_is_named(missing):
    names = HEADER.split(",")
    keep = [j for j, name in enumerate(names) if name != missing]
    rows = [",".join(row(i).split(",")[j] for j in keep) for i in range(3)]

    error = refused(csv_of(*rows, header=",".join(names[j] for j in keep)))

    assert (error.line, error.column) == (1, "time" if missing == "unix" else missing)


def zipped():
    return b"PK\x03\x04" + bytes(range(256)) * 100


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"", 1, "empty"),
        (b"\n \n", 1, "empty"),
        (csv_of(), 1, "no rows"),
        (csv_of(row(0)), 2, "at least 2"),
        (csv_of(row(0), row(0)), 2, "at least 2"),
        (b"hello world\nthis is text\n", 1, "must name"),
        (zipped(), None, "archive"),
        (b"\x1f\x8b\x08\x00abc", None, "archive"),
        (b"%PDF-1.7", 1, "PDF"),
        (b"\x7fELF\x02\x01", 1, "binary"),
        (b"<!DOCTYPE html><html>", 1, "web page"),
        (b'{"prices": []}', None, "JSON"),
        (GOOD.decode().encode("utf-16"), 1, "UTF-16"),
        (GOOD.decode().encode("utf-16-le"), 1, "binary"),
        (GOOD.replace(b"105", b"1\x0005", 1), 2, "0x00"),
        (GOOD.replace(b"105", b"1\x0b05", 1), 2, "0x0b"),
        (GOOD.replace(b"\n", b"\r"), 1, "carriage return"),
        (GOOD.replace(b"\n1600", b"\r1600", 1), 2, "carriage return"),
        (
            csv_of(row(0) + ",caf\xe9", row(1) + ",x", header=HEADER + ",n")
            .decode()
            .encode("latin-1"),
            2,
            "UTF-8",
        ),
        (csv_of(row(0), row(1) + ",8", row(2)), 3, "7 cells"),
        (csv_of(row(0), "Total,5", row(2)), 3, "2 cells"),
        (csv_of(row(0), row(1), "Total,,,,,"), 4, "empty cell"),
        (csv_of(row(0), row(1).replace("105", '"105')), 3, "quote"),
        (csv_of(row(0), row(1).replace("105", '"10\n5"'), row(2)), 3, "quote"),
        (csv_of(row(0), row(1).replace("105", '"10"5'), row(2)), 3, "quotes"),
        (csv_of(row(0), row(1) + "0" * 70_000), 3, "64 KiB"),
        (csv_of(row(0), row(1).replace("105", '"' + "1" * 200_000 + '"')), 3, "64 KiB"),
        (
            csv_of(
                *(row(i) + "," * 10_000 for i in range(2)),
                header=HEADER + "," + ",".join(f"c{j}" for j in range(10_000)),
            ),
            2,
            "10,000",
        ),
        (
            csv_of(row(0) + ",@SUM(A1)", row(1) + ",@SUM(A1)", header=HEADER + ",symbol"),
            2,
            "formula",
        ),
        (csv_of(row(0) + ",1", row(1) + ",1", header=HEADER + ",Close"), 1, "both claim"),
    ],
)
def test_what_is_no_table_of_prices_is_refused_with_its_line(data, line, words):
    error = refused(data)

    assert error.line == line
    assert words in error.text


class Endless(io.RawIOBase):
    """A stream of garbage that counts what is read of it."""

    def __init__(self, pattern):
        self.pattern, self.taken = pattern, 0

    def read(self, size=-1):
        assert size >= 0, "asked for everything"
        self.taken += size
        return (self.pattern * (size // len(self.pattern) + 1))[:size]


@pytest.mark.parametrize("wrap", [bytes, io.BytesIO])
def test_a_file_one_byte_over_the_limit_is_refused_and_one_at_the_limit_is_read(wrap):
    assert (
        len(
            understand(wrap(GOOD), "prices.csv", NOW, limits=replace(UPLOAD, stored=len(GOOD))).bars
        )
        == 6
    )
    with pytest.raises(FeedError, match="larger than"):
        understand(wrap(GOOD), "prices.csv", NOW, limits=replace(UPLOAD, stored=len(GOOD) - 1))


@pytest.mark.parametrize(
    "pattern", [b"\x00\xff\x13", b"a,b,c\n", GOOD], ids=["binary", "text", "rows"]
)
def test_endless_garbage_is_refused_with_few_calls_and_not_read_to_the_end(pattern):
    stream = Endless(pattern)

    def refuse():
        with pytest.raises(FeedError):
            read(stream)

    spent = calls(refuse)

    assert stream.taken <= 20 * 1024 * 1024 + 1
    assert spent < 2_000_000


def test_binary_garbage_is_refused_from_its_head():
    stream = Endless(b"\x00\xff")

    with pytest.raises(FeedError):
        read(stream)

    assert stream.taken <= 64 * 1024


def test_more_rows_than_the_limit_are_refused():
    assert len(understand(GOOD, "prices.csv", NOW, limits=replace(UPLOAD, rows=6)).bars) == 6
    with pytest.raises(FeedError, match="more than 5 rows"):
        understand(GOOD, "prices.csv", NOW, limits=replace(UPLOAD, rows=5))


def test_a_hostile_file_name_is_shown_harmless():
    error = refused(b"", "../../etc/\u202egpj.\n" + "x" * 300)

    assert str(error).isprintable()
    assert "/" not in str(error).split(",")[0]
    assert "\u202e" not in str(error)
    assert len(str(error)) < 200


def test_a_preview_is_json_and_tells_the_first_and_last_rows():
    answer = json.loads(
        json.dumps(
            preview(csv_of(*(row(i, close=str(100 + i)) for i in range(8)))), allow_nan=False
        )
    )

    assert answer["ok"] is True
    assert answer["columns"] == {
        "time": "unix",
        **{name: name for name in ("open", "high", "low", "close", "volume")},
    }
    assert (answer["rows"], answer["timeframe"], answer["range"]) == (
        8,
        "1 hour",
        {"low": 90.0, "high": 110.0},
    )
    assert [line["close"] for line in answer["head"]] == [100, 101, 102]
    assert [line["close"] for line in answer["tail"]] == [105, 106, 107]
    assert answer["first"] == "2020-09-13T12:00:00Z"


def test_the_preview_of_a_bad_file_says_where_and_why():
    answer = preview(csv_of(row(0), row(1, close="nan")))

    assert (answer["ok"], answer["line"], answer["column"]) == (False, 3, "close")
    assert "leave out such rows" in answer["error"]
    assert answer["ask"]["choices"] == {"leave_out": "leave out 1 row"}


CELL = st.one_of(
    st.sampled_from([cell for cell in BAD_NUMBERS if "," not in cell] + ["0", "-1", "1e13"]),
    st.text(max_size=12).filter(lambda text: not set(text) & set(',"\r\n')),
)


@settings(max_examples=400, deadline=None)
@given(cell=CELL, place=st.integers(0, 5), column=st.integers(0, 5))
def test_a_corrupted_cell_is_refused_at_its_place_or_is_a_number_that_is_stored_as_written(
    cell, place, column
):
    rows = [row(i).split(",") for i in range(6)]
    rows[place][column] = cell
    data = csv_of(*map(",".join, rows))

    try:
        bars, _ = read(data)
    except FeedError as error:
        assert error.line is not None
    else:
        stored = [bars.time / 1000, bars.open, bars.high, bars.low, bars.close, bars.volume][column]
        number = float(re.sub("[$€£¥ ]", "", cell))
        assert number in stored or (column == 5 and number == 0)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=3000))
def test_no_bytes_at_all_raise_anything_but_a_feed_error(data):
    for content in (data, GOOD + data, GOOD[:60] + data + GOOD[60:]):
        try:
            read(content)
        except FeedError as error:
            assert str(error).isprintable()


@real_file
def test_the_real_file_equals_what_pandas_reads():
    bars, notes = read(REAL.read_bytes())

    expected = pd.read_csv(REAL).sort_values("unix")

    assert len(bars) == 33_259
    assert (bars.time == expected["unix"].to_numpy() * 1000).all()
    assert all(
        (getattr(bars, name) == expected[name].to_numpy()).all()
        for name in ("open", "high", "low", "close", "volume")
    )
    assert "Newest row first: turned round, oldest first." in notes
    assert "Time from unix (Unix seconds, UTC); date agrees in every row." in notes
    assert any("trade places at line 12114" in note for note in notes)


@real_file
def test_the_real_file_is_read_with_less_than_two_calls_a_cell():
    data = REAL.read_bytes()

    assert calls(lambda: read(data)) < 2 * data.count(b",")
