"""Bars: what a market may be, and what is refused."""

import hashlib

import numpy as np
import pytest

from arena.prices.market.bars import COLUMNS, Bars, BarsError

HOUR = 3_600_000


def arrays(n=5, step=HOUR):
    close = np.linspace(100.0, 104.0, n)
    return {
        "time": step * np.arange(n, dtype=np.int64),
        "open": close - 0.5,
        "high": close + 1.0,
        "low": close - 1.0,
        "close": close,
        "volume": np.full(n, 10.0),
    }


def bars(timeframe_ms=HOUR, **changed):
    return Bars(**(arrays() | changed), timeframe_ms=timeframe_ms)


def with_cell(column, row, value):
    columns = arrays()
    columns[column][row] = value
    return Bars(**columns, timeframe_ms=HOUR)


def test_a_valid_series_is_kept_as_it_is():
    series = bars()

    assert len(series) == 5
    assert all((getattr(series, name) == arrays()[name]).all() for name in COLUMNS)


def test_bars_cannot_be_changed_neither_here_nor_through_the_arrays_they_were_made_from():
    columns = arrays()
    series = Bars(**columns, timeframe_ms=HOUR)

    columns["close"][0] = 1e9

    assert series.close[0] == 100.0
    with pytest.raises(ValueError, match="read-only"):
        series.close[0] = 1.0


@pytest.mark.parametrize(
    ("column", "row", "value", "named_row", "named_column"),
    [
        *[
            (name, 2, value, 2, name)
            for name in ("open", "high", "low", "close")
            for value in (np.nan, np.inf, -np.inf, 0.0, -1.0)
        ],
        *[("volume", 3, value, 3, "volume") for value in (np.nan, np.inf, -1.0)],
        ("high", 1, 50.0, 1, "high"),
        ("low", 1, 101.2, 1, "open"),
        ("open", 4, 200.0, 4, "open"),
        ("close", 4, 102.9, 4, "close"),
        ("time", 2, HOUR, 2, "time"),
        ("time", 2, 0, 2, "time"),
    ],
)
def test_an_impossible_bar_is_refused_by_row_and_column(
    column, row, value, named_row, named_column
):
    with pytest.raises(BarsError) as refused:
        with_cell(column, row, value)

    assert (refused.value.row, refused.value.column) == (named_row, named_column)


@pytest.mark.parametrize(
    "changed",
    [
        {"close": np.ones(4)},
        {"time": np.arange(5.0)},
        {"timeframe_ms": 0},
        {name: np.zeros(0, dtype=np.int64) for name in COLUMNS},
    ],
)
def test_shapes_and_kinds_that_are_no_series_are_refused(changed):
    with pytest.raises(BarsError):
        bars(**changed)


def test_the_hash_is_that_of_the_arrays_in_order():
    columns = arrays()

    expected = hashlib.sha256(
        HOUR.to_bytes(8, "little") + b"".join(columns[name].tobytes() for name in COLUMNS)
    ).hexdigest()

    assert bars().sha256() == expected


@pytest.mark.parametrize("column", COLUMNS)
def test_the_hash_changes_with_every_column(column):
    columns = arrays()
    columns[column][4] = columns[column][4] + (1 if column == "time" else 1e-9)

    assert Bars(**columns, timeframe_ms=HOUR).sha256() != bars().sha256()
