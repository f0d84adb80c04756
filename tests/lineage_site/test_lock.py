"""Every dependency named for people is pinned, with hashes, for pip."""

import re
import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[.*?\])?==([^\s;\\]+)")
LOCKS = [
    f"requirements{name}"
    for name in ("", "-files", "-objects", "-exchange", "-dev", "-bench", "-supply", "-deploy")
]
PAIRS = [(f"{name}.in", f"{name}.txt") for name in LOCKS]


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

    bare = [
        block.splitlines()[0]
        for block in blocks
        if PIN.match(block) and "--hash=sha256:" not in block
    ]

    assert bare == []


def test_all_locks_agree_where_they_overlap():
    run, dev = pinned("requirements.txt"), pinned("requirements-dev.txt")
    pairs = [
        (dev, run),
        (dev, pinned("requirements-files.txt")),
        (dev, pinned("requirements-exchange.txt")),
        (dev, pinned("requirements-objects.txt")),
        (pinned("requirements-bench.txt"), run),
    ]

    for one, other in pairs:
        assert {name: one[name] for name in other.keys() & one.keys()} == {
            name: other[name] for name in other.keys() & one.keys()
        }


def test_no_way_to_install_goes_without_hashes():
    """What people read, and what make does: every package comes from a lock."""
    texts = [
        (ROOT / name).read_text()
        for name in ("README.md", "Makefile", "arena/prices/providers/exchange.py")
    ]
    installs = [
        line
        for text in texts
        for line in text.splitlines()
        if re.search(r"pip install (?!-)|\$\(PIP\)", line)
    ]

    assert [
        line for line in installs if "-r requirements" not in line and not line.startswith("PIP :=")
    ] == []


YANKED = """#!/bin/sh
echo "warning: `attrs==21.1.0` is yanked (reason: broken)" >&2
"""


@pytest.mark.parametrize(
    ("uv", "code", "said"),
    [
        (YANKED.replace("`", "\\`"), 1, "attrs==21.1.0"),
        ("#!/bin/sh\n", 0, "No lock holds a withdrawn version."),
        ("#!/bin/sh\necho no route >&2\nexit 2\n", 0, "NOT CHECKED for withdrawn versions"),
    ],
)
def test_a_withdrawn_version_fails_and_an_index_out_of_reach_is_said(tmp_path, uv, code, said):
    (tmp_path / "uv").write_text(uv)
    (tmp_path / "uv").chmod(0o755)

    done = subprocess.run(
        [ROOT / ".ci" / "yanked"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == code
    assert said in done.stdout
