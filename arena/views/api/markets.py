"""Markets: what there is, and files that are brought."""

import time
from typing import Any

from django.shortcuts import get_object_or_404
from ninja import File, Form, Path, Router, Status
from ninja.files import UploadedFile

from arena.people.actions import Action
from arena.prices.files import builtin
from arena.prices.files.confined import read_confined
from arena.prices.files.options import reading_of
from arena.prices.models import MarketData
from arena.prices.selectors.markets import markets_visible, parts_offered, series_offered
from arena.prices.services.baskets import Basket, basket_description, basket_look, basket_store
from arena.prices.services.markets import market_builtin, market_upload
from arena.prices.services.quarantine import leaps_accept
from arena.selectors.belongings import market_belongings
from arena.services.experiments import listing
from arena.services.people.limits import BASKETS, PREVIEWS, UPLOADS, limit_spend
from arena.services.removal.removals import market_remove
from arena.views.answers import LARGEST, opened
from arena.views.api.auth import ApiRequest, calling
from arena.views.api.shapes import (
    Common,
    Market,
    Markets,
    NewBasket,
    NewMarket,
    Problem,
    Removal,
    Renamed,
    Said,
)

router = Router(tags=["markets"])
WRONG = {403: Problem, 404: Problem, 422: Problem, 429: Problem}


@router.get("", response=Markets, summary="List markets")
def market_list(request: ApiRequest) -> dict[str, Any]:
    """Series you brought, imported or run experiments on, newest first, and the series that come
    with the project.
    """
    calling(request, Action.MARKET_LOOK)
    known = [{"name": name, "title": series.title} for name, series in builtin.SERIES.items()]
    return {"markets": list(series_offered(user=request.auth)), "built_in": known}


@router.post(
    "",
    response={201: Market, 403: Problem, 422: Problem, 429: Problem},
    summary="Import a file of prices",
)
def market_import(
    request: ApiRequest, file: File[UploadedFile], said: Form[NewMarket]
) -> Status[MarketData]:
    """CSV, JSON, Parquet or Feather, packed or not, at most 20 MiB; a market of yours, once however
    often you bring it.

    `notes` and `understood` say what was made of it; a 422 lists the problems, and what it asks to
    be told.
    """
    calling(request, Action.MARKET_BRING)
    limit_spend(limit=UPLOADS, who=request.auth)
    fields = said.dict()
    named = {"name": fields.pop("name"), "symbol": fields.pop("symbol")}
    market = market_upload(
        file=opened(file),
        file_name=file.name or "",
        reading=reading_of(fields),
        owner=request.auth,
        **named,
    )
    return Status(201, market)


@router.post(
    "/{int:market_id}/accept-jumps",
    response={200: Market, 403: Problem, 404: Problem, 409: Problem},
    summary="Accept a leap of prices as real",
)
def market_accept(request: ApiRequest, market_id: int = Path(..., ge=0, le=LARGEST)) -> MarketData:
    """For a market in quarantine, whose `question` names the bar; experiments can run on it from
    then on.
    """
    market = get_object_or_404(series_offered(user=request.auth), pk=market_id)
    calling(request, Action.MARKET_CHANGE, market)
    leaps_accept(market=market, who=request.auth)
    return market


@router.patch("/{int:market_id}", response={200: Market, **WRONG}, summary="Rename or archive")
def market_rename(
    request: ApiRequest, wanted: Renamed, market_id: int = Path(..., ge=0, le=LARGEST)
) -> MarketData:
    """One that you brought; an archived market is left out of lists, and nothing else changes."""
    market = _own(request, market_id)
    if wanted.name is not None:
        listing.market_rename(market=market, name=wanted.name)
    if wanted.archived is not None:
        listing.archive_set(row=market, archived=wanted.archived)
    return _own(request, market_id)


@router.get(
    "/{int:market_id}/belongings",
    response={200: dict, **WRONG},
    summary="What keeps it from being deleted",
)
def market_hanging(
    request: ApiRequest, market_id: int = Path(..., ge=0, le=LARGEST)
) -> dict[str, Any]:
    """Experiments on it, markets put together of it, blocks drawn from it, megabytes."""
    return market_belongings(market=_own(request, market_id), user=request.auth)


@router.delete("/{int:market_id}", response={202: Removal, 409: Problem, **WRONG}, summary="Delete")
def market_delete(request: ApiRequest, market_id: int = Path(..., ge=0, le=LARGEST)) -> Status[Any]:
    """One that you brought, and that nothing hangs on; 409 says what does."""
    return Status(202, market_remove(market=_own(request, market_id), who=request.auth))


def _own(request: ApiRequest, market_id: int) -> MarketData:
    """The market, if the caller brought it: else 404, or 403 for who may at least see it."""
    market = get_object_or_404(markets_visible(user=request.auth), pk=market_id)
    calling(request, Action.MARKET_MANAGE, market)
    return market


@router.post(
    "/preview",
    response={200: dict, 422: Problem, 429: Problem},
    summary="Understand a file, store nothing",
)
def market_preview(
    request: ApiRequest, file: File[UploadedFile], said: Form[Said]
) -> dict[str, Any]:
    """What would be made of it: columns, stretch, gaps, first and last rows."""
    calling(request, Action.MARKET_LOOK)
    limit_spend(limit=PREVIEWS, who=request.auth)
    return read_confined(
        opened(file),
        file.name or "",
        time.time_ns() // 1_000_000,
        reading_of(said.dict()),
        keep=False,
    ).description


@router.post("/together", response={201: Market, **WRONG}, summary="Put markets together")
def basket_create(request: ApiRequest, wanted: NewBasket) -> Status[MarketData]:
    """Several symbols in one market, of the bars that all have; agents trade them side by side.
    Stored once however often asked for.
    """
    calling(request, Action.MARKET_BRING)
    return Status(
        201, basket_store(basket=_basket(request, wanted), name=wanted.name, owner=request.auth)
    )


@router.post(
    "/together/preview", response={200: Common, **WRONG}, summary="See what markets have in common"
)
def basket_preview(request: ApiRequest, wanted: NewBasket) -> dict[str, Any]:
    """What would be kept and left out of each; no basket is stored."""
    calling(request, Action.MARKET_LOOK)
    return basket_description(basket=_basket(request, wanted))


def _basket(request: ApiRequest, wanted: NewBasket) -> Basket:
    limit_spend(limit=BASKETS, who=request.auth)
    offered = parts_offered(user=request.auth)
    parts = [
        market_builtin(name=part)
        if isinstance(part, str)
        else get_object_or_404(offered, pk=min(part, LARGEST))
        for part in wanted.parts
    ]
    return basket_look(parts=parts)
