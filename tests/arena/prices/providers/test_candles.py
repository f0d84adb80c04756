"""Rows of a provider: taken whole, or refused with the candle named; nothing is repaired in
silence.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.prices.market.bars import value_problem
from arena.prices.market.calendar import gaps
from arena.prices.providers.candles import bars_of, candles_of
from arena.prices.providers.faults import Refused

HOUR = 3_600_000
START = 1_767_225_600_000
FAR = START + 1000 * HOUR


def row(place, open=100.0, high=102.0, low=99.0, close=101.0, volume=5.0):
    return [START + place * HOUR, open, high, low, close, volume]


def read(rows, now=FAR, server=None, stop=500):
    return candles_of(
        rows,
        timeframe_ms=HOUR,
        start_ms=START,
        stop_ms=START + stop * HOUR,
        now_ms=now,
        server_ms=server,
    )


def test_whole_candles_come_through_unchanged():
    rows = [row(0), row(1, close=99.5), row(2)]

    found = read(rows)

    assert found.notes == []
    assert np.array_equal(found.rows, np.array(rows))
    assert len(bars_of(found.rows, HOUR)) == 3


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (row(1, close="101.0"), "candle 1, close: '101.0' is a text, not a number"),
        (row(1, open=None), "candle 1, open: 'None' is nothing, not a number"),
        (row(1, open=True), "candle 1, open: 'True' is true or false"),
        (row(1)[:5], "candle 1 is a list, expected 6 numbers"),
        ({"t": 1}, "candle 1 is an object, expected 6 numbers"),
        (
            row(1, close=float("nan")),
            "candle of 2026-01-01 01:00 UTC, close: nan is not a finite number",
        ),
        (row(1, high=float("inf")), "high: inf is not a finite number"),
        (row(1, low=0.0), "low: 0 is not above 0"),
        (row(1, open=-100.0), "open: -100 is not above 0"),
        (row(1, high=98.0), "high: 98 is below low"),
        (row(1, close=105.0), "close: 105 lies outside low to high"),
        (row(1, volume=-1.0), "volume: -1 is below 0"),
        (row(1, volume=1e30), "volume: 1e.30 is above"),
        ([START + HOUR, 1e-18, 1e-18, 1e-18, 1e-18, 1.0], "open: 1e-18 is no price"),
        ([START + HOUR / 2 + 0.5, *row(1)[1:]], "is not a whole number of milliseconds"),
        ([-5, *row(1)[1:]], "is not a whole number of milliseconds"),
        ([1e300, *row(1)[1:]], "is not a whole number of milliseconds"),
        ([START + HOUR // 2, *row(1)[1:]], "mixed length"),
        ([START - HOUR, *row(1)[1:]], "is not later than the bar before"),
        ([START, *row(1, close=100.5)[1:]], "two different candles of 2026-01-01 00:00 UTC"),
    ],
)
def test_a_bad_candle_is_refused_by_its_place_and_what_is_wrong(bad, words):
    with pytest.raises(Refused, match=words):
        read([row(0), bad, row(2)])


def test_the_same_candle_twice_is_kept_once_and_noted():
    found = read([row(0), row(1), row(1), row(2)])

    assert len(found) == 3
    assert found.notes == ["1 candle came twice with the same values: kept once."]


def test_missing_candles_stay_missing_and_are_listed():
    bars = bars_of(read([row(0), row(1), row(5)]).rows, HOUR)

    assert gaps(bars) == [(START + HOUR, START + 5 * HOUR, 3)]


def test_the_candle_that_is_not_over_is_left_out():
    found = read([row(0), row(1), row(2)], now=START + 2 * HOUR + 60_000)

    assert len(found) == 2
    assert found.notes == ["1 candle had not closed yet: left out."]


@pytest.mark.parametrize(("ours", "closed"), [(90, 2), (0, 2), (-30, 2), (-60, 1), (-120, 0)])
def test_of_two_clocks_a_candle_must_have_closed_by_both(ours, closed):
    server = START + 2 * HOUR + 30 * 60_000

    found = read([row(0), row(1), row(2)], now=server + ours * 60_000, server=server)

    assert len(found) == closed


def test_a_candle_that_opens_after_both_clocks_is_refused():
    with pytest.raises(Refused, match="lies in the future; check this machine's clock"):
        read([row(0), row(9)], now=START + 2 * HOUR, server=START + 3 * HOUR)


def test_what_was_not_asked_for_is_left_aside():
    assert len(read([row(place) for place in range(-3, 20)], stop=10)) == 10


def test_one_candle_or_none_is_no_market():
    for rows in ([], [row(0)]):
        with pytest.raises(Refused, match="in this range; choose a longer one"):
            bars_of(read(rows).rows, HOUR)


anything = st.one_of(
    st.floats(),
    st.integers(-10, 10**20),
    st.text(max_size=3),
    st.none(),
    st.booleans(),
    st.lists(st.integers(), max_size=2),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 5), anything), min_size=1, max_size=4))
def test_whatever_is_written_over_good_candles_nothing_impossible_comes_through(damage):
    rows = [row(place) for place in range(8)]
    for place, column, value in damage:
        rows[place][column] = value

    try:
        found = read(rows)
    except Refused as error:
        assert "\n" not in str(error)
    else:
        assert value_problem(*(found.rows[:, column] for column in range(1, 6))) is None
        assert (np.diff(found.rows[:, 0]) > 0).all()
