"""Files in Django's storage: how they are named, written, read and removed."""

import hashlib
import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings as site
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils import timezone

from ml.checkpoint import CheckpointError, sha256

PIECE = 1 << 20
WEIGHTS = ".weights.safetensors"
MEMORY = ".memory.safetensors"
EXPERIMENTS, MARKETS, INSTALLATIONS = "experiments", "markets", "installations"


def experiment_folder(experiment: UUID) -> str:
    """What the names of an experiment's own files begin with."""
    return f"{EXPERIMENTS}/{experiment}/"


def round_folder(experiment: UUID, index: int) -> str:
    """Folder of a round's files."""
    return f"{experiment_folder(experiment)}round-{index:05d}"


def block_stem(experiment: UUID, index: int, block: int, fence: int) -> str:
    """Name of a block's files without WEIGHTS or MEMORY; the fence keeps two claims of one block
    apart.
    """
    return f"{round_folder(experiment, index)}/block-{block:03d}.f{fence}"


def population_name(experiment: UUID, index: int, fence: int) -> str:
    """The population as round `index` begins."""
    return f"{round_folder(experiment, index)}/births.f{fence}.safetensors"


def null_stem(experiment: UUID, index: int, rounds: int, fence: int) -> str:
    """Name of a null world's files after so many rounds."""
    return f"{experiment_folder(experiment)}null-{index:04d}/round-{rounds:05d}.f{fence}"


def market_name(digest: str) -> str:
    """A series of bars, by the digest of its arrays."""
    return f"{MARKETS}/{digest}.safetensors"


def write(name: str, data: bytes) -> None:
    """Store `data` under exactly `name`, in place of what an attempt that died may have left there;
    equal contents stay untouched, whoever wrote them.
    """
    write_from(name, io.BytesIO(data))


def write_from(name: str, source: IO[bytes]) -> None:
    """`write` of all that an open file holds, a piece at a time."""
    if default_storage.exists(name):
        if _holds(name, source):
            return
        default_storage.delete(name)
    written = default_storage.save(name, File(source))
    if written == name:
        return
    default_storage.delete(written)
    if not _holds(name, source):
        raise FileExistsError(f"{name} is being written by another process")


def _holds(name: str, source: IO[bytes]) -> bool:
    """Whether the file `name` has the bytes of an open one."""
    source.seek(0)
    with default_storage.open(name, "rb") as kept:
        while piece := kept.read(PIECE):
            if piece != source.read(len(piece)):
                return False
    return not source.read(1)


def exists(name: str) -> bool:
    """Whether there is such a file."""
    return default_storage.exists(name)


def size(name: str) -> int:
    """Bytes of a file; 0 where there is none."""
    return default_storage.size(name) if default_storage.exists(name) else 0


def free() -> int | None:
    """Bytes that may still be written: of the disk with least room among those of the files and of
    the site's own folder, where its database lies; None where files are kept elsewhere and none
    can tell.
    """
    places = {Path(site.VAR_DIR)}
    if isinstance(default_storage, FileSystemStorage):
        places.add(Path(default_storage.location))
    try:
        return min(shutil.disk_usage(_existing(place)).free for place in places)
    except FileNotFoundError:
        return None


def _existing(place: Path) -> Path:
    """The folder, or the nearest above it that there is."""
    return next(each for each in (place, *place.parents) if each.exists())


def read(name: str, digest: str = "", by: Callable[[bytes], str] = sha256) -> bytes:
    """What `name` holds; CheckpointError where it is missing or, with its `digest` given, not what
    was written.
    """
    data = _whole(name)
    if digest and by(data) != digest and _forgotten(name):
        data = _whole(name)
    if digest and by(data) != digest:
        raise CheckpointError(
            f"{name} has changed since it was written: its {by.__name__} begins {by(data)[:12]},"
            f" not {digest[:12]}"
        )
    return data


def _whole(name: str) -> bytes:
    try:
        with default_storage.open(name, "rb") as file:
            return file.read()
    except FileNotFoundError:
        raise CheckpointError(f"{name} is missing from the storage") from None


def _forgotten(name: str) -> bool:
    """Whether the file was read from a copy on this machine, which may have been damaged: it is no
    more, and the next look is at the file itself.
    """
    forget = getattr(default_storage, "forget", None)
    return forget is not None and forget(name)


def piece(name: str, first: int, size: int) -> bytes:
    """So many bytes of a file; CheckpointError where they are not there."""
    try:
        with default_storage.open(name, "rb") as file:
            file.seek(first)
            data = file.read(size)
    except FileNotFoundError:
        raise CheckpointError(f"{name} is missing from the storage") from None
    if len(data) < size:
        raise CheckpointError(
            f"{name} is cut off: {len(data):,} of {size:,} bytes from byte {first:,} on"
        )
    return data


def check(name: str, digest: str) -> None:
    """CheckpointError unless the file is what was written, by its digest where that is known; read
    a piece at a time.
    """
    found = _sha256_of(name)
    if digest and found != digest and _forgotten(name):
        found = _sha256_of(name)
    if digest and found != digest:
        raise CheckpointError(
            f"{name} has changed since it was written: its sha256 begins {found[:12]}, not"
            f" {digest[:12]}"
        )


def _sha256_of(name: str) -> str:
    found = hashlib.sha256()
    try:
        with default_storage.open(name, "rb") as file:
            while data := file.read(PIECE):
                found.update(data)
    except FileNotFoundError:
        raise CheckpointError(f"{name} is missing from the storage") from None
    return found.hexdigest()


def age(name: str) -> timedelta:
    """How long ago a file was written; nothing where it is gone."""
    try:
        return timezone.now() - default_storage.get_modified_time(name)
    except FileNotFoundError:
        return timedelta(0)


def folders(folder: str) -> list[str]:
    """Names of the folders in a folder."""
    try:
        return sorted(default_storage.listdir(folder)[0])
    except FileNotFoundError:
        return []


def within(folder: str) -> Iterator[str]:
    """Names of all files in a folder and those within it; nothing where there is none."""
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    before = f"{folder.rstrip('/')}/" if folder else ""
    yield from (before + name for name in sorted(names))
    for name in sorted(folders):
        yield from within(before + name)


def folder_remove(folder: str) -> None:
    """Delete the empty folders that are left of a folder; storage without folders has none, and one
    that still holds something stays.
    """
    with suppress(OSError, NotImplementedError):
        for name in default_storage.listdir(folder)[0]:
            folder_remove(f"{folder.rstrip('/')}/{name}")
        default_storage.delete(folder)


def remove(*names: str) -> int:
    """Delete files that no row points to, or none will be asked for; one that is not there is no
    error. Bytes they had.
    """
    freed = 0
    for name in names:
        freed += size(name)
        default_storage.delete(name)
    return freed
