"""mypy reads the whole house, and looks away only in few places, each by name."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
IGNORE = re.compile(r"# type: ignore(\[[a-z, -]+\])?")
# what a reader of types cannot follow: a class made of a table, a stub that says less than is there
MOST_IGNORED = 20


def ignored() -> list[tuple[str, str]]:
    """(place, the errors it names) of each line that mypy passes over."""
    return [
        (f"{path.relative_to(ROOT)}:{number}", found[1] or "")
        for package in TOOLS["importlinter"]["root_packages"]
        for path in sorted((ROOT / package).rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (found := IGNORE.search(line))
    ]


def test_every_package_is_read_but_for_migrations():
    mypy = TOOLS["mypy"]

    assert sorted(mypy["files"]) == sorted(TOOLS["importlinter"]["root_packages"])
    assert mypy["exclude"] == ["/migrations/"]


def test_no_module_of_ours_is_left_out_by_an_override():
    ours = tuple(TOOLS["importlinter"]["root_packages"])

    named = [each["module"] for each in TOOLS["mypy"]["overrides"]]
    modules = [name for each in named for name in ([each] if isinstance(each, str) else each)]

    assert not [name for name in modules if name.startswith((*ours, "*"))]


def test_what_is_passed_over_names_its_error_and_is_little():
    found = ignored()

    assert [place for place, errors in found if not errors] == []
    assert len(found) <= MOST_IGNORED, "mend the types, or say here why one more cannot be"
