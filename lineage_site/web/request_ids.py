"""Every request has an id: the log names it beside what happened, and the answer carries it."""

import re
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from lineage_site.logs import request_id

HEADER = "X-Request-ID"
# what a proxy may have given it
GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")


def request_ids(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """The id that a proxy gave the request, or one that is drawn."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        token = request_id.set(given if GIVEN.fullmatch(given) else secrets.token_hex(8))
        try:
            response = get_response(request)
            response[HEADER] = request_id.get()
        finally:
            request_id.reset(token)
        return response

    return middleware
