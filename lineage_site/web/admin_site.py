"""Django's admin with our door."""

from django.contrib.admin.apps import AdminConfig


class Admin(AdminConfig):
    """Who may enter is asked of `arena.people.may`."""

    default_site = "arena.people.guarded.Site"
