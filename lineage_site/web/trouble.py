"""What a visitor sees where a page broke: the machine's own trouble in words, with a time to try
again; anything else as it was.
"""

import sys

import orjson
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.views.defaults import server_error

from arena.work.faults import machine_words

SECONDS = 30
API = "/api/"


def trouble(request: HttpRequest) -> HttpResponse:
    """503 and why, where the disk is full or the database away; else Django's own page for 500."""
    error = sys.exc_info()[1]
    words = machine_words(error) if error is not None else ""
    if not words:
        return server_error(request)
    if request.path.startswith(API):
        problem = {
            "type": "about:blank",
            "title": "Not just now",
            "status": 503,
            "detail": f"{words}; try again in {SECONDS} seconds",
        }
        answer = HttpResponse(
            orjson.dumps(problem), status=503, content_type="application/problem+json"
        )
    else:
        answer = HttpResponse(loader.get_template("503.html").render({"words": words}), status=503)
    answer["Retry-After"] = str(SECONDS)
    return answer
