"""Who calls: a token of a user, or the session of somebody who is logged in; every call is counted."""

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from arena.services.limits import API, limit_spend
from arena.services.tokens import token_user
from arena.views.access import seat_take


class Token(HttpBearer):
    """Authorization: Bearer TOKEN, as the page of tokens or `manage.py token` gives it out."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return _counted(request, token_user(secret=token))


class Session(SessionAuth):
    """The browser's session; whatever changes something needs the CSRF token of our own pages, too."""

    def __call__(self, request: HttpRequest) -> Any:
        # without a session there is nothing a foreign page could misuse
        return _counted(request, super().__call__(request)) if request.user.is_authenticated else None


def _counted(request: HttpRequest, user: Any) -> Any:
    """The user, whose turn it is, None for nobody; TooMany."""
    if user:
        # before it is counted: a refusal keeps the seat for a while
        seat_take(request=request, user=user)
        limit_spend(limit=API, who=user)
    return user
