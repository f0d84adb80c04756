"""People in the admin: users and groups, of whom none hands out more rights than they have; tokens,
sessions, and the book of security.
"""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet
from django.http import HttpRequest

from arena.models import ApiToken
from arena.people.actions import Action
from arena.people.guarded import Guarded, ReadOnlyAdmin
from arena.people.may import allowed, may, within
from arena.people.models import SecurityEvent, SeenSession
from arena.services.people.second_factor import factor_remove
from arena.services.people.sessions import sessions_end
from arena.services.people.tokens import token_revoke, tokens_end

admin.site.unregister(get_user_model())
admin.site.unregister(Group)


def _handed_out(field: Any, user: Any, rows: QuerySet) -> QuerySet:
    """Those groups and permissions that `user` has the rights of, and so may give."""
    if user.is_superuser:
        return rows
    if field.related_model is Group:
        return rows.filter(
            pk__in=[
                group.pk for group in Group.objects.all() if within(user, Action.ROW_CHANGE, group)
            ]
        )
    held = user.get_all_permissions()
    return rows.filter(
        pk__in=[
            row.pk
            for row in Permission.objects.select_related("content_type")
            if f"{row.content_type.app_label}.{row.codename}" in held
        ]
    )


class HandsOutNoMore(Guarded):
    """Groups and permissions to choose from are those one has."""

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if (
            field is not None
            and field.queryset is not None
            and db_field.related_model in (Group, Permission)
        ):
            field.queryset = _handed_out(db_field, request.user, field.queryset)
        return field


@admin.register(get_user_model())
class UserAdmin(HandsOutNoMore, auth_admin.UserAdmin):
    """Users; only a superuser makes some; others change none who may do more than they."""

    list_display = ("username", "is_active", "is_staff", "is_superuser", "last_login", "second")
    actions = ("end_everything", "reset_second_factor")

    @admin.display(description="second factor", boolean=True)
    def second(self, row: Any) -> bool:
        """Whether a code is asked for."""
        return bool(getattr(row, "second_factor", None) and row.second_factor.confirmed_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("second_factor")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fixed = () if request.user.is_superuser else ("is_superuser",)
        return (*super().get_readonly_fields(request, obj), "last_login", "date_joined", *fixed)

    def has_reset_permission(self, request: HttpRequest) -> bool:
        return may(request.user, Action.USER_RESET, self.model)

    @admin.action(description="End all sessions and revoke all tokens", permissions=["reset"])
    def end_everything(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Of those chosen who may do no more than the person who asks."""
        people = allowed(request.user, Action.USER_RESET, queryset)
        for user in people:
            sessions_end(user=user)
            tokens_end(user=user)
        self._report(
            request, people, queryset, "were logged out everywhere, and their tokens revoked"
        )

    @admin.action(description="Take back the second factor", permissions=["reset"])
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet) -> None:
        """As `end_everything`: the password alone gets in until they set it up again."""
        people = allowed(request.user, Action.USER_RESET, queryset)
        for user in people:
            factor_remove(user=user)
        self._report(
            request,
            people,
            queryset,
            "log in with their password alone, until they set it up again",
        )

    def _report(self, request: HttpRequest, done: QuerySet, asked: QuerySet, words: str) -> None:
        if left := asked.count() - done.count():
            self.message_user(
                request, f"{left} may do more than you, and were left alone.", messages.WARNING
            )
        self.message_user(request, f"{done.count()} {words}.")


# both take the same, the stubs name it otherwise
@admin.register(Group)
class GroupAdmin(HandsOutNoMore, auth_admin.GroupAdmin):  # type: ignore[misc]
    """Groups; who is no superuser changes none that has a right they lack."""


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens of scripts: seen and revoked, never read."""

    list_display = ("name", "user", "begins", "good_for", "created_at", "ends_at", "used_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__username", "begins")
    exclude = ("sha256",)
    actions = ("revoke",)

    @admin.display(description="good for")
    def good_for(self, row: ApiToken) -> str:
        """Its scopes."""
        return ", ".join(row.scopes)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, Action.TOKEN_REVOKE, obj or self.model)

    def delete_model(self, request: HttpRequest, obj: ApiToken) -> None:
        token_revoke(user=request.user, token_id=obj.pk)

    @admin.action(description="Revoke the chosen tokens", permissions=["delete"])
    def revoke(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Scripts that use them are refused from now on."""
        count = [token_revoke(user=request.user, token_id=row.pk) for row in queryset].count(True)
        self.message_user(request, f"{count} tokens were revoked.")


@admin.register(SeenSession)
class SeenSessionAdmin(ReadOnlyAdmin):
    """Where people are logged in."""

    list_display = ("user", "address", "device", "since", "seen_at")
    list_select_related = ("user",)
    search_fields = ("user__username", "address")
    # the key logs its holder in
    exclude = ("key",)
    actions = ("end",)

    def has_end_permission(self, request: HttpRequest) -> bool:
        return may(request.user, Action.SESSION_END, self.model)

    @admin.action(description="End the chosen sessions", permissions=["end"])
    def end(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Their users have to log in again."""
        rows = list(allowed(request.user, Action.SESSION_END, queryset).select_related("user"))
        for row in rows:
            sessions_end(user=row.user, keys=[row.key])
        self.message_user(request, f"{len(rows)} sessions ended.")


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnlyAdmin):
    """What happened at the doors."""

    list_display = ("at", "kind", "name", "by", "address", "detail", "count")
    list_filter = ("kind",)
    search_fields = ("name", "by", "address", "detail")
    date_hierarchy = "at"
