"""Who calls: a token of a user, or the session of a user who is logged in; every call is
counted.
"""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer, SessionAuth

from arena.people.actions import RULES, SCOPE_WORDS, Action
from arena.people.may import may
from arena.people.models import EventKind
from arena.services.people.events import event_record
from arena.services.people.limits import API, limit_spend
from arena.services.people.tokens import token_user
from arena.views.access import seat_take


class ApiRequest(HttpRequest):
    """A call, and who makes it."""

    auth: User


class Token(HttpBearer):
    """Authorization: Bearer TOKEN, as the page of tokens or `manage.py token` gives it out."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return _counted(request, token_user(secret=token))


class Session(SessionAuth):
    """The browser's session; whatever changes something needs the CSRF token of our own pages,
    too.
    """

    def __call__(self, request: HttpRequest) -> Any:
        # without a session there is nothing a foreign page could misuse
        return (
            _counted(request, super().__call__(request)) if request.user.is_authenticated else None
        )


def calling(request: ApiRequest, action: Action, subject: Any = None) -> None:
    """403 for a caller who may not, or whose token is not good for it."""
    if may(request.auth, action, subject):
        return
    event_record(
        kind=EventKind.DENIED, user=request.auth, detail=f"{request.method} {request.path}"
    )
    scope = RULES[action].scope
    if scope and scope not in getattr(request.auth, "scopes", (scope,)):
        raise HttpError(
            403, f"this token is not good for that: make one that may {SCOPE_WORDS[scope]}"
        )
    raise HttpError(403, "you may not do that")


def _counted(request: HttpRequest, user: Any) -> Any:
    """The user, whose turn it is, or None; TooMany."""
    if user:
        # before it is counted: a refusal keeps the seat for a while
        seat_take(request=request, user=user)
        limit_spend(limit=API, who=user)
    return user
