"""A move that is too large for a second look to be left out is found, named by its bar, and
measured by the farthest price.
"""

import numpy as np
import pytest

from arena.prices.market.bars import Bars
from arena.prices.market.leaps import FLAGGED, MOST, WILD, is_wild, leaps, moves

HOUR = 3_600_000


def series(closes, **changes):
    """Bars that open at the close before; `changes`: {column: {bar: price}}."""
    close = np.asarray(closes, float)
    opened = np.concatenate([close[:1], close[:-1]])
    columns = {
        "open": opened,
        "close": close,
        "high": np.maximum(opened, close),
        "low": np.minimum(opened, close),
    }
    for column, prices in changes.items():
        for bar, price in prices.items():
            columns[column][bar] = price
    return Bars(
        np.arange(len(close)) * HOUR,
        columns["open"],
        columns["high"],
        columns["low"],
        close,
        np.ones(len(close)),
        HOUR,
    )


def slow_moves(bars):
    """Bar by bar, price by price."""
    found = [0.0]
    for i in range(1, len(bars)):
        prices = [
            np.log(getattr(bars, name)[i] / bars.close[i - 1])
            for name in ("high", "low", "open", "close")
        ]
        found.append(max(prices, key=abs))
    return found


def test_moves_are_those_of_the_slow_way():
    rng = np.random.default_rng(3)
    bars = series(100 * np.exp(np.cumsum(rng.normal(0, 0.4, 300))))

    assert moves(bars) == pytest.approx(slow_moves(bars))


def test_quiet_prices_have_no_leap():
    assert leaps(series([100, 149, 100.1, 150.0])) == []


@pytest.mark.parametrize("factor", [1.51, 1 / 1.51])
def test_more_than_half_as_much_again_is_flagged(factor):
    [leap] = leaps(series([100, 100, 100 * factor, 100 * factor]))

    assert leap == {
        "bar": 2,
        "time": 2 * HOUR,
        "price": "close",
        "before": 100.0,
        "after": 100.0 * factor,
    }
    assert not is_wild(leap)


@pytest.mark.parametrize(
    ("factor", "wild"),
    [(9.99, False), (10.01, True), (1 / 9.99, False), (1 / 10.01, True), (1e-3, True)],
)
def test_more_than_tenfold_is_wild_in_either_direction(factor, wild):
    assert is_wild(leaps(series([100, 100 * factor]))[0]) is wild


def test_a_wrong_cell_for_one_bar_counts_on_its_way_and_on_its_way_back():
    assert [leap["bar"] for leap in leaps(series([100, 100, 1100, 100, 100]))] == [2, 3]


@pytest.mark.parametrize(("column", "price"), [("high", 2000.0), ("low", 1.0)])
def test_a_wick_counts_as_an_order_would_be_filled_there(column, price):
    [leap] = leaps(series([100, 100, 100, 100], **{column: {2: price}}))

    assert (leap["bar"], leap["price"], leap["after"]) == (2, column, price)
    assert is_wild(leap)


def test_an_open_far_from_the_close_before_counts():
    [leap] = leaps(series([100, 100, 100], open={2: 20.0}, low={2: 20.0}))

    assert (leap["price"], leap["after"]) == ("open", 20.0)


def test_the_largest_come_first_and_no_more_than_are_kept():
    wide = series([100 * 3.0 ** (i % 2) for i in range(100)], high={50: 5000.0})

    found = leaps(wide)

    assert len(found) == MOST
    assert found[0]["bar"] == 50 and [leap["bar"] for leap in found[1:4]] == [1, 2, 3]


def test_one_bar_has_no_move():
    assert leaps(series([100])) == []
    assert (np.log(1.5), np.log(10)) == (FLAGGED, WILD)
