"""The admin: each of these modules registers what it shows. Django looks for them only here."""

from arena.admin import ledgers, rows  # noqa: F401
from arena.people import admin as people_admin  # noqa: F401
from arena.prices import admin as prices_admin  # noqa: F401
