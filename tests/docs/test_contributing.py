"""What CONTRIBUTING.md and README.md send people to is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP = ("arena", "agents", "ml", "lineage_site", "tests", "static", "templates", "docs")


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "README.md"])
def test_every_command_of_make_is_one(page: str):
    named = set(re.findall(r"\bmake ([a-z]+)`", (ROOT / page).read_text()))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))

    assert named
    assert named - targets == set()


def test_every_file_and_folder_that_a_change_goes_to_exists():
    named = re.findall(r"`([\w./-]+)`", (ROOT / "CONTRIBUTING.md").read_text())
    places = {name for name in named if name.split("/")[0] in TOP}

    assert len(places) > 10
    assert [place for place in sorted(places) if not (ROOT / place).exists()] == []


def test_it_stays_one_page():
    assert len((ROOT / "CONTRIBUTING.md").read_text().splitlines()) <= 80
