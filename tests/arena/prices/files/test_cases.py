"""What many tools write is read right: without a question, or with the one answer that its row
names.
"""

import json

import pytest

from arena.prices.files.errors import FeedError
from arena.prices.files.options import reading_of
from arena.prices.files.price_file import description_of, understand
from tests.arena.prices import cases

NOW = 1_900_000_000_000
EXPECTED = cases.expected()
beside = pytest.mark.skipif(
    not EXPECTED, reason="no ../shared/cases beside the project: its files of prices NOT TESTED"
)
each_case = pytest.mark.parametrize("case", [*EXPECTED, *cases.MADE], ids=lambda case: case.name)


def minute(text):
    return (text if "T" in text else f"{text}T00:00Z")[:16]


def read(case, **said):
    if case.name.endswith(".parquet"):
        pytest.importorskip("pyarrow", reason="no pyarrow: Parquet files NOT TESTED")
    return understand(case.data, case.name, NOW, reading_of(case.said | said))


@beside
def test_the_table_of_cases_is_there():
    assert len(EXPECTED) >= 33


@each_case
def test_bars_and_their_description_are_right(case):
    file = read(case)
    description = description_of(file)

    assert (description["rows"], description["timeframe"]) == (case.bars, case.length)
    assert (description["first"][:16], description["last"][:16]) == (
        minute(case.first),
        minute(case.last),
    )
    assert file.bars.open[0] == pytest.approx(case.first_open, abs=1e-9)
    assert file.bars.close[-1] == pytest.approx(case.last_close, abs=1e-6)
    assert description["volume"].lower() == case.volume.lower()
    assert bool(description["left_out"]) == bool(case.left_out)


@each_case
def test_without_its_answer_a_file_is_read_as_with_it_or_asks_for_it(case):
    right = read(case).bars.sha256()
    try:
        assert understand(case.data, case.name, NOW).bars.sha256() == right
    except FeedError as error:
        assert error.ask is not None
        assert {error.ask.option: case.said[error.ask.option]} == case.said
        assert case.said[error.ask.option] in error.ask.choices


@pytest.mark.parametrize("name", cases.OTHER_ORDERS)
def test_columns_of_another_order_are_never_taken_for_open_high_low_close(name):
    data = json.dumps(cases.OTHER_ORDERS[name]).encode()

    with pytest.raises(FeedError) as error:
        understand(data, name, NOW)

    places = {"coinbase": (4, 3, 2, 5), "bitfinex": (2, 4, 5, 3)}[name]
    said = {"time": "column 1", "volume": "column 6"}
    said |= {
        role: f"column {place}"
        for role, place in zip(("open", "high", "low", "close"), places, strict=True)
    }
    assert error.value.headings == tuple(f"column {j}" for j in range(1, 7))
    bars = understand(data, name, NOW, reading_of(said)).bars
    assert (len(bars), bars.open[0], bars.close[-1]) == (cases.COUNT, cases.FIRST, cases.LAST)
