"""The admin's doors, which ask `may` like every other."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from arena.people.actions import Action
from arena.people.may import may


def person(request: HttpRequest) -> User:
    """Who is logged in; PermissionDenied where no one is."""
    if isinstance(request.user, AnonymousUser):
        raise PermissionDenied
    return request.user


class Site(admin.AdminSite):
    """Django's own, entered by whom `may` lets in."""

    def has_permission(self, request: HttpRequest) -> bool:
        return may(request.user, Action.ADMIN_ENTER)


class Guarded(admin.ModelAdmin):
    """Rows that staff with the rights see, add, change and delete."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return any(
            may(request.user, action, obj or self.model)
            for action in (Action.ROW_VIEW, Action.ROW_CHANGE)
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request.user, Action.ROW_ADD, self.model)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, Action.ROW_CHANGE, obj or self.model)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, Action.ROW_DELETE, obj or self.model)


class ReadOnlyAdmin(Guarded):
    """Rows that are never added, changed or deleted by hand, whatever the permissions."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
