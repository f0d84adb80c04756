"""The page of a user's tokens for the API: made, shown once, revoked."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from arena.services.tokens import token_create, token_revoke
from arena.views.access import page
from arena.views.answers import LARGEST


@page
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """arena/tokens.html: tokens, secret of the one just made. POST name= makes one, revoke=ID takes one back."""
    secret = ""
    if request.method == "POST" and "revoke" in request.POST:
        _revoke(request, request.POST["revoke"])
        return redirect("tokens")
    if request.method == "POST":
        _, secret = token_create(user=request.user, name=request.POST.get("name", "").strip())
    response = render(request, "arena/tokens.html", {"tokens": request.user.api_tokens.all(), "secret": secret})
    response["Cache-Control"] = "private, no-store"
    return response


def _revoke(request: HttpRequest, raw: str) -> None:
    known = raw.isascii() and raw.isdigit() and int(raw[:10]) <= LARGEST
    if known and token_revoke(user=request.user, token_id=int(raw)):
        messages.success(request, "The token was revoked; scripts that use it are refused from now on.")
    else:
        messages.error(request, "There is no such token.")
