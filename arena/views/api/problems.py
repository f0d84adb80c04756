"""What is wrong with a call, as application/problem+json (RFC 9457): title, status, detail, and the
keys at fault.
"""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from arena.errors import BasketRefused, WrongState
from arena.prices.files.errors import FeedError
from arena.selectors.agents.inspect import NotKept
from arena.services.experiments.interventions import InterventionError
from arena.services.people.limits import TooMany
from arena.settings_schema import SettingsError
from arena.views.api.reading import BadBody
from ml.checkpoint import CheckpointError

TITLES = {
    400: "Bad request",
    401: "Log in",
    403: "Not allowed",
    404: "Not found",
    405: "Not this method",
    409: "Not in this state",
    413: "Too large",
    415: "Not this type of content",
    422: "Some values are wrong",
    429: "Too many calls",
    500: "An error of ours",
}
# where a refusal said nothing that a script could read
DETAILS = {
    400: "the request cannot be understood",
    403: "this needs the CSRF token of our own pages, or a token",
    404: "there is no such address; /api/v1/docs lists all",
    405: "the address does not take this method; /api/v1/docs lists which it takes",
    413: "the request is too large",
    415: "send application/json, or a form with a file",
    500: "it was noted; the same call may work later",
}
TOO_LARGE = f"a call without files has at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE >> 10} KiB"
# most that is reported of a call: fields at fault, and characters of what is said of each
MOST_ERRORS, LONGEST = 50, 300


def problem(
    status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> HttpResponse:
    """The answer; `more`: members beside the standard ones."""
    body = {
        "type": "about:blank",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        **more,
    }
    return HttpResponse(
        orjson.dumps(body),
        status=status,
        content_type="application/problem+json",
        headers=dict(headers or {}),
    )


def as_problem(response: HttpResponse) -> HttpResponse:
    """A refusal without a word for scripts, turned into a problem in place, its other
    headers kept.
    """
    refusal = problem(
        response.status_code, DETAILS.get(response.status_code, "the call was refused")
    )
    response.content, response["Content-Type"] = refusal.content, refusal["Content-Type"]
    response.headers.pop("Content-Length", None)
    return response


def answer_problems(api: NinjaAPI) -> None:
    """Register an answer for everything a view of `api` may raise."""
    for kind, answer in ANSWERS.items():
        api.add_exception_handler(kind, answer)


def _keys(problems: Mapping[str, str]) -> HttpResponse:
    shown = {key[:LONGEST]: text[:LONGEST] for key, text in islice(problems.items(), MOST_ERRORS)}
    errors = [{"key": key, "text": text} for key, text in shown.items()]
    return problem(422, "; ".join(f"{key}: {text}" for key, text in shown.items()), errors=errors)


def _feed(request: HttpRequest, error: FeedError) -> HttpResponse:
    place: dict[str, Any] = {"line": error.line, "unit": error.unit, "column": error.column}
    more: dict[str, Any] = {
        "problems": [each._asdict() for each in error.problems],
        "ask": error.ask and vars(error.ask),
    }
    return problem(422, str(error), **place, **more, headings=list(error.headings))


def _validation(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Settings are named by their own keys ("learning.gamma"), everything else by its place in the
    call ("body.name").
    """
    problems: dict[str, str] = {}
    for item in error.errors:
        place = {".".join(str(part) for part in item["loc"]): item["msg"]}
        problems |= item["ctx"]["problems"] if item["type"] == "settings" else place
    return _keys(problems)


def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    if error.status_code == 401:
        return problem(
            401, "send a token (Authorization: Bearer …) or log in", {"WWW-Authenticate": "Bearer"}
        )
    if isinstance(error.__cause__, BadBody):
        return problem(error.__cause__.status, str(error.__cause__))
    return problem(error.status_code, str(error))


# an answer for each kind of error that a view may raise
ANSWERS: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    SettingsError: lambda request, error: _keys(error.problems),
    FeedError: _feed,
    BasketRefused: lambda request, error: problem(422, str(error)),
    InterventionError: lambda request, error: problem(422, str(error)),
    WrongState: lambda request, error: problem(409, str(error)),
    TooMany: lambda request, error: problem(429, str(error), {"Retry-After": str(error.seconds)}),
    NotKept: lambda request, error: problem(409, str(error)),
    CheckpointError: lambda request, error: problem(409, str(error)),
    Http404: lambda request, error: problem(
        404, "there is no such thing, or it is somebody else's"
    ),
    ValidationError: _validation,
    HttpError: _http,
    RequestDataTooBig: lambda request, error: problem(413, TOO_LARGE),
    SuspiciousOperation: lambda request, error: problem(400, str(error)),
}
