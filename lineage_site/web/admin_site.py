"""Django's admin with our door."""

from django.contrib.admin.apps import AdminConfig


class Admin(AdminConfig):
    """Whoever enters is asked for by `arena.people.may`."""

    default_site = "arena.people.guarded.Site"
