"""Who calls: a token of a user, or the session of somebody who is logged in; and how often they may."""

import time
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth
from ninja.throttling import BaseThrottle

from arena.services.tokens import token_user

PER_MINUTE = 120
MINUTE = 60


class Token(HttpBearer):
    """Authorization: Bearer TOKEN, as the page of tokens or `manage.py token` gives it out."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return token_user(secret=token)


class Session(SessionAuth):
    """The browser's session; whatever changes something needs the CSRF token of our own pages, too."""

    def __call__(self, request: HttpRequest) -> Any:
        # without a session there is nothing a foreign page could misuse
        return super().__call__(request) if request.user.is_authenticated else None


class PerMinute(BaseThrottle):
    """PER_MINUTE calls of a user in each minute of the clock."""

    def allow_request(self, request: HttpRequest) -> bool:
        key = f"api:{request.auth.pk}:{int(time.time() // MINUTE)}"
        cache.add(key, 0, timeout=2 * MINUTE)
        return cache.incr(key) <= PER_MINUTE

    def wait(self) -> float:
        return MINUTE - time.time() % MINUTE
