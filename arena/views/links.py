"""Ways from the pages into the admin."""

from typing import Any

from django.db.models import Model
from django.urls import NoReverseMatch, reverse

from arena.people.actions import Action
from arena.people.may import may


def admin_link(user: Any, row: Model) -> str:
    """Where `row` is edited in the admin, "" for who may not."""
    if not may(user, Action.ROW_CHANGE, row):
        return ""
    try:
        return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return ""
