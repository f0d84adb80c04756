"""Answers in JSON and in frames, refusals of too much, and numbers in addresses."""

from typing import Any, BinaryIO, cast

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from arena.services.people.limits import TooMany
from arena.services.rounds.first_paints import Frame

LARGEST = 2**31 - 1
BYTES = "application/octet-stream"
FRESH = {"Cache-Control": "private, no-store"}


class BadNumber(ValueError):
    """A number in an address that is none."""


def json_answer(content: Any, status: int = 200) -> HttpResponse:
    """`content`, arrays among it; numbers that are not finite become null."""
    text = orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)
    return HttpResponse(text, status=status, content_type="application/json", headers=FRESH)


def frame_answer(frame: bytes) -> HttpResponse:
    """A message as the socket would send it."""
    return HttpResponse(frame, content_type=BYTES, headers=FRESH)


def packed_answer(request: HttpRequest, frame: Frame) -> HttpResponse:
    """A stored frame as it is, and nothing of it to a browser that has it already."""
    headers = {
        "Cache-Control": "private, no-cache",
        "ETag": frame.tag,
        "Vary": "Accept-Encoding, Cookie",
    }
    if frame.tag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers=headers)
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(frame.data, content_type=BYTES, headers=headers)
    return HttpResponse(
        frame.packed, content_type=BYTES, headers=headers | {"Content-Encoding": "gzip"}
    )


def too_many_page(request: HttpRequest, error: TooMany) -> HttpResponse:
    """429.html with the sentence, and when to come back."""
    return with_retry_after(
        render(request, "429.html", {"sentence": str(error)}, status=429), error
    )


def opened(file: UploadedFile) -> BinaryIO:
    """The bytes of a file that was sent: a view gets it open."""
    return cast(BinaryIO, file.file)


def with_retry_after(response: HttpResponse, error: TooMany) -> HttpResponse:
    """The response with status 429 and a Retry-After header."""
    response.status_code = 429
    response["Retry-After"] = str(error.seconds)
    return response


def whole_number(request: HttpRequest, name: str) -> int | None:
    """?name=N as a whole number from 0, None where it is not given; BadNumber for anything else."""
    raw = request.GET.get(name, "")
    if not raw:
        return None
    if not (raw.isascii() and raw.isdigit() and len(raw) < 11):
        raise BadNumber(f"{name} must be a whole number from 0, got {raw!r:.40}")
    return min(int(raw), LARGEST)


def row_number(raw: str) -> int | None:
    """A row's number as a form or an address sends it; None for whatever no row could have."""
    known = raw.isascii() and raw.isdigit() and len(raw) < 11 and int(raw) <= LARGEST
    return int(raw) if known else None
