"""Imports of market data, as a person sees them: begin, cancel, resume."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from arena.errors import WrongState
from arena.prices.files.rows import duration
from arena.prices.models import BasketRenewal, ImportState, MarketImport
from arena.prices.providers.base import Ask, timeframe_name
from arena.prices.providers.faults import Refused
from arena.prices.providers.registry import PROVIDERS, TITLES
from arena.prices.services.providers import provider_get
from arena.services.records.storage import storage_refusal
from arena.work.kinds import IMPORT
from arena.work.queue import Wanted, jobs_ask, jobs_drop

MOST_BARS = 3_000_000
MOST_SOURCES = 3
Source = tuple[str, str]


class ImportRefused(ValueError):
    """What was asked for cannot be imported; the text says why and what to do, `source` which of
    them (from 0) or None.
    """

    def __init__(self, text: str, source: int | None = None):
        self.source = source
        super().__init__(text)


@transaction.atomic
def import_begin(
    *,
    owner: Any,
    name: str,
    sources: Sequence[Source],
    timeframe_ms: int,
    start_ms: int,
    stop_ms: int,
    now_ms: int,
    renewal: BasketRenewal | None = None,
) -> MarketImport:
    """An import under way. ImportRefused where the range makes no sense, or no source could have
    it. renewal: of the basket it is for.
    """
    if words := storage_refusal(owner=owner):
        raise ImportRefused(words)
    stop_ms = min(stop_ms, now_ms)
    count = (stop_ms - start_ms) // timeframe_ms
    if count < 2:
        raise ImportRefused(
            "there is no time for two bars between start and end; choose an earlier start"
        )
    if count > MOST_BARS:
        raise ImportRefused(
            f"{count:,} bars are more than {MOST_BARS:,}; choose a later start or longer bars"
        )
    _check(sources, Ask("", timeframe_ms, start_ms, stop_ms), now_ms)
    row = MarketImport.objects.create(
        owner=owner,
        name=name[:120] or f"{sources[0][1]}, {timeframe_name(timeframe_ms)}"[:120],
        sources=[list(source) for source in sources],
        timeframe_ms=timeframe_ms,
        start_ms=start_ms,
        stop_ms=stop_ms,
        next_ms=start_ms,
        renewal=renewal,
        created_at=timezone.now(),
    )
    _ask(row)
    return row


def import_again(
    *, row: MarketImport, owner: Any, now_ms: int, renewal: BasketRenewal | None = None
) -> MarketImport:
    """The same series up to now, as a new one: what experiments run on never changes under them. As
    `import_begin`.
    """
    series = {
        "name": row.name,
        "sources": row.sources,
        "timeframe_ms": row.timeframe_ms,
        "start_ms": row.start_ms,
    }
    return import_begin(owner=owner, stop_ms=now_ms, now_ms=now_ms, renewal=renewal, **series)


@transaction.atomic
def import_cancel(*, import_uuid: UUID) -> MarketImport:
    """Stop it where it is; what was fetched is kept. WrongState where it runs no more."""
    changes = {"state": ImportState.CANCELLED, "reason": "", "finished_at": timezone.now()}
    running = MarketImport.objects.filter(uuid=import_uuid, state=ImportState.RUNNING).update(
        **changes
    )
    row = MarketImport.objects.get(uuid=import_uuid)
    if not running:
        raise WrongState(f"{row.name} is {row.get_state_display()} and cannot be cancelled")
    jobs_drop(kind=IMPORT, subject=row.pk)
    return row


@transaction.atomic
def import_resume(*, import_uuid: UUID) -> MarketImport:
    """Go on where it was cancelled; after a failure from its first source again, with all pages
    that are kept. WrongState.
    """
    row = MarketImport.objects.select_for_update().get(uuid=import_uuid)
    if row.state not in (ImportState.CANCELLED, ImportState.FAILED):
        raise WrongState(f"{row.name} is {row.get_state_display()} and cannot be resumed")
    if row.state == ImportState.FAILED:
        row.source, row.next_ms, row.bars, row.tried = 0, row.start_ms, 0, []
    row.state, row.reason, row.finished_at = ImportState.RUNNING, "", None
    row.failures = 0
    row.save()
    _ask(row)
    return row


def source_title(source: Sequence[str]) -> str:
    """ "CoinGecko bitcoin", "binance BTC/USDT"."""
    name, instrument = source
    return (
        instrument.replace(":", " ", 1)
        if name == "exchange"
        else f"{TITLES.get(name, name)} {instrument}"
    )


def _ask(row: MarketImport) -> None:
    jobs_ask(wanted=[Wanted(IMPORT, row.pk)], user=row.owner_id)


def _check(sources: Sequence[Source], ask: Ask, now_ms: int) -> None:
    if not 1 <= len(sources) <= MOST_SOURCES:
        raise ImportRefused(f"name one to {MOST_SOURCES} sources")
    for place, (name, instrument) in enumerate(sources):
        if name not in PROVIDERS:
            raise ImportRefused(
                f"there is no provider {name!r:.40}; choose one of {', '.join(PROVIDERS)}", place
            )
        try:
            _page(name, Ask(instrument, ask.timeframe_ms, ask.start_ms, ask.stop_ms), now_ms)
        except Refused as error:
            raise ImportRefused(str(error), place) from None


def _page(name: str, ask: Ask, now_ms: int) -> None:
    if len(ask.instrument) > 80:
        raise Refused(
            f"an instrument's name has at most 80 characters; {duration(ask.timeframe_ms)} bars"
            " need a name that exists"
        )
    provider_get(name=name).page(ask, now_ms)
