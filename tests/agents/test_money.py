"""Money is written so that a person can read it, by the server and by the page alike."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.money import money

CASES = json.loads((Path(__file__).parents[1] / "money_cases.json").read_text())


@pytest.mark.parametrize(("value", "text"), CASES)
def test_money_reads_as_in_the_table_of_cases(value, text):
    assert money(value) == text


def test_a_gain_has_a_plus_where_signs_are_asked_for():
    assert [money(value, signed=True) for value in (2.5, 0, -2.5)] == [
        "+2.50",
        "0.00",
        "\u22122.50",
    ]


def test_what_is_not_a_number_is_a_dash():
    assert {money(value) for value in (None, float("nan"), float("inf"))} == {"–"}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_amount_but_nothing_reads_as_nothing_and_none_has_an_exponent(value):
    text = money(value)

    assert (text == "0.00") == (value == 0)
    assert "e" not in text.partition("\u00a0")[0]
    assert len(text) < 24
