"""Reading in bulk gives the bits of reading cell by cell, or hands the piece back."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.prices.files import csv_fast, csv_file
from arena.prices.files.cells import csv_text, csv_times
from arena.prices.files.cells.csv_cells import cells_of
from arena.prices.files.cells.csv_numbers import numbers
from arena.prices.files.cells.csv_shape import Table
from arena.prices.files.errors import FeedError
from arena.prices.files.options import reading_of
from arena.prices.files.price_file import understand
from tests.arena.prices.files.test_csv_file import BAD_NUMBERS, GOOD, HEADER, NOW, csv_of, row

WIDTH = 2


def grid(cells):
    """Two columns, the first of them `cells`."""
    return csv_fast.grid_of("".join(f"{cell},1\n" for cell in cells).encode(), ",", WIDTH)


def table(width=WIDTH, separator=","):
    return Table(separator, [""] * width, 1, headed=False)


def exactly(read, *arguments):
    """What is read cell by cell, None where there is a fault in it."""
    found = read(*arguments)
    return None if found.problems else found


@pytest.mark.parametrize("cell", [cell for cell in BAD_NUMBERS if not set(cell) & set(',"')])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_cell_that_is_no_number_is_handed_back(cell, place):
    cells = ["1", "22.5"]
    cells.insert(place, cell)

    assert csv_fast.numbers(grid(cells), 0) is None


NUMBER = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**6), max_value=10**6
    ).map("{:f}".format),
    st.integers(-(10**25), 10**25).map(str),
    st.from_regex(r"-?[0-9]{1,17}(\.[0-9]{1,22})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(NUMBER, min_size=1, max_size=12))
def test_numbers_are_those_that_float_reads(cells):
    expected = exactly(numbers, cells, range(len(cells)), "x")

    read = csv_fast.numbers(grid(cells), 0)

    assert (read is None) == (expected is None)
    if read is not None:
        assert read.tobytes() == expected.values.tobytes()


STAMP = st.datetimes(min_value=datetime(1950, 1, 1))
LAYOUT = st.sampled_from(
    ["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M"]
)
ZONES = st.sampled_from(
    [[""], ["Z"], [" UTC"], ["+01:00", "+02:00"], ["-0330", "+1400"], ["+15:00"], ["", "Z"]]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(STAMP, min_size=1, max_size=8), LAYOUT, ZONES, st.data())
def test_dates_are_those_that_are_read_one_by_one(stamps, layout, zones, data):
    cells = [stamp.strftime(layout) + data.draw(st.sampled_from(zones)) for stamp in stamps]
    kind = csv_times.Dates(
        zoned=cells[0][-1] in "ZC" or cells[0][-5:-4] in "+-" or cells[0][-6:-5] in "+-"
    )
    expected = exactly(kind.read, cells, range(len(cells)), "date")

    read = csv_fast.times(grid(cells), 0, kind)

    if read is not None:
        assert expected is not None
        assert read.ms.tolist() == expected.times.ms.tolist()
        assert read.resolution == expected.times.resolution


@pytest.mark.parametrize(
    "cell", ["2022-02-30", "2022-13-01", "2022-1-01x", "20x2-01-01", "2022_01-01", "2022-01-0१"]
)
def test_a_date_there_is_not_is_handed_back(cell):
    assert (
        csv_fast.times(grid(["2022-01-01", cell, "2022-01-03"]), 0, csv_times.Dates(zoned=False))
        is None
    )


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 2**64), min_size=1, max_size=8))
def test_unix_times_are_those_that_are_read_one_by_one(values):
    cells = [str(value) for value in values]
    for kind in map(csv_times.Unix, csv_times.UNITS):
        expected = exactly(kind.read, cells, range(len(cells)), "unix")

        read = csv_fast.times(grid(cells), 0, kind)

        # a change of unit is handed back, so that it is noted
        assert (read is None) == (expected is None or kind.change(cells) is not None)
        assert read is None or read.ms.tolist() == expected.times.ms.tolist()


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='1,.-\n\r"x;', max_size=40))
def test_a_grid_has_the_cells_that_the_csv_module_finds(text):
    data = text.replace("\r", "").encode() + b"\n"
    found = csv_fast.grid_of(data, ",", WIDTH)

    if found is not None:
        expected = cells_of(csv_text.Piece(data, 1), table())
        assert (found.lines + 1).tolist() == expected.lines
        for i, j in itertools.product(range(len(found.ends)), range(WIDTH)):
            assert found.cell(i, j).decode() == expected.columns[j][i]


LAYOUTS = [
    "%Y/%m/%d",
    "%Y.%m.%d %H:%M",
    "%Y%m%d %H%M%S",
    "%d.%m.%Y %H:%M",
    "%m/%d/%y",
    "%Y-%m-%dT%H:%M:%S.%f000Z",
    "%Y%m%d%H%M",
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_fixed_layout_of_dates_is_read_in_bulk(layout):
    stamps = [datetime(2021, 1, 1) + timedelta(hours=7 * i) for i in range(200)]
    cells = [stamp.strftime(layout) for stamp in stamps]
    found = csv_times.candidates(cells, "", NOW)
    kind = found.get("stamps", next(iter(found.values())))

    read = csv_fast.times(grid(cells), 0, kind)

    whole = [stamp if "%H" in layout else stamp.replace(hour=0) for stamp in stamps]
    assert read.ms.tolist() == [
        int(stamp.replace(tzinfo=UTC).timestamp() * 1000) for stamp in whole
    ]
    assert read.ms.tolist() == kind.read(cells, range(len(cells)), "date").times.ms.tolist()


def test_a_plain_file_is_read_in_bulk(monkeypatch):
    monkeypatch.setattr(csv_file, "_exactly", lambda *_: pytest.fail("read cell by cell"))

    assert len(understand(GOOD, "prices.csv", NOW).bars) == 6


@pytest.mark.parametrize("size", [1, 40, 100, 1000])
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.replace(b",105,", b',"105",'),
    ],
)
def test_the_size_of_the_pieces_changes_nothing(monkeypatch, size, change):
    data = change(csv_of(*(row(i, volume=str(i)) for i in range(60))))
    whole = understand(data, "prices.csv", NOW)

    monkeypatch.setattr(csv_text, "HEAD", size)
    monkeypatch.setattr(csv_text, "PIECE", size)
    cut = understand(data, "prices.csv", NOW)

    assert cut.bars.sha256() == whole.bars.sha256()
    assert cut.notes == whole.notes


@pytest.mark.parametrize("size", [50, 200])
@pytest.mark.parametrize(("cell", "line"), [("nan", 42), ("1e999", 42), ("", 42)])
def test_a_fault_in_a_later_piece_has_its_line(monkeypatch, size, cell, line):
    monkeypatch.setattr(csv_text, "HEAD", size)
    monkeypatch.setattr(csv_text, "PIECE", size)
    rows = [row(i) for i in range(60)]
    rows[line - 2] = row(line - 2, close=cell)

    with pytest.raises(FeedError) as error:
        understand(csv_of(*rows), "prices.csv", NOW)

    assert (error.value.line, error.value.column) == (line, "close")


@pytest.mark.parametrize("size", [50, 5000])
def test_blank_lines_are_counted_and_the_first_is_named(monkeypatch, size):
    monkeypatch.setattr(csv_text, "PIECE", size)
    rows = [row(i) for i in range(20)]

    notes = understand(
        csv_of(*rows[:5], "", *rows[5:9], "", "", *rows[9:], ""), "prices.csv", NOW
    ).notes

    assert notes[1] == "3 blank lines skipped, the first at line 7."


@pytest.mark.parametrize(
    ("chosen", "volume"),
    [({}, 7.0), ({"volume": "turnover"}, 9.0), ({"volume": " turnover "}, 9.0)],
)
def test_a_column_is_read_that_a_person_chose(chosen, volume):
    data = csv_of(*(row(i) + ",9" for i in range(3)), header=HEADER + ",turnover")

    file = understand(data, "prices.csv", NOW, reading_of(chosen))

    assert file.bars.volume[0] == volume
    assert file.headings == (*HEADER.split(","), "turnover")


def test_a_heading_nobody_knows_is_read_once_it_is_chosen():
    data = csv_of(*(row(i) for i in range(3)), header="when,first,top,bottom,last,amount")

    with pytest.raises(FeedError) as error:
        understand(data, "prices.csv", NOW)
    chosen = dict(
        zip(
            ("time", "open", "high", "low", "close", "volume"),
            ["when", "first", "top", "bottom", "last", "amount"],
            strict=True,
        )
    )

    assert error.value.headings == ("when", "first", "top", "bottom", "last", "amount")
    assert (
        understand(data, "prices.csv", NOW, reading_of(chosen)).bars.sha256()
        == understand(csv_of(*(row(i) for i in range(3))), "x", NOW).bars.sha256()
    )


@pytest.mark.parametrize(
    ("chosen", "words"), [({"close": "nowhere"}, "is no column"), ({"price": "open"}, "no option")]
)
def test_a_choice_that_cannot_be_is_refused(chosen, words):
    with pytest.raises(FeedError, match=words):
        understand(GOOD, "prices.csv", NOW, reading_of(chosen))
