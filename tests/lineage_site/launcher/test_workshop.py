"""A developer's house starts again what has read a file that changed, and nothing else."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lineage_site.launcher.children import Child
from lineage_site.launcher.workshop import Sources, Workshop

SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "arena").mkdir()
    (tmp_path / "arena" / "page.html").touch()
    (tmp_path / "arena" / "views.py").write_text(SLEEP)
    return tmp_path / "arena" / "views.py"


@pytest.fixture
def house(source: Path, monkeypatch) -> Iterator[Workshop]:
    monkeypatch.setattr("lineage_site.launcher.workshop.LOOK_SECONDS", 0.0)
    with Workshop(threading.Event(), Sources([source.parent])) as house:
        yield house


def started(house: Workshop, name: str, source: Path) -> Child:
    """A child that runs the source."""
    child = Child(name, [sys.executable, str(source)], env=dict(os.environ), log=None)
    house.start(child)
    return child


def edit(path: Path, text: str = SLEEP) -> None:
    """Changes a file, at another time than before."""
    before = path.stat().st_mtime_ns
    path.write_text(text)
    os.utime(path, ns=(before + 1000, before + 1000))


def pids(house: Workshop) -> dict[str, int]:
    return {child.name: child.process.pid for child in house.children}


@pytest.mark.parametrize(
    ("name", "again"),
    [("views.py", {"web", "web-2", "worker", "timer"}), ("page.html", {"web", "web-2"})],
)
def test_what_has_read_the_file_starts_again(house: Workshop, source: Path, name, again):
    for child in ("redis", "web", "web-2", "worker", "timer"):
        started(house, child, source)
    before = pids(house)

    edit(source.with_name(name))
    house.look_after()

    after = pids(house)
    assert {child for child in before if before[child] != after[child]} == again
    assert all(child.exit_code() is None for child in house.children)


def test_without_a_change_nothing_starts_again(house: Workshop, source: Path):
    started(house, "web", source)
    before = pids(house)

    house.look_after()
    source.with_name("notes.txt").touch()
    house.look_after()

    assert pids(house) == before


def test_a_new_file_is_a_change_and_so_is_one_that_went(source: Path):
    sources = Sources([source.parent])
    new = source.with_name("new.py")

    new.touch()
    assert sources.changed() == {new}
    new.unlink()
    assert sources.changed() == {new}
    assert sources.changed() == set()


def test_a_child_that_died_is_reported_once_and_waits_for_the_mended_file(
    house: Workshop, source: Path, capfd
):
    source.write_text("raise SystemExit('no such name')")
    house.sources.changed()
    web = started(house, "web", source)
    web.process.wait(20)
    broken = web.process.pid

    for _ in range(7):
        house.look_after()

    assert web.process.pid == broken
    said = capfd.readouterr().err
    assert "no such name" in said
    assert said.count("web ended with code 1; it starts again when a source file changes.") == 1

    edit(source)
    house.look_after()

    assert web.exit_code() is None
    assert "views.py changed; starting again: web" in capfd.readouterr().err


def test_a_child_that_was_killed_starts_again_at_once(house: Workshop, source: Path):
    web = started(house, "web", source)
    web.process.kill()
    web.process.wait(20)

    house.look_after()

    assert web.exit_code() is None


def test_sources_are_looked_at_once_a_second(source: Path):
    with Workshop(threading.Event(), Sources([source.parent])) as house:
        child = started(house, "web", source)
        house.look_after()
        before = child.process.pid
        edit(source)

        house.look_after()
        assert child.process.pid == before

        house.look_at = time.monotonic()
        house.look_after()
        assert child.process.pid != before


def test_what_follows_from_the_sources_is_found_anew_at_each_start(source: Path):
    with Workshop(threading.Event(), Sources([source.parent]), forget={"CACHE"}) as house:
        web = Child("web", [sys.executable, str(source)], env={"CACHE": "old", "A": "b"}, log=None)

        house.start(web)

        assert web.env == {"A": "b"}
