"""Copies of remote files on this machine's disk: whole ones only, the oldest go where they fill
more than they may.

Several processes share a folder of them. A file never changes under its name, so a copy is as good
as the file; one that a failing disk has changed is found by the digest that its reader knows, and
forgotten.
"""

import hashlib
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

# share of the bound that a process writes between two looks at what all of them fill, and that is
# left after one
LOOK, LEFT = 1 / 16, 7 / 8
PART = ".part"


class Copies:
    """most_bytes: what they fill at most, and what each process writes between two looks."""

    def __init__(self, folder: Path, most_bytes: int):
        self.folder, self.most_bytes, self.written = folder, most_bytes, 0

    def open(self, name: str) -> IO[bytes] | None:
        """An open copy of a file, None where there is none."""
        place = self._place(name)
        try:
            file = place.open("rb")
        except FileNotFoundError:
            return None
        # it was wanted of late
        with suppress(OSError):
            os.utime(place)
        return file

    def keep(self, name: str, pieces: Iterable[bytes]) -> IO[bytes]:
        """Copy a file; the copy, open at its beginning, also where another process makes room."""
        place = self._place(name)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = place.with_suffix(f".{secrets.token_hex(6)}{PART}")
        file = beside.open("w+b")
        try:
            for piece in pieces:
                self.written += file.write(piece)
            file.flush()
            os.replace(beside, place)
        except BaseException:
            file.close()
            beside.unlink(missing_ok=True)
            raise
        if self.written > self.most_bytes * LOOK:
            self.make_room()
        file.seek(0)
        return file

    def forget(self, name: str) -> bool:
        """Whether there was a copy; there is none any more."""
        place = self._place(name)
        there = place.exists()
        place.unlink(missing_ok=True)
        return there

    def make_room(self) -> None:
        """Remove those that were wanted longest ago, where all of them fill more than they may."""
        self.written = 0
        found = sorted(_files(self.folder))
        filled = sum(size for _, size, _ in found)
        if filled <= self.most_bytes:
            return
        for _, size, path in found:
            if filled <= self.most_bytes * LEFT:
                return
            path.unlink(missing_ok=True)
            filled -= size

    def _place(self, name: str) -> Path:
        digest = hashlib.sha256(name.encode()).hexdigest()
        return self.folder / digest[:2] / digest[2:40]


def _files(folder: Path) -> Iterable[tuple[float, int, Path]]:
    """(when it was wanted, bytes, path) of each."""
    for path in folder.glob("*/*"):
        with suppress(FileNotFoundError):
            state = path.stat()
            yield state.st_mtime, state.st_size, path
