"""How every response goes out and what it tells the browser it may do, what no address is longer
than, and how the API says no.
"""

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from arena.services.people.limits import TooMany
from arena.services.people.seats import SEATS
from arena.views.access import seat_take
from arena.views.answers import too_many_page
from arena.views.api.problems import as_problem

# seconds
SLOWLY = 0.25
TOO_MANY = 429
API, PROBLEM, BINARY = "/api/", "application/problem+json", "application/octet-stream"
# characters behind the question mark, and words of a search: each becomes a condition on every
# field that is searched
LONGEST_QUERY, LONGEST_SEARCH, MOST_WORDS = 4096, 200, 16

# Plotly sets styles from script, so inline styles stay; scripts, sockets and forms are only ours
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ]
)


class Compressed(GZipMiddleware):
    """Compresses pages and answers. What is sent in pieces is a file, which lies compressed beside
    itself where that makes it smaller (WhiteNoise). A frame of the live page, packed numbers, goes
    out as it is, here as on the socket: to make it a third smaller would take the process that
    serves everybody 70 ms a megabyte, at each step through the rounds.

    Lengths of compressed answers could tell a secret that stands beside text of a stranger's
    choice, asked for again and again (BREACH). Here cookies are SameSite, so that no other site
    has a page of ours made with them unseen; the one secret that most pages hold, the token of
    forms, is masked anew in each; others stand where nothing of a stranger's does; and Django adds
    a random length.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        as_it_is = response.streaming or response.headers.get("Content-Type") == BINARY
        return response if as_it_is else super().process_response(request, response)


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Adds the policy to every response; 'self' covers the websocket of the same host and port."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    return middleware


def problems_of_the_api(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Every refusal below /api/ is application/problem+json, whatever made it: an unknown address,
    a method, a host, a fault.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_problem = response.headers.get("Content-Type", "").partition(";")[0] == PROBLEM
        return (
            as_problem(response)
            if request.path.startswith(API) and response.status_code >= 400 and not is_problem
            else response
        )

    return middleware


def bounded_query(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """400 for an address with too much behind its question mark, or a search for too many words."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if len(request.META.get("QUERY_STRING", "")) > LONGEST_QUERY:
            return _refused(
                f"at most {LONGEST_QUERY:,} characters may stand behind the question mark of an"
                " address"
            )
        search = request.GET.get("q", "")
        if len(search) > LONGEST_SEARCH or len(search.split()) > MOST_WORDS:
            return _refused(
                f"search for at most {MOST_WORDS} words of {LONGEST_SEARCH} characters together"
            )
        return get_response(request)

    return middleware


def fair_share(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Who is logged in waits for a seat, see services.people.seats. Who comes with a token sits
    down when that is known (views.api.auth), and gets up here. Who is asked to come back later is
    answered slowly: asking again at once gains nothing.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
                seat_take(request=request, user=request.user)
            response = get_response(request)
            if response.status_code == TOO_MANY and getattr(request, "seat", None) is not None:
                time.sleep(SLOWLY)
            return response
        except TooMany as error:
            return too_many_page(request, error)
        finally:
            if (seat := getattr(request, "seat", None)) is not None:
                SEATS.leave(seat)

    return middleware


def _refused(text: str) -> HttpResponse:
    return HttpResponseBadRequest(
        f"{text[0].upper()}{text[1:]}.\n", content_type="text/plain; charset=utf-8"
    )
