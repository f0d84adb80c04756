"""Login and logout; who guesses passwords has to wait."""

import hashlib
import time
from typing import Any

from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

TRIES = 5
PERIOD = 15 * 60  # seconds


class Login(views.LoginView):
    """registration/login.html; after TRIES failures of an account from an address, 429.html until PERIOD is over."""

    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        failures, until = cache.get(_key(request), (0, 0.0))
        if failures >= TRIES:
            wait = max(1, round(until - time.time()))
            refusal = render(request, "429.html", {"retry_after": wait}, status=429)
            refusal["Retry-After"] = str(wait)
            return refusal
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        key = _key(self.request)
        failures, until = cache.get(key, (0, time.time() + PERIOD))
        cache.set(key, (failures + 1, until), timeout=max(1, until - time.time()))
        return super().form_invalid(form)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        cache.delete(_key(self.request))
        return super().form_valid(form)


class Logout(views.LogoutView):
    """POST, then back to the login."""

    next_page = "login"


def _key(request: HttpRequest) -> str:
    account = request.POST.get("username", "").casefold()
    return "login:" + hashlib.sha256(f"{account}\n{request.META.get('REMOTE_ADDR', '')}".encode()).hexdigest()
