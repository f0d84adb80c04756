"""The account of the user who is logged in: password, second factor, sessions."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from arena.people.actions import Action
from arena.people.forms import CodeForm, NewPasswordForm, OwnPasswordForm
from arena.people.may import may
from arena.services.people.events import EventKind, event_record
from arena.services.people.guessing import Guessing, code_right, code_spend
from arena.services.people.second_factor import (
    factor_address,
    factor_begin,
    factor_confirm,
    factor_of,
    factor_remove,
)
from arena.services.people.sessions import sessions_end, sessions_of
from arena.views.access import MemberRequest, doing, page
from arena.views.people.devices import device_words
from arena.views.people.login import held_back, remembered

BOTH = ["GET", "HEAD", "POST"]


@page
@require_safe
@doing(Action.ACCOUNT_CHANGE)
def account(request: MemberRequest) -> HttpResponse:
    """arena/account.html: sessions (each with words and whether it is this one), factor, tokens,
    may_see_events.
    """
    here = request.session.session_key
    sessions = [
        {"row": row, "device": device_words(row.device), "here": row.key == here}
        for row in sessions_of(user=request.user)
    ]
    context = {
        "sessions": sessions,
        "factor": factor_of(user=request.user),
        "codes_left": request.user.recovery_codes.count(),
        "token_count": request.user.api_tokens.count(),
        "may_enter_admin": may(request.user, Action.ADMIN_ENTER),
    }
    return render(request, "arena/account.html", context)


@page
@require_http_methods(BOTH)
@doing(Action.ACCOUNT_CHANGE)
@sensitive_post_parameters()
def account_password(request: HttpRequest) -> HttpResponse:
    """arena/account_form.html: a new password; this browser stays logged in, the others and all
    tokens do not.
    """
    form = NewPasswordForm(request.user, request.POST if request.method == "POST" else None)
    try:
        right = _checked(request, form)
    except Guessing as error:
        return held_back(request, error, request.user)
    if right:
        form.save()
        update_session_auth_hash(request, form.user)
        messages.success(
            request,
            "The password was changed. Your other sessions have ended, and your tokens were"
            " revoked.",
        )
        return remembered(request, form.user, redirect("account"))
    texts = {
        "title": "Change the password",
        "lead": (
            "A new password ends all your other sessions and revokes all your tokens: scripts need"
            " new ones."
        ),
        "button": "Change the password",
    }
    return _form_page(request, form, texts)


@page
@require_http_methods(BOTH)
@doing(Action.ACCOUNT_CHANGE)
@sensitive_post_parameters()
@sensitive_variables("secret", "codes")
def account_factor(request: HttpRequest) -> HttpResponse:
    """arena/second_factor.html: secret and address for an app, form of the first code; then codes,
    the recovery codes, once.
    """
    secret = factor_begin(user=request.user)
    if not secret:
        return redirect("account")
    form, codes = CodeForm(request.POST if request.method == "POST" else None), []
    try:
        if form.is_valid():
            code_spend(user=request.user)
            codes = factor_confirm(user=request.user, code=form.cleaned_data["code"])
    except Guessing as error:
        return held_back(request, error, request.user)
    if codes:
        code_right(user=request.user)
        sessions_end(
            user=request.user,
            besides=request.session.session_key or "",
            why="a second factor is asked for now",
        )
    elif form.is_bound and not form.errors:
        form.add_error("code", "That is not the code of now: is the clock of the phone right?")
    context = {
        "form": form,
        "secret": _grouped(secret),
        "address": factor_address(user=request.user, secret=secret),
        "codes": codes,
    }
    return render(request, "arena/second_factor.html", context, status=400 if form.errors else 200)


@page
@require_http_methods(BOTH)
@doing(Action.ACCOUNT_CHANGE)
@sensitive_post_parameters()
def account_factor_off(request: HttpRequest) -> HttpResponse:
    """arena/account_form.html: one's password, then no code is asked for any more."""
    form = OwnPasswordForm(request.POST if request.method == "POST" else None)
    try:
        right = _checked(request, form)
    except Guessing as error:
        return held_back(request, error, request.user)
    if right:
        factor_remove(user=request.user)
        messages.success(
            request, "The second factor is off; its recovery codes are worth nothing any more."
        )
        return redirect("account")
    texts = {
        "title": "Switch the second factor off",
        "lead": (
            "From then on the password alone gets in, and the recovery codes are worth nothing."
        ),
        "button": "Switch it off",
    }
    return _form_page(request, form, texts)


@page
@require_POST
@doing(Action.SESSION_END)
def account_session_end(request: HttpRequest) -> HttpResponse:
    """POST session=ID ends that one, others= all but this one; back to the account."""
    here = request.session.session_key or ""
    if "others" in request.POST:
        count = sessions_end(user=request.user, besides=here)
    else:
        asked = request.POST.get("session", "")
        keys = [
            row.key
            for row in sessions_of(user=request.user)
            if str(row.pk) == asked and row.key != here
        ]
        count = sessions_end(user=request.user, keys=keys)
    messages.success(request, f"{count} session{'' if count == 1 else 's'} ended.")
    return redirect("account")


def _checked(request: HttpRequest, form: Any) -> bool:
    """Whether the form is right, one's own password in it; Guessing. Wrong ones are counted."""
    if request.method != "POST":
        return False
    code_spend(user=request.user)
    old = "old_password" if "old_password" in form.fields else "password"
    right = form.is_valid()
    if (
        right
        and old == "password"
        and not request.user.check_password(form.cleaned_data["password"])
    ):
        form.add_error("password", "That is not your password.")
    if old in form.errors:
        event_record(
            kind=EventKind.FAILED,
            user=request.user,
            detail="wrong password for a change of the account",
        )
    else:
        code_right(user=request.user)
    return right and not form.errors


def _form_page(request: HttpRequest, form: Any, texts: dict[str, str]) -> HttpResponse:
    return render(
        request,
        "arena/account_form.html",
        {"form": form, **texts},
        status=400 if form.errors else 200,
    )


def _grouped(secret: str) -> str:
    """By fours, as a person types it."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
