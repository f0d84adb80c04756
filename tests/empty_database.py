"""The tables of a new site, ready made: to migrate takes a site longer than to start, and to make
its rights again takes longer than most tests.
"""

import shutil
import sqlite3
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

# {table: its rows}
Rows = dict[str, list[tuple[Any, ...]]]
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


def rows_of(connection: BaseDatabaseWrapper) -> Rows:
    """What the tables of all models hold."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.cursor() as cursor:
        return {table: _select(cursor, connection.ops.quote_name(table)) for table in tables}


def _select(cursor: Any, table: str) -> list[tuple[Any, ...]]:
    cursor.execute(f"SELECT * FROM {table}")
    return cursor.fetchall()


def go_back(connection: BaseDatabaseWrapper, beginning: Rows) -> None:
    """Leaves `beginning` and nothing else; keys go on from where they were.

    Django's own flush forgets what migrations wrote, and makes rights and kinds of content again.
    """
    with connection.constraint_checks_disabled(), transaction.atomic(connection.alias):
        with connection.cursor() as cursor:
            for table in beginning:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
        add_rows(connection, beginning)
    ContentType.objects.clear_cache()


def add_rows(connection: BaseDatabaseWrapper, found: Rows) -> None:
    """Writes rows as they were read, keys and all; IntegrityError where a key is taken."""
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        for table, rows in found.items():
            if rows:
                marks = ", ".join(["%s"] * len(rows[0]))
                name = connection.ops.quote_name(table)
                cursor.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
