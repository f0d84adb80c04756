"""Middleware of people: who stands at the door, whether their session still stands, and that
nothing private is kept on the way.
"""

from collections.abc import Callable
from contextlib import suppress

from django.contrib.auth import logout
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from arena.people.doorway import Visitor, at_the_door
from arena.people.models import EventKind
from arena.services.people.events import event_record
from arena.services.people.sessions import session_note

PRIVATE = "private, no-store"
Handler = Callable[[HttpRequest], HttpResponse]


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, as the proxies that the server believes say."""
    return request.META.get("REMOTE_ADDR", "")


def door(get_response: Handler) -> Handler:
    """To stand behind the authentication; each request is made known to the services by
    `arena.people.doorway`.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        with at_the_door(Visitor(request.user, address_of(request))):
            _note(request)
            response = get_response(request)
            if response.status_code == 403 and request.user.is_authenticated:
                event_record(
                    kind=EventKind.DENIED,
                    user=request.user,
                    detail=f"{request.method} {request.path}",
                )
        response.headers.setdefault("Cache-Control", PRIVATE)
        return response

    return middleware


def _note(request: HttpRequest) -> None:
    # without a database no user is known; how the site does can still be asked
    with suppress(DatabaseError):
        key = request.session.session_key
        if (
            key
            and request.user.is_authenticated
            and not session_note(user=request.user, key=key, **_seen(request))
        ):
            logout(request)


def _seen(request: HttpRequest) -> dict[str, str]:
    return {"address": address_of(request), "device": request.META.get("HTTP_USER_AGENT", "")}
