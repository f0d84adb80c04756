"""Append-only rows: what is written once can be read for ever and not be changed through the
ORM, nor, where a table is guarded, through the database.
"""

from typing import Any, NoReturn

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

_EVENTS = ("UPDATE", "DELETE")
_RAISE = "RAISE EXCEPTION '{} is append-only'"


class AppendOnlyError(TypeError):
    """Raised where a ledger row would be changed or deleted."""


class AppendOnlyQuerySet(models.QuerySet):
    """Refuses every bulk way of changing rows."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(
            f"{self.model.__name__} rows are append-only: they can be neither changed nor deleted"
        )

    update = delete = bulk_update = update_or_create = _refuse


class AppendOnly(models.Model):
    """Base of ledger rows."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(
                f"{type(self).__name__} {self.pk} is append-only: it cannot be changed"
            )
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(
            f"{type(self).__name__} {self.pk} is append-only: it cannot be deleted"
        )


def refuse_changes(connection: BaseDatabaseWrapper, table: str) -> None:
    """Have the database itself refuse every UPDATE and DELETE of a row of `table`, whoever sends
    it.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" {_RAISE.format(table)}; END $$"
            )
            cursor.execute(
                f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"
                f" EXECUTE FUNCTION {table}_refuse()"
            )
        else:
            for event in _EVENTS:
                body = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                cursor.execute(f"CREATE TRIGGER {table}_{event} BEFORE {event} ON {table} {body}")


def refuse_no_changes(connection: BaseDatabaseWrapper, table: str) -> None:
    """Take that back; a table that is not guarded is left alone."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_kept ON {table}")
            cursor.execute(f"DROP FUNCTION IF EXISTS {table}_refuse()")
        else:
            for event in _EVENTS:
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{event}")
