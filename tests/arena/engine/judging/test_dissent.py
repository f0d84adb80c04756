"""Who stood elsewhere than a committee, and whether the next move proved it right."""

import numpy as np
import pytest

from agents.strategies.base import BUY, HOLD, SELL
from arena.engine.judging.dissent import dissent
from arena.engine.trading.windows import NONE


def dissent_of(own, theirs, closes, *, long_short=False):
    rows = (np.array([choices], np.uint8) for choices in (own, theirs))
    return dissent(*rows, np.array([closes], float), long_short)


def test_who_holds_what_both_bought_does_not_dissent():
    assert dissent_of([BUY, HOLD, HOLD], [BUY, BUY, BUY], [1, 2, 3, 4]) == {
        "dissent": 0.0,
        "dissent_right": None,
    }


def test_to_be_in_is_right_where_it_rises_and_to_be_out_where_it_falls():
    # out, in, in, out against in, in, out, in
    found = dissent_of([SELL, BUY, HOLD, SELL], [BUY, HOLD, SELL, BUY], [10, 9, 8, 7, 6])

    assert found == {"dissent": 0.75, "dissent_right": pytest.approx(2 / 3)}


def test_a_bar_without_a_move_proves_nobody_right():
    assert dissent_of([BUY, HOLD], [SELL, HOLD], [5, 5, 6]) == {
        "dissent": 1.0,
        "dissent_right": 1.0,
    }


def test_a_short_stands_against_who_is_flat_and_nobody_stands_anywhere_after_the_end():
    found = dissent_of([SELL, BUY, NONE], [HOLD, BUY, NONE], [3, 2, 1, 2], long_short=True)

    assert found == {"dissent": pytest.approx(1 / 3), "dissent_right": 1.0}


def test_every_symbol_counts():
    own, theirs = (np.array(rows, np.uint8) for rows in ([[BUY], [BUY]], [[BUY], [SELL]]))

    assert dissent(own, theirs, np.array([[1.0, 2.0], [1.0, 2.0]]), False) == {
        "dissent": 0.5,
        "dissent_right": 1.0,
    }
