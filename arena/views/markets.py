"""What was understood of a file of prices, before anything is made of it."""

import time

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from arena.feeds import csv_file
from arena.views.access import data
from arena.views.answers import json_answer


@data
@require_POST
def market_preview(request: HttpRequest) -> HttpResponse:
    """POST `file` -> feeds.csv_file.preview as JSON, status 400 where the file is refused; nothing is stored."""
    file = request.FILES.get("file")
    if file is None:
        return json_answer({"ok": False, "error": "no file was sent", "line": None, "column": None}, status=400)
    told = csv_file.preview(file.file, file.name, int(time.time() * 1000))
    return json_answer(told, status=200 if told["ok"] else 400)
