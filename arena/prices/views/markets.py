"""Stored market data: the list, a series with its chart, and what was understood of a file before
anything is made of it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import orjson
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from arena.errors import WrongState
from arena.people.actions import Action
from arena.people.may import may
from arena.prices.files.confined import read_confined
from arena.prices.files.errors import FeedError
from arena.prices.files.price_file import description_of_error
from arena.prices.forms.reading import reading_said
from arena.prices.forms.upload import UploadForm
from arena.prices.market.bars import Bars
from arena.prices.models import Acceptance, ImportState, MarketData
from arena.prices.selectors.markets import (
    candles,
    experiments_on,
    feeds_of,
    gap_list,
    growth,
    imports_visible,
    market_card,
    market_hours,
    markets_listed,
    markets_visible,
    movements,
    provider_states,
    series_offered,
)
from arena.prices.selectors.quarantine import leap_words
from arena.prices.services.imports import source_title
from arena.prices.services.markets import market_bars, market_keep
from arena.prices.services.quarantine import leaps_accept
from arena.prices.services.quotes import quote_latest
from arena.selectors.machine.storage import storage_words
from arena.services.people.limits import PREVIEWS, UPLOADS
from arena.views.access import data, doing, limited, of_market, page
from arena.views.answers import BadNumber, json_answer, opened, whole_number
from ml.checkpoint import CheckpointError

PER_PAGE = 50
UNFINISHED_SHOWN = 20


@page
@require_safe
@doing(Action.MARKET_LOOK)
def market_list(request: HttpRequest) -> HttpResponse:
    """arena/market_list.html, see `_list_page`."""
    return _list_page(request, UploadForm())


@page
@require_POST
@doing(Action.MARKET_BRING)
@limited(UPLOADS)
def market_upload(request: HttpRequest) -> HttpResponse:
    """A file becomes a market: on to its page, or back to the list with what is wrong."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid() or form.file is None:
        return _list_page(request, form, status=400)
    named = {"name": form.cleaned_data["name"], "symbol": form.cleaned_data["symbol"]}
    try:
        market = market_keep(
            file=form.file, file_name=form.cleaned_data["upload"].name, owner=request.user, **named
        )
    except FeedError as error:
        form.add_error("upload", str(error))
        return _list_page(request, form, status=400)
    return redirect("market_page", market_id=market.pk)


def _list_page(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    """arena/market_list.html: page_obj of prices.selectors.markets.market_card, form, unfinished
    imports, providers.
    """
    now_ms = int(time.time() * 1000)
    archived = "archived" in request.GET
    page_obj: Page[Any] = Paginator(
        markets_listed(user=request.user, archived=archived), PER_PAGE
    ).get_page(request.GET.get("page"))
    page_obj.object_list = [
        market_card(market=market, now_ms=now_ms) for market in page_obj.object_list
    ]
    unfinished = imports_visible(user=request.user).exclude(state=ImportState.DONE)[
        :UNFINISHED_SHOWN
    ]
    context = {
        "page_obj": page_obj,
        "unfinished": unfinished,
        "providers": provider_states(),
        "form": form,
    }
    context |= {
        "archived": archived,
        "others": markets_listed(user=request.user, archived=not archived).count(),
    }
    context["storage"] = storage_words(user=request.user)
    context["preview_url"] = reverse("market_preview")
    return render(request, "arena/market_list.html", context, status=status)


@page
@require_safe
@of_market
def market_page(request: HttpRequest, market: MarketData) -> HttpResponse:
    """arena/market_page.html: card, gaps, leaps, acceptance, experiments on it, how it was
    imported; the chart asks for its data.
    """
    together = len(market.symbols) > 1
    try:
        bars = market_bars(market=market)
    except (CheckpointError, FileNotFoundError):
        # the chart says so
        bars = ()
    imported, visible = (
        imports_visible(user=request.user).filter(market=market).first(),
        markets_visible(user=request.user),
    )
    context = {
        **market_card(market=market, now_ms=int(time.time() * 1000)),
        "hours": market_hours(bars=bars[0]) if bars else "",
        "gap_list": gap_list(bars=bars[0]) if bars and market.gap_count else [],
        "movements": movements(bars=bars, symbols=market.symbols) if bars and together else [],
        "parts": [part for part in market.parts_in_order if visible.filter(pk=part.pk).exists()],
        "leaps": [leap_words(leap, market.symbols) for leap in market.leaps],
        "acceptance": Acceptance.objects.filter(market=market).select_related("who").first(),
        "experiments": experiments_on(market=market, user=request.user)[:PER_PAGE],
        "can_start": series_offered(user=request.user).filter(pk=market.pk).exists(),
        "is_own": may(request.user, Action.MARKET_MANAGE, market),
        "imported": imported,
        "feeds": feeds_of(market=market, user=request.user),
        "sources": [source_title(source) for source in imported.sources] if imported else [],
        "candles_url": reverse("market_candles", args=[market.pk]),
        "growth_url": reverse("market_growth", args=[market.pk]) if together else "",
        "symbols_json": orjson.dumps(market.symbols).decode(),
        "quote_url": reverse("market_quote", args=[market.pk]) if imported else "",
    }
    return render(request, "arena/market_page.html", context)


@page
@require_POST
@of_market
def market_accept(request: HttpRequest, market: MarketData) -> HttpResponse:
    """Let experiments run on prices in quarantine, on the word of the user; back to the page of the
    market.
    """
    try:
        leaps_accept(market=market, who=request.user)
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, f"The prices of {market.name} were accepted; experiments can run on them."
        )
    return redirect("market_page", market_id=market.pk)


@data
@require_safe
@of_market
def market_candles(request: HttpRequest, market: MarketData) -> HttpResponse:
    """prices.selectors.markets.candles as JSON, ?symbol=N: of that one, from 0; 409 where the file
    is gone or damaged.
    """
    try:
        symbol = whole_number(request, "symbol") or 0
    except BadNumber as error:
        return json_answer({"error": str(error)}, status=400)
    if symbol >= len(market.symbols):
        return json_answer(
            {"error": f"{market.name} has {len(market.symbols)} symbols, counted from 0"},
            status=400,
        )
    return _of_bars(market, lambda bars: candles(bars=bars[symbol]))


@data
@require_safe
@of_market
def market_growth(request: HttpRequest, market: MarketData) -> HttpResponse:
    """prices.selectors.markets.growth as JSON; 409 as `market_candles`."""
    return _of_bars(market, lambda bars: growth(bars=bars, symbols=market.symbols))


@data
@require_POST
@of_market
def market_quote(request: HttpRequest, market: MarketData) -> HttpResponse:
    """Ask the sources of an import for the latest price (prices.services.quotes.LatestQuote); 409
    where there is no one to ask, or no answer.
    """
    imported = imports_visible(user=request.user).filter(market=market).first()
    if imported is None:
        return json_answer({"error": f"{market.name} was not imported from a provider"}, status=409)
    quote = quote_latest(
        sources=[(name, instrument) for name, instrument in imported.sources], now=time.time()
    )
    if quote is None:
        return json_answer(
            {"error": "no source answers, and none ever did; see the list of providers"}, status=409
        )
    return json_answer(asdict(quote))


def _of_bars(
    market: MarketData, payload_of: Callable[[Sequence[Bars]], dict[str, Any]]
) -> HttpResponse:
    try:
        return json_answer(payload_of(market_bars(market=market)))
    except (CheckpointError, FileNotFoundError) as error:
        return json_answer({"error": f"the bars cannot be read: {error}"}, status=409)


@data
@require_POST
@doing(Action.MARKET_LOOK)
@limited(PREVIEWS)
def market_preview(request: HttpRequest) -> HttpResponse:
    """POST `file` and fields of reading -> prices.files.price_file.description_of as JSON; nothing
    is stored.

    A file that asks is answered as one that is refused, with 200: nothing was wrong. 400 where it
    is refused.
    """
    file = request.FILES.get("file")
    if file is None:
        return json_answer(description_of_error(FeedError("no file was sent")), status=400)
    try:
        read = read_confined(
            opened(file),
            file.name or "",
            int(time.time() * 1000),
            reading_said(request.POST),
            keep=False,
        )
    except FeedError as error:
        return json_answer(description_of_error(error), status=200 if error.ask else 400)
    return json_answer(read.description)
