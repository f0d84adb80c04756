"""The page of a user's tokens for the API: made, shown once, revoked."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from arena.people.actions import Action
from arena.people.forms import TokenForm
from arena.services.people.tokens import TokenRefused, token_create, token_revoke
from arena.views.access import MemberRequest, doing, page
from arena.views.answers import row_number


@page
@require_http_methods(["GET", "HEAD", "POST"])
@doing(Action.TOKEN_MAKE)
def tokens(request: MemberRequest) -> HttpResponse:
    """arena/tokens.html: tokens, form, now, secret of the one just made. POST the form makes one,
    revoke=ID takes one back.
    """
    if "revoke" in request.POST:
        _revoke(request, request.POST["revoke"])
        return redirect("tokens")
    form, secret = TokenForm(request.POST if request.method == "POST" else None), ""
    if form.is_valid():
        try:
            _, secret = token_create(user=request.user, **form.cleaned_data)
        except TokenRefused as error:
            form.add_error(None, str(error))
        else:
            form = TokenForm()
    context = {
        "tokens": request.user.api_tokens.all(),
        "form": form,
        "secret": secret,
        "now": timezone.now(),
    }
    return render(request, "arena/tokens.html", context, status=400 if form.errors else 200)


def _revoke(request: HttpRequest, raw: str) -> None:
    number = row_number(raw)
    if number is not None and token_revoke(user=request.user, token_id=number):
        messages.success(
            request, "The token was revoked; scripts that use it are refused from now on."
        )
    else:
        messages.error(request, "There is no such token.")
