"""Append-only rows: what is written once can be read for ever and changed by nobody through the ORM."""

from typing import Any, NoReturn

from django.db import models


class AppendOnlyError(TypeError):
    """Raised where somebody tries to change or delete a ledger row."""


class AppendOnlyQuerySet(models.QuerySet):
    """Refuses every bulk way of changing rows."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(f"{self.model.__name__} rows are append-only: they can be neither changed nor deleted")

    update = delete = bulk_update = update_or_create = _refuse


class AppendOnly(models.Model):
    """Base of ledger rows."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(f"{type(self).__name__} {self.pk} is append-only: it cannot be changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(f"{type(self).__name__} {self.pk} is append-only: it cannot be deleted")
