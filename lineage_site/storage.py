"""Files that are whole, and on the disk, before anything refers to them."""

import contextlib
import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class DurableStorage(FileSystemStorage):
    """A file is written beside its place, flushed to the disk and moved there; then its folder is
    flushed. A row that points to it may survive a power cut, so it must too. What a full disk or a
    death cut short never stands under the file's own name.
    """

    def _save(self, name: str, content: File) -> str:
        place = Path(self.path(name))
        _make_folder(place.parent, Path(self.location))
        # a name of its own: threads of one process, and processes of other machines, may write the
        # same file at once
        beside = NamedTemporaryFile(  # noqa: SIM115
            dir=place.parent, prefix=f".{place.name}.", suffix=".part", delete=False
        )
        try:
            with beside as file:
                for piece in content.chunks():
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            if self.file_permissions_mode is not None:
                os.chmod(beside.name, self.file_permissions_mode)
            os.replace(beside.name, place)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(beside.name)
            raise
        _flush(place.parent)
        return str(name).replace("\\", "/")


def _make_folder(folder: Path, top: Path) -> None:
    """With its name on the disk as well, and those of all above it that were missing."""
    missing = [
        each for each in (folder, *folder.parents) if each.is_relative_to(top) and not each.exists()
    ]
    folder.mkdir(parents=True, exist_ok=True)
    for each in missing:
        _flush(each.parent)


def _flush(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
