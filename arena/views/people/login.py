"""Login and logout: one flow for the pages, the admin and the API's sessions; who guesses has to
wait.
"""

import time
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model, login, views
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from arena.people.doorway import neighbourhood
from arena.people.forms import CodeForm, LoginForm
from arena.people.models import EventKind
from arena.services.people.events import event_record
from arena.services.people.guessing import (
    COOKIE_SECONDS,
    Guessing,
    account_named,
    code_right,
    code_spend,
    guess_right,
    guess_spend,
    known_browser,
    known_cookie,
)
from arena.services.people.second_factor import factor_of, factor_passes
from arena.views.answers import too_many_page
from arena.views.people.doorway import address_of

PENDING = "second_factor"
PENDING_SECONDS = 300
BACKEND = "django.contrib.auth.backends.ModelBackend"


class Login(views.LoginView):
    """registration/login.html; 429.html with the time to come back for who has to wait."""

    redirect_authenticated_user = True
    authentication_form = LoginForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.guess = _guess(request)
        try:
            # before the password is looked at: tries at the same moment count, too
            guess_spend(**self.guess)
        except Guessing as error:
            return held_back(request, error)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """The password was right: on, or to the second factor."""
        guess_right(**self.guess)
        user, where = form.get_user(), self.get_success_url()
        if factor_of(user=user) is None:
            return let_in(self.request, user, where)
        pending = {
            "user": user.pk,
            "mark": user.get_session_auth_hash(),
            "until": int(time.time()) + PENDING_SECONDS,
            "next": where,
        }
        self.request.session[PENDING] = pending
        return redirect("login_code")


class Logout(views.LogoutView):
    """POST, then back to the login."""

    next_page = "login"


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code")
def login_code(request: HttpRequest) -> HttpResponse:
    """registration/code.html: form. The second step, within five minutes of the first."""
    user = _pending(request)
    if user is None:
        return redirect("login")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            code_spend(user=user)
        except Guessing as error:
            return held_back(request, error)
        if factor_passes(user=user, code=form.cleaned_data["code"]):
            code_right(user=user)
            return let_in(request, user, request.session.pop(PENDING)["next"])
        event_record(kind=EventKind.FAILED, user=user, detail="wrong code")
        form.add_error("code", "That is not the code of now, nor an unused recovery code.")
    return render(
        request, "registration/code.html", {"form": form}, status=400 if form.errors else 200
    )


def let_in(request: HttpRequest, user: Any, where: str) -> HttpResponse:
    """Log in, and let the browser be known to the account from now on."""
    login(request, user, backend=BACKEND)
    return remembered(request, user, redirect(where))


def remembered(request: HttpRequest, user: Any, response: HttpResponse) -> HttpResponse:
    """The response with the cookie by which the account knows this browser."""
    value = known_cookie(cookie=request.COOKIES.get(settings.KNOWN_COOKIE_NAME, ""), user=user)
    response.set_cookie(
        settings.KNOWN_COOKIE_NAME,
        value,
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def held_back(request: HttpRequest, error: Guessing, user: Any = None) -> HttpResponse:
    """429.html, and a line in the book."""
    event_record(kind=EventKind.REFUSED, user=user, detail=f"{request.path}")
    return too_many_page(request, error)


def staff_login(request: HttpRequest) -> HttpResponse:
    """In the place of the admin's own login: there is one door, and it counts. Who is logged in and
    still sent here is not staff.
    """
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", reverse("admin:index")), reverse("login"))


def _guess(request: HttpRequest) -> dict[str, str]:
    """Whose tries this one counts among."""
    account = account_named(request.POST.get("username", ""))
    browser = known_browser(
        cookie=request.COOKIES.get(settings.KNOWN_COOKIE_NAME, ""), account=account
    )
    return {"account": account, "address": neighbourhood(address_of(request)), "browser": browser}


def _pending(request: HttpRequest) -> Any:
    """Who gave the right password a moment ago, and has the same one still; None."""
    pending = request.session.get(PENDING)
    if not pending or pending["until"] < time.time():
        return None
    user = get_user_model().objects.filter(pk=pending["user"], is_active=True).first()
    return user if user and user.get_session_auth_hash() == pending["mark"] else None
