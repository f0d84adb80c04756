"""Login and logout; who guesses passwords has to wait."""

from typing import Any

from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from arena.services.limits import TRIES, TRIES_OF_ADDRESS, TooMany, limit_forget, limit_spend
from arena.views.answers import too_many_page


class Login(views.LoginView):
    """registration/login.html; after some failures of an account from an address, or of an address, 429.html for a while."""

    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            # before the password is looked at: tries at the same moment count, too
            limit_spend(limit=TRIES_OF_ADDRESS, who=_address(request))
            limit_spend(limit=TRIES, who=_account(request))
        except TooMany as error:
            return too_many_page(request, error)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        limit_forget(limit=TRIES, who=_account(self.request))
        return super().form_valid(form)


class Logout(views.LogoutView):
    """POST, then back to the login."""

    next_page = "login"


def staff_login(request: HttpRequest) -> HttpResponse:
    """In the place of the admin's own login: there is one door, and it counts. Who is logged in and still sent here is not staff."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", reverse("admin:index")), reverse("login"))


def _address(request: HttpRequest) -> str:
    return request.META.get("REMOTE_ADDR", "")


def _account(request: HttpRequest) -> str:
    return f"{request.POST.get('username', '').casefold()}\n{_address(request)}"
