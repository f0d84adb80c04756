"""What takes seconds to make is made once in a process; its rows and files are there again for each
test that wants it.
"""

from collections.abc import Callable
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import connection

from tests.empty_database import Rows, add_rows, rows_of


class Kept:
    """Rows and files that `make` adds to those that are there, and what it returns of them."""

    def __init__(self, make: Callable[[], int]):
        before = rows_of(connection)
        self.made = make()
        self.rows: Rows = {
            table: [row for row in rows if row not in before[table]]
            for table, rows in rows_of(connection).items()
        }
        place = Path(default_storage.path(""))
        self.files = {
            path.relative_to(place): path.read_bytes()
            for path in place.rglob("*")
            if path.is_file()
        }

    def put_back(self) -> int:
        """The same keys, the same bytes; IntegrityError where a key is taken."""
        add_rows(connection, self.rows)
        for name, content in self.files.items():
            path = Path(default_storage.path(str(name)))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return self.made
