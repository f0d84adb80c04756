"""What was understood of a file of prices, before anything is made of it."""

import time

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from arena.feeds.confined import read_confined
from arena.feeds.errors import FeedError
from arena.feeds.price_file import told_of_error
from arena.form_fields import chosen_columns
from arena.views.access import data
from arena.views.answers import json_answer


@data
@require_POST
def market_preview(request: HttpRequest) -> HttpResponse:
    """POST `file` and the form's column_ fields -> feeds.price_file.told_of as JSON, 400 where it is refused; nothing is stored."""
    file = request.FILES.get("file")
    if file is None:
        return json_answer(told_of_error(FeedError("no file was sent")), status=400)
    try:
        reading = read_confined(file.file, file.name, int(time.time() * 1000), chosen_columns(request.POST), keep=False)
    except FeedError as error:
        return json_answer(told_of_error(error), status=400)
    return json_answer(reading.told)
