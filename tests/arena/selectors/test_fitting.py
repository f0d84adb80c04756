"""What we say of a series with too little room can be followed, and is then accepted."""

import re

import pytest

from arena.prices.files import builtin
from arena.selectors.fitting import refusal, reuse_words
from arena.settings_schema import parse
from tests.arena.engine.test_fitting import followed

IBM = len(builtin.load("ibm_daily")[0].time)


def settings(**changes):
    return parse(changes)


@pytest.mark.parametrize(
    ("bars", "changes"),
    [
        (IBM, {"round_bars": 3000}),
        (400, {"round_bars": 512}),
        # at the shortest round there is, another one is no remedy
        (400, {"round_bars": 32}),
        (300, {"round_bars": 32}),
        (300, {"round_bars": 64, "evaluation": {"vault": 0.8, "embargo": 300}}),
        (230, {"round_bars": 32, "evaluation": {"vault": 0.0, "embargo": 80}}),
        (208, {"round_bars": 32}),
    ],
)
def test_settings_that_follow_a_remedy_are_accepted(bars, changes):
    asked = settings(**changes)

    words = refusal(bars=bars, settings=asked)

    remedies = re.findall(r"set (.*?) or less", words)
    assert remedies, words
    for remedy in remedies:
        changed = dict(
            re.fullmatch(r"(\S+) to (\S+)", part).groups() for part in remedy.split(" and ")
        )
        raw = {
            key: float(value) if key == "evaluation.vault" else int(value)
            for key, value in changed.items()
        }
        assert refusal(bars=bars, settings=followed(asked, raw)) == "", remedy


def test_of_a_series_that_nothing_fits_it_is_said_how_many_bars_it_takes():
    words = refusal(bars=150, settings=settings(round_bars=32))

    needed = int(re.search(r"bring one of ([\d,]+) bars or more", words)[1].replace(",", ""))
    assert refusal(bars=needed, settings=settings(round_bars=32)) == ""


def test_thirteen_years_of_days_hold_three_fresh_rounds_and_a_length_that_holds_all_is_proposed():
    words = reuse_words(bars=IBM, settings=settings(rounds=40))

    assert words.startswith(
        "3,270 bars hold 3 fresh rounds of 512: rounds 3 to 39 run on bars used before, and in"
        " sample."
    )
    longest = int(re.search(r"With rounds of (\d+) bars all 40 are fresh", words)[1])
    assert reuse_words(bars=IBM, settings=settings(rounds=40, round_bars=longest)) == ""
    assert reuse_words(bars=IBM, settings=settings(rounds=40, round_bars=longest + 1))


def test_where_no_length_holds_all_rounds_it_is_said_how_many_can_be_fresh():
    words = reuse_words(bars=IBM, settings=settings(rounds=500))

    most = int(re.search(r"At most (\d+) can be fresh here, of 32 bars each", words)[1])
    assert reuse_words(bars=IBM, settings=settings(rounds=most, round_bars=32)) == ""
    enough = int(re.search(r"it takes ([\d,]+) bars", words)[1].replace(",", ""))
    assert reuse_words(bars=enough, settings=settings(rounds=500, round_bars=32)) == ""


def test_of_one_round_too_many_it_is_spoken_as_of_one():
    assert "round 3 runs on bars used before" in reuse_words(bars=IBM, settings=settings(rounds=4))
