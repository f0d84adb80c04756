"""What takes seconds to make is made once in a process; its rows and files are there again for each
test that wants it.
"""

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection

from arena.prices.models import MarketData
from tests.empty_database import Rows, add_rows, rows_of


class Kept:
    """Rows and files that `make` adds to those that are there, and what it returns."""

    def __init__(self, make: Callable[[], Any]):
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

    def put_back(self) -> Any:
        """The same keys, the same bytes; IntegrityError where a key is taken."""
        add_rows(connection, self.rows)
        for name, content in self.files.items():
            path = Path(default_storage.path(str(name)))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return self.made


# {(name, block size): what was made}
_KEPT: dict[tuple[Hashable, int], Kept] = {}


def made_once(name: Hashable, make: Callable[[], Any]) -> Any:
    """What `make` returns, a plain value: it is called once in this process for blocks of each
    size, and what it wrote is put back afterwards.
    """
    assert not MarketData.objects.exists(), "ask for it before anything else is made"
    key = name, settings.BLOCK_SIZE
    if key in _KEPT:
        return _KEPT[key].put_back()
    _KEPT[key] = Kept(make)
    return _KEPT[key].made
