"""Every dependency named for people is pinned, with hashes, for pip."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[.*?\])?==([^\s;\\]+)")
PAIRS = [(f"{name}.in", f"{name}.txt") for name in ("requirements", "requirements-files", "requirements-dev")]


def wanted(name: str) -> list[Requirement]:
    """The direct requirements of an .in file."""
    lines = (ROOT / name).read_text().splitlines()
    return [Requirement(line) for line in lines if line and line[0] not in "#-"]


def pinned(name: str) -> dict[str, set[str]]:
    """Each locked name with its versions (several where the interpreter decides)."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / name).read_text().splitlines():
        if match := PIN.match(line):
            found.setdefault(canonicalize_name(match[1]), set()).add(match[2])
    return found


@pytest.mark.parametrize(("readable", "lock"), PAIRS)
def test_the_lock_holds_every_direct_requirement_within_its_limits(readable, lock):
    pins = pinned(lock)

    for requirement in wanted(readable):
        versions = pins.get(canonicalize_name(requirement.name), set())

        assert versions, f"{requirement.name} is missing from {lock}; run: make lock"
        assert all(requirement.specifier.contains(version) for version in versions), (
            f"{requirement} is not what {lock} holds; run: make lock"
        )


@pytest.mark.parametrize("lock", [lock for _, lock in PAIRS])
def test_every_pin_carries_a_hash(lock):
    blocks = re.split(r"\n(?=[A-Za-z])", (ROOT / lock).read_text())

    bare = [block.splitlines()[0] for block in blocks if PIN.match(block) and "--hash=sha256:" not in block]

    assert bare == []


def test_all_locks_agree_where_they_overlap():
    dev = pinned("requirements-dev.txt")

    for run in (pinned("requirements.txt"), pinned("requirements-files.txt")):
        assert {name: dev[name] for name in run.keys() & dev.keys()} == {name: run[name] for name in run.keys() & dev.keys()}
