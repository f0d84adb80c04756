"""Ways from the pages into the admin."""

from typing import Any

from django.db.models import Model
from django.urls import NoReverseMatch, reverse


def admin_link(user: Any, row: Model) -> str:
    """Where `row` is edited in the admin, "" for who may not."""
    app, model = row._meta.app_label, row._meta.model_name
    if not user.is_staff or not user.has_perm(f"{app}.change_{model}"):
        return ""
    try:
        return reverse(f"admin:{app}_{model}_change", args=[row.pk])
    except NoReverseMatch:
        return ""
