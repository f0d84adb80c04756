"""The tables of a new site, ready made: to migrate takes a site longer than to start."""

import shutil
import sqlite3
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

NAME = "lineage.sqlite3"


def keep(connection: BaseDatabaseWrapper, folder: Path) -> None:
    """Copies the database of the tests, while nothing but its tables are in it; SQLite alone has a
    file.
    """
    if connection.vendor != "sqlite":
        return
    connection.ensure_connection()
    copy = sqlite3.connect(folder / NAME)
    connection.connection.backup(copy)
    copy.close()


def begin_with(kept: Path, folder: Path) -> Path:
    """A site's folder that has its tables, where they were kept; its first start has less to do."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (kept / NAME).exists():
        shutil.copyfile(kept / NAME, folder / NAME)
        (folder / NAME).chmod(0o600)
    return folder
