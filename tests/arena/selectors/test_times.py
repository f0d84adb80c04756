"""Moments and spans are written one way on all pages."""

from datetime import UTC, datetime, timedelta

import pytest

from arena.selectors.times import ago, left, moment

NOW = datetime(2026, 11, 29, 14, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "words"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=-5), "just now"),
        (timedelta(minutes=4, seconds=50), "4 min ago"),
        (timedelta(hours=23), "23 h ago"),
        (timedelta(days=6, hours=23), "6 d ago"),
        (timedelta(days=7), "22 Nov 2026"),
    ],
)
def test_what_was_long_ago_is_said_by_its_day(since, words):
    assert ago(NOW - since, NOW) == words


def test_a_moment_names_its_zone():
    assert moment(NOW) == "29 Nov 2026, 14:02 UTC"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0, "5 s"),
        (42, "40 s"),
        (80, "1 min 20 s"),
        (120, "2 min"),
        (900, "15 min"),
        (5400, "1 h 30 min"),
        (7200, "2 h"),
        (400_000, "5 days"),
    ],
)
def test_what_is_left_is_as_coarse_as_a_guess(seconds, words):
    assert left(seconds) == words
