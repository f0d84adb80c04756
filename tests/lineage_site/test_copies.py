"""Copies are whole or not there, and fill no more than they may."""

import os

import pytest

from lineage_site.copies import Copies


@pytest.fixture
def copies(tmp_path):
    return Copies(tmp_path / "copies", 1000)


def test_what_is_kept_is_read_and_forgotten(copies):
    assert copies.open("a") is None
    with copies.keep("a", [b"one ", b"and another"]) as file:
        assert file.read() == b"one and another"

    with copies.open("a") as file:
        assert file.read() == b"one and another"
    assert copies.forget("a") and not copies.forget("a")
    assert copies.open("a") is None


def test_what_breaks_off_leaves_nothing(copies, tmp_path):
    def pieces():
        yield b"half"
        raise TimeoutError("away")

    with pytest.raises(TimeoutError):
        copies.keep("a", pieces())

    assert copies.open("a") is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_longest_unwanted_go_first_and_what_is_open_stays_readable(copies, tmp_path):
    held = copies.keep("0", [b"x" * 100])
    for number in range(1, 10):
        copies.keep(str(number), [b"x" * 100]).close()
    for place, number in enumerate("0123456789"):
        os.utime(copies._place(number), (place, place))
    # wanted again
    copies.open("1").close()

    copies.keep("10", [b"x" * 100]).close()

    there = [number for number in map(str, range(11)) if copies.open(number)]
    assert there == ["1", "4", "5", "6", "7", "8", "9", "10"]
    assert held.read() == b"x" * 100
