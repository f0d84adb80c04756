"""What docs/SECURITY-ASVS.md names is there, and it leaves no requirement of the chapters out."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "SECURITY-ASVS.md").read_text()
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \|[^|]+\| ([^|]+) \|$", TEXT, re.MULTILINE)
NAMED = sorted(set(re.findall(r"tests/[\w/.]+\.py(?:::\w+)?", TEXT)))
VERDICTS = ("Held", "Partly", "Not held", "Not tested", "Does not apply")
# of ASVS 5.0.0: how many requirements of levels 1 and 2 each chapter has
CHAPTERS = {
    1: 27,
    2: 11,
    3: 19,
    4: 10,
    5: 9,
    6: 35,
    7: 18,
    8: 7,
    9: 7,
    10: 29,
    11: 14,
    12: 9,
    13: 13,
    14: 9,
    15: 13,
    16: 16,
    17: 7,
}


@pytest.mark.parametrize("named", NAMED)
def test_every_test_that_is_named_exists(named):
    path, _, name = named.partition("::")

    assert (ROOT / path).is_file()
    assert not name or re.search(
        rf"^(async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE
    )


def test_every_requirement_has_one_row_and_a_verdict():
    numbers = [number for number, _ in ROWS]

    assert len(numbers) == len(set(numbers))
    assert {
        chapter: sum(number.startswith(f"{chapter}.") for number in numbers) for chapter in CHAPTERS
    } == CHAPTERS
    assert [number for number, verdict in ROWS if not verdict.startswith(VERDICTS)] == []


def test_what_is_held_by_a_test_is_most_of_what_applies():
    applying = [verdict for _, verdict in ROWS if not verdict.startswith("Does not apply")]

    assert sum(verdict.startswith("Held") for verdict in applying) / len(applying) > 0.85
