"""May this user do this to that? One answer for pages, API, sockets, admin and commands.

The table is in `actions`. Here stands what makes a user an owner, for one row (`may`) and for all
rows of a table at once (`allowed`); both ask the database the same question.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db.models import Model, Q, QuerySet

from agents.models import Agent
from arena.models import ApiToken, Experiment, Removal
from arena.people.actions import RULES, Action, Relation
from arena.people.models import SeenSession
from arena.prices.models import MarketData, MarketImport

Row = TypeVar("Row", bound=Model)

# the right that makes staff of an action which names no row
RIGHTS = {
    Action.TOKEN_REVOKE: "arena.delete_apitoken",
    Action.SESSION_END: "auth.change_user",
    Action.USER_RESET: "auth.change_user",
}
VERBS = {
    Action.ROW_VIEW: "view",
    Action.ROW_ADD: "add",
    Action.ROW_CHANGE: "change",
    Action.ROW_DELETE: "delete",
}
INSIDE_ADMIN = {Action.ADMIN_ENTER, Action.USER_RESET, *VERBS}


def _of_market(user: Any) -> Q:
    """Markets the user brought, or runs experiments on or on blocks of."""
    ran = Experiment.objects.filter(owner=user)
    found = MarketData.objects.filter(
        Q(owner=user) | Q(experiments__in=ran) | Q(copies__experiments__in=ran)
    )
    return Q(pk__in=found.values("pk"))


# rows of a model that are a user's own; a model that is not here has no owner
OWNED: dict[type[Model], Callable[[Any], Q]] = {
    Experiment: lambda user: Q(owner=user),
    Agent: lambda user: Q(experiment__owner=user),
    MarketData: _of_market,
    MarketImport: lambda user: Q(owner=user),
    Removal: lambda user: Q(owner=user),
    ApiToken: lambda user: Q(user=user),
    SeenSession: lambda user: Q(user=user),
    get_user_model(): lambda user: Q(pk=user.pk),
}
# actions for which less makes an owner than the model's line above says
STRICTLY: dict[tuple[Action, type[Model]], Callable[[Any], Q]] = {
    (Action.MARKET_MANAGE, MarketData): lambda user: Q(owner=user),
}
# rows that carry rights themselves
POWERFUL = (get_user_model(), Group)


def may(user: Any, action: Action, subject: Model | type[Model] | None = None) -> bool:
    """Whether `user` may do `action` to `subject`: a row, a model, or None for what is the user's
    own anyway.
    """
    if not _acts(user, action):
        return False
    rule = RULES[action].who
    if rule & _standing(user, action, subject):
        return within(user, action, subject)
    return Relation.OWNER in rule and (subject is None or _owns(user, action, subject))


def allowed(user: Any, action: Action, rows: QuerySet[Row]) -> QuerySet[Row]:
    """Those of `rows` to which `user` may do `action`."""
    if not _acts(user, action):
        return rows.none()
    rule, owned = RULES[action].who, STRICTLY.get((action, rows.model)) or OWNED.get(rows.model)
    if rule & _standing(user, action, rows.model):
        beyond = (
            [row.pk for row in rows if not within(user, action, row)]
            if rows.model in POWERFUL
            else []
        )
        return rows.exclude(pk__in=beyond) if beyond else rows
    return rows.filter(owned(user)) if owned and Relation.OWNER in rule else rows.none()


def within(user: Any, action: Action, subject: Any) -> bool:
    """Whether a change goes nowhere beyond the user's own rights: who sets another's password can
    log in as the other.
    """
    if user.is_superuser or action == Action.ROW_VIEW or not isinstance(subject, POWERFUL):
        return True
    if isinstance(subject, Group):
        return names(subject.permissions.all()) <= user.get_all_permissions()
    return not subject.is_superuser and _rights(subject) <= user.get_all_permissions()


def names(permissions: QuerySet[Permission]) -> set[str]:
    """{"app.codename"}"""
    return {
        f"{app}.{name}"
        for app, name in permissions.values_list("content_type__app_label", "codename")
    }


def _rights(user: Any) -> set[str]:
    """What a user may by name, whether active or not: the account can be opened again."""
    return names(Permission.objects.filter(Q(user=user) | Q(group__user=user)))


def _acts(user: Any, action: Action) -> bool:
    """Whether anybody acts at all, and by a means that is good for the action: a session, or a
    token of its scope.
    """
    if not user or not user.is_authenticated or not user.is_active:
        return False
    if action in INSIDE_ADMIN and not user.is_staff:
        return False
    scopes = getattr(user, "scopes", None)
    return scopes is None or RULES[action].scope in scopes


def _standing(user: Any, action: Action, subject: Any) -> set[Relation]:
    """What the user is whatever row it is about."""
    right = _right(action, subject)
    staff = user.is_staff and (not right or user.has_perm(right))
    found = {Relation.OTHER: True, Relation.STAFF: staff, Relation.SUPERUSER: user.is_superuser}
    return {relation for relation, holds in found.items() if holds}


def _right(action: Action, subject: Any) -> str:
    """The name of the permission that the action needs of staff, "" for none."""
    if verb := VERBS.get(action):
        meta = subject._meta
        return f"{meta.app_label}.{verb}_{meta.model_name}"
    return RIGHTS.get(action, "")


def _owns(user: Any, action: Action, row: Model | type[Model]) -> bool:
    """Whether the row is the user's own; a model has no owner."""
    if isinstance(row, type):
        return False
    owned = STRICTLY.get((action, type(row))) or OWNED.get(type(row))
    if owned is None:
        return False
    return type(row)._default_manager.filter(owned(user), pk=row.pk).exists()
