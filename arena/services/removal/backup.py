"""Copies a site into another folder while it runs; the copy is a VAR_DIR, so bringing it back is
starting from it.

Files never change and are written before the rows that point to them. So those that are there are
copied first, then the database as of one moment, then those that came meanwhile: every row of the
copy finds its files. What an experiment has let go of meanwhile is copied too, which does no harm.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection

from arena.store import files

# under these names a site looks for them
DATABASE, STORAGE, KEY = "lineage.sqlite3", "storage", "secret_key"


class NoBackup(Exception):
    """It cannot be made; the text says why, and what to do instead."""


def backup_make(*, folder: Path) -> int:
    """Copies everything that cannot be made again; bytes of the copy. NoBackup where it cannot."""
    if connection.vendor != "sqlite":
        raise NoBackup(
            "The database is PostgreSQL: copy it with pg_dump, and then VAR_DIR/storage and"
            " VAR_DIR/secret_key."
        )
    if folder.exists() and any(folder.iterdir()):
        raise NoBackup(f"{folder} is not empty; name a folder of its own for each backup.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _files(folder / STORAGE)
    _database(folder / DATABASE)
    _files(folder / STORAGE)
    if (key := settings.VAR_DIR / KEY).exists():
        shutil.copy2(key, folder / KEY)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _files(folder: Path) -> None:
    """Those that are not copied yet; one that goes away meanwhile is no longer wanted."""
    for name in files.within(""):
        place = folder / name
        if Path(name).name.startswith(".") or place.exists():
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            with default_storage.open(name, "rb") as source, place.open("wb") as copy:
                shutil.copyfileobj(source, copy)
        except FileNotFoundError:
            place.unlink(missing_ok=True)


def _database(place: Path) -> None:
    """As of one moment, with what is in its journal, also while others write."""
    name = str(connection.settings_dict["NAME"])
    with (
        closing(sqlite3.connect(name, uri=name.startswith("file:"))) as source,
        closing(sqlite3.connect(place)) as copy,
    ):
        source.backup(copy)
