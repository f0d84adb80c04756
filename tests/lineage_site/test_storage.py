"""A file stands under its name when it is whole and on the disk, and not before."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.files.base import ContentFile

from lineage_site import storage


@pytest.fixture
def place(tmp_path):
    return storage.DurableStorage(location=tmp_path / "storage")


@pytest.fixture
def flushed(monkeypatch):
    """Paths flushed, in order, with what else was done."""
    calls, fsync, replace = [], os.fsync, os.replace
    monkeypatch.setattr(
        storage.os,
        "fsync",
        lambda number: calls.append(os.readlink(f"/proc/self/fd/{number}")) or fsync(number),
    )
    monkeypatch.setattr(
        storage.os, "replace", lambda *names: calls.append("moved") or replace(*names)
    )
    return calls


def test_a_file_is_flushed_before_it_gets_its_name_and_then_its_folder(place, flushed, tmp_path):
    name = place.save("a/b/weights", ContentFile(b"x" * 100_000))

    top = tmp_path / "storage"
    assert flushed[:3] == [str(top / "a"), str(top), str(tmp_path)]
    assert flushed[3].startswith(str(top / "a/b/.weights.")) and flushed[4:] == [
        "moved",
        str(top / "a/b"),
    ]
    assert (name, place.open(name).read(), os.listdir(top / "a/b")) == (
        "a/b/weights",
        b"x" * 100_000,
        ["weights"],
    )


def test_what_a_full_disk_cut_short_leaves_nothing(place, monkeypatch, tmp_path):
    class Endless(ContentFile):
        def chunks(self, chunk_size=None):
            yield b"half"
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        place.save("a/weights", Endless(b"whole"))

    assert not place.exists("a/weights")
    assert os.listdir(tmp_path / "storage/a") == []


def test_another_of_the_same_name_gets_another(place):
    names = [place.save("a", ContentFile(b"1")), place.save("a", ContentFile(b"2"))]

    assert len(set(names)) == 2 and [place.open(name).read() for name in names] == [b"1", b"2"]


def test_two_who_write_the_same_at_once_both_succeed(place):
    """As two requests of one process do that store the same series."""
    both = Barrier(2, timeout=10)

    class Slow(ContentFile):
        def chunks(self, chunk_size=None):
            both.wait()
            yield from super().chunks(chunk_size)

    with ThreadPoolExecutor(2) as threads:
        names = list(threads.map(lambda _: place._save("a/bars", Slow(b"bars")), range(2)))

    assert names == ["a/bars", "a/bars"]
    assert (place.open("a/bars").read(), place.listdir("a")[1]) == (b"bars", ["bars"])
