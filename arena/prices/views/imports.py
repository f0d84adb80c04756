"""Imports from a provider: the form, the page of one under way, cancel and resume."""

import time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from arena.errors import WrongState
from arena.people.actions import Action
from arena.prices.forms.imports import ImportForm
from arena.prices.models import MarketData, MarketImport
from arena.prices.selectors.markets import day, feeds_of, import_card
from arena.prices.services import imports
from arena.prices.services.imports import ImportRefused, source_title
from arena.prices.services.renewals import renewal_begin
from arena.services.people.limits import IMPORTS, limit_spend
from arena.views.access import data, doing, limited, of_import, of_market, page
from arena.views.answers import json_answer


@page
@require_http_methods(["GET", "HEAD", "POST"])
@doing(Action.MARKET_BRING)
def import_new(request: HttpRequest) -> HttpResponse:
    """arena/import_form.html: form. Begins an import."""
    form = ImportForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            limit_spend(limit=IMPORTS, who=request.user)
            row = imports.import_begin(owner=request.user, **form.asked())
        except ImportRefused as error:
            form.blame(error)
        else:
            return redirect("import_page", import_uuid=row.uuid)
    return render(
        request, "arena/import_form.html", {"form": form}, status=400 if form.errors else 200
    )


@page
@require_safe
@of_import
def import_page(request: HttpRequest, row: MarketImport) -> HttpResponse:
    """arena/import_page.html: row, card, sources, range; kept up to date by its script."""
    titles = [source_title(source) for source in row.sources]
    context = {
        "row": row,
        "card": import_card(row=row, titles=titles),
        "titles": titles,
        "first": day(row.start_ms),
        "last": day(row.stop_ms),
        "state_url": reverse("import_state", args=[row.uuid]),
        "market_url": reverse("market_page", args=[0]),
    }
    return render(request, "arena/import_page.html", context)


@data
@require_safe
@of_import
def import_state(request: HttpRequest, row: MarketImport) -> HttpResponse:
    """prices.selectors.markets.import_card as JSON."""
    return json_answer(
        import_card(row=row, titles=[source_title(source) for source in row.sources])
    )


@page
@require_POST
@of_import
def import_cancel(request: HttpRequest, row: MarketImport) -> HttpResponse:
    """Back to the page of the import with a word on what came of it."""
    try:
        imports.import_cancel(import_uuid=row.uuid)
    except WrongState as error:
        messages.error(request, str(error))
    return redirect("import_page", import_uuid=row.uuid)


@page
@require_POST
@of_import
def import_resume(request: HttpRequest, row: MarketImport) -> HttpResponse:
    """As `import_cancel`."""
    try:
        imports.import_resume(import_uuid=row.uuid)
    except WrongState as error:
        messages.error(request, str(error))
    return redirect("import_page", import_uuid=row.uuid)


@page
@require_POST
@of_market
@limited(IMPORTS)
def import_update(request: HttpRequest, market: MarketData) -> HttpResponse:
    """The same series up to now, as a new one; of a basket all of its parts, which are then put
    together anew.
    """
    feeds = feeds_of(market=market, user=request.user)
    if not feeds:
        which = (
            "was not imported from a provider"
            if len(market.symbols) == 1
            else "has a part that was not imported from a provider"
        )
        messages.error(request, f"{market.name} {which}, so nobody can be asked for more of it.")
        return redirect("market_page", market_id=market.pk)
    for _ in feeds[1:]:
        limit_spend(limit=IMPORTS, who=request.user)
    now_ms = int(time.time() * 1000)
    try:
        if len(market.symbols) == 1:
            begun = imports.import_again(row=feeds[0], owner=request.user, now_ms=now_ms)
        else:
            begun = renewal_begin(
                basket=market, feeds=feeds, owner=request.user, now_ms=now_ms
            ).imports.earliest("pk")
    except ImportRefused as error:
        messages.error(request, f"{market.name} cannot be brought up to date: {error}")
        return redirect("market_page", market_id=market.pk)
    return redirect("import_page", import_uuid=begun.uuid)
