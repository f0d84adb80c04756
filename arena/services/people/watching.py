"""Writes into the book whatever Django says of people, by whichever door it came about."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.dispatch import Signal

from arena.models import Experiment
from arena.people.models import EventKind, SeenSession
from arena.prices.models import MarketData, ProviderKey
from arena.services.people.events import event_record

FLAGS = ("is_active", "is_staff", "is_superuser", "username")
GONE = (Experiment, MarketData, ProviderKey, Group)
NO_RIGHTS = (frozenset({"last_login"}), frozenset({"password"}))
GIVEN = {"post_add": "gave", "post_remove": "took", "pre_clear": "took all"}


def connect() -> None:
    """To be called once, when the apps are ready."""
    user = get_user_model()
    heard: tuple[tuple[Signal, Callable[..., None], Any], ...] = (
        (user_logged_in, _logged_in, None),
        (user_logged_out, _logged_out, None),
        (user_login_failed, _failed, None),
        (pre_save, _before, user),
        (post_save, _saved, user),
        (m2m_changed, _given, user.groups.through),
        (m2m_changed, _given, user.user_permissions.through),
        (m2m_changed, _given, Group.permissions.through),
        (post_delete, _user_deleted, user),
        *((post_delete, _deleted, model) for model in GONE),
    )
    for signal, hear, sender in heard:
        signal.connect(hear, sender=sender, dispatch_uid=f"arena.people.{hear.__name__}.{sender}")


def _logged_in(user: Any, **_: Any) -> None:
    event_record(kind=EventKind.LOGGED_IN, user=user)


def _logged_out(user: Any, request: Any, **_: Any) -> None:
    if user is not None:
        SeenSession.objects.filter(key=request.session.session_key or "").delete()
        event_record(kind=EventKind.LOGGED_OUT, user=user)


def _failed(credentials: dict[str, Any], **_: Any) -> None:
    """A name that no user has is not kept: it may be a password in the wrong place."""
    user = (
        get_user_model().objects.filter(username=str(credentials.get("username", ""))[:150]).first()
    )
    event_record(kind=EventKind.FAILED, user=user, name="" if user else "nobody of that name")


def _before(instance: Any, update_fields: frozenset[str] | None, **_: Any) -> None:
    instance.flags_before = None
    if instance.pk and update_fields not in NO_RIGHTS:
        instance.flags_before = type(instance).objects.filter(pk=instance.pk).values(*FLAGS).first()


def _saved(instance: Any, created: bool, **_: Any) -> None:
    before = instance.flags_before or {}
    now = {name: getattr(instance, name) for name in FLAGS}
    changes = [
        f"{name}: {before[name]} -> {value}"
        for name, value in now.items()
        if before and before[name] != value
    ]
    if created:
        changes = ["made", *(name for name in ("is_staff", "is_superuser") if now[name])]
    if changes:
        event_record(kind=EventKind.RIGHTS, user=instance, detail=", ".join(changes))


def _given(
    instance: Model,
    action: str,
    pk_set: set[int] | None,
    model: type[Model],
    reverse: bool,
    **_: Any,
) -> None:
    if action not in GIVEN or (pk_set is not None and not pk_set):
        return
    what = ", ".join(str(row) for row in model._default_manager.filter(pk__in=pk_set or ())[:5])
    person = instance if isinstance(instance, get_user_model()) else None
    of = "" if person else f"{instance._meta.verbose_name} {instance}: "
    event_record(kind=EventKind.RIGHTS, user=person, detail=f"{of}{GIVEN[action]} {what}".strip())


def _user_deleted(instance: Any, **_: Any) -> None:
    event_record(
        kind=EventKind.DELETED,
        name=instance.get_username(),
        detail=f"user {instance.get_username()}",
    )


def _deleted(instance: Model, **_: Any) -> None:
    event_record(kind=EventKind.DELETED, detail=f"{instance._meta.verbose_name} {instance}")
