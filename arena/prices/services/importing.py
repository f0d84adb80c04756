"""Works an import off, page by page: claim it under a fence, ask outside any transaction, commit each page with the place it leads to."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import numpy as np
from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from arena import enqueue
from arena.prices.files.notes import series_notes
from arena.prices.models import LONGEST_FAULT, DataKind, ImportState, MarketImport
from arena.prices.providers.base import Ask, Provider, timeframe_name
from arena.prices.providers.candles import bars_of, when
from arena.prices.providers.faults import Fault, Refused, TryAgain, Wait
from arena.prices.providers.pace import pause
from arena.prices.services import pages
from arena.prices.services.imports import source_title
from arena.prices.services.markets import market_store
from arena.prices.services.providers import OPEN, provider_get
from arena.prices.services.renewals import renewal_go_on
from arena.services.errors import NotNow, StaleFence
from arena.services.leases import MOST_ATTEMPTS, REPEAT, expired, given_up, is_dead, lease_end, taken

# one task's share; then others have their turn
SLICE_SECONDS = 20.0
# a longer wait is not slept through, but left to the reaper
LONGEST_NAP = 5.0
# where another source could be asked instead
PATIENCE_SECONDS = 120.0
MOST_FAILURES = 5
# in the order in which they are written down
NOTES_SHOWN = 20

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outside:
    """Clock (seconds since 1970), sleep and randomness of a worker."""

    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    rng: np.random.Generator = field(default_factory=np.random.default_rng)


@dataclass(frozen=True)
class Claim:
    """An import, ours as long as the fence stands."""

    pk: int
    fence: int


def import_run(*, import_id: int, outside: Outside | None = None, slice_seconds: float = SLICE_SECONDS) -> None:
    """Everything about one announced import for a while; announced again where there is more. Nothing to do is no error."""
    outside = outside or Outside()
    claim = import_claim(import_id=import_id)
    if claim is None:
        return
    until = outside.clock() + slice_seconds
    try:
        while outside.clock() < until:
            nap = import_step(claim=claim, outside=outside)
            if nap is None:
                return
            if nap > LONGEST_NAP:
                _rest(claim, nap)
                return
            outside.sleep(nap)
        _hand_back(claim)
    except StaleFence as error:
        logger.info("import %d given up: %s", import_id, error)
    except Exception as error:
        logger.exception("import %d failed", import_id)
        _ours(claim).update(lease_until=None, reason=f"{type(error).__name__}: {error}"[:LONGEST_FAULT])


@transaction.atomic
def import_claim(*, import_id: int) -> Claim | None:
    """The import, for a lease, where nobody works on it and it does not rest; None where it is not to be had."""
    rows = _workable().filter(pk=import_id, attempts__lt=MOST_ATTEMPTS)
    if not rows.update(**taken(), not_before=None):
        return None
    return Claim(import_id, MarketImport.objects.values_list("fence", flat=True).get(pk=import_id))


def import_step(*, claim: Claim, outside: Outside) -> float | None:
    """One page, or the end. Seconds to wait before the next step; None where there is none. StaleFence."""
    row = MarketImport.objects.get(pk=claim.pk)
    _commit(claim, lease_until=lease_end())
    name, instrument = row.sources[row.source]
    try:
        if row.next_ms >= row.stop_ms:
            _finish(claim, row, outside)
            return None
        _page(claim, row, provider_get(name=name), Ask(instrument, row.timeframe_ms, row.next_ms, row.stop_ms), outside)
    except (NotNow, Fault) as trouble:
        return _after(claim, row, trouble, outside)
    return 0.0


def _after(claim: Claim, row: MarketImport, trouble: NotNow | Fault, outside: Outside) -> float | None:
    """What is done about it: as `import_step`."""
    if isinstance(trouble, Refused):
        return _next_source(claim, row, str(trouble))
    if isinstance(trouble, TryAgain):
        if row.failures + 1 >= MOST_FAILURES:
            return _next_source(claim, row, f"{trouble} ({MOST_FAILURES} times in a row)")
        _commit(claim, reason=str(trouble)[:LONGEST_FAULT], failures=row.failures + 1, attempts=0)
        return pause(row.failures, outside.rng)
    seconds = trouble.seconds if isinstance(trouble, NotNow | Wait) else 0.0
    closed = isinstance(trouble, NotNow) and trouble.why == OPEN
    if row.source + 1 < len(row.sources) and (closed or seconds > PATIENCE_SECONDS):
        return _next_source(claim, row, f"{trouble}, {seconds:.0f} s more")
    _commit(claim, reason=f"{source_title(row.sources[row.source])}: {trouble}"[:LONGEST_FAULT], attempts=0)
    return seconds


def _page(claim: Claim, row: MarketImport, provider: Provider, ask: Ask, outside: Outside) -> None:
    now = outside.clock()
    start, stop = provider.page(ask, int(now * 1000))
    page = Ask(ask.instrument, ask.timeframe_ms, start, stop)
    kept = pages.page_cached(provider=provider.name, ask=page, now_ms=int(now * 1000))
    candles = None if kept else pages.page_fetch(provider=provider, ask=page, now=now)
    with transaction.atomic():
        if candles is not None:
            pages.page_keep(provider=provider.name, ask=page, candles=candles, now_ms=int(now * 1000))
        count = len(candles) if candles is not None else len(kept.rows) // (8 * pages.WIDTH) if kept else 0
        _commit(claim, next_ms=stop, bars=row.bars + count, failures=0, attempts=0, reason="")


def _finish(claim: Claim, row: MarketImport, outside: Outside) -> None:
    """Put the pages together, check the whole, and store it as a market."""
    name, instrument = row.sources[row.source]
    ask = Ask(instrument, row.timeframe_ms, row.start_ms, row.stop_ms)
    rows, notes, fetched_ms = pages.pages_read(provider=name, ask=ask)
    bars = bars_of(rows, row.timeframe_ms)
    # millions of bars take seconds, to check and to write
    _commit(claim, lease_until=lease_end())
    title = source_title((name, instrument))
    retrieved = when(fetched_ms or outside.clock() * 1000)
    tried = [f"Tried before: {each}." for each in row.tried]
    with transaction.atomic():
        market = market_store(
            bars=[bars],
            name=row.name,
            data_kind=DataKind.HISTORICAL,
            source=f"{title}, {timeframe_name(row.timeframe_ms)}",
            symbols=[instrument],
            notes=[f"Retrieved from {title}, {retrieved}.", *series_notes(bars), *sorted(set(notes)), *tried][:NOTES_SHOWN],
            provenance=f"{provider_get(name=name).terms} Retrieved {retrieved}.",
            owner=row.owner,
        )
        done = {"state": ImportState.DONE, "market": market, "bars": len(bars), "lease_until": None, "finished_at": timezone.now()}
        _commit(claim, **done, reason="")
        if row.renewal_id is not None:
            renewal_go_on(renewal_id=row.renewal_id)
    pages.pages_forget(now_ms=int(outside.clock() * 1000))


def _next_source(claim: Claim, row: MarketImport, text: str) -> float | None:
    """Give the source up: a series comes from one source alone, so that the next begins from the start. None after the last."""
    tried = [*row.tried, f"{source_title(row.sources[row.source])}: {text}"]
    if row.source + 1 < len(row.sources):
        _commit(claim, source=row.source + 1, next_ms=row.start_ms, bars=0, failures=0, attempts=0, tried=tried, reason="")
        return 0.0
    reason = "; ".join(tried)[:LONGEST_FAULT]
    _commit(claim, state=ImportState.FAILED, tried=tried, reason=reason, lease_until=None, finished_at=timezone.now())
    return None


# the row, under the fence


def _ours(claim: Claim) -> QuerySet[MarketImport]:
    return MarketImport.objects.filter(pk=claim.pk, fence=claim.fence, state=ImportState.RUNNING)


def _commit(claim: Claim, **changes: object) -> None:
    if not _ours(claim).update(**changes):
        raise StaleFence(f"fence {claim.fence} has moved, or the import was cancelled")


def _rest(claim: Claim, seconds: float) -> None:
    later = ExpressionWrapper(Now() + timedelta(seconds=seconds), output_field=DateTimeField())
    _commit(claim, not_before=later, lease_until=None, announced_at=None)


@transaction.atomic
def _hand_back(claim: Claim) -> None:
    _commit(claim, lease_until=None, announced_at=Now())
    transaction.on_commit(partial(enqueue.announce, enqueue.IMPORT_MARKET, claim.pk))


# for the reaper


def _workable() -> QuerySet[MarketImport]:
    free, rested = Q(lease_until=None) | expired(), Q(not_before=None) | Q(not_before__lte=Now())
    return MarketImport.objects.filter(free, rested, state=ImportState.RUNNING)


def imports_reap() -> int:
    """Announce imports nobody works on; give up those whose workers died MOST_ATTEMPTS times. The number announced."""
    held = MarketImport.objects.filter(state=ImportState.RUNNING, lease_until__isnull=False)
    for row in held.only("worker", "fence"):
        if is_dead(row.worker):
            held.filter(pk=row.pk, fence=row.fence).update(**given_up())
    lost = _workable().filter(attempts__gte=MOST_ATTEMPTS)
    for row in lost:
        reason = row.reason or "its worker died each time"
        lost.filter(pk=row.pk).update(
            state=ImportState.FAILED, reason=f"gave up after {MOST_ATTEMPTS} attempts: {reason}"[:LONGEST_FAULT], finished_at=Now()
        )
    return _announce()


@transaction.atomic
def _announce() -> int:
    unheard = Q(announced_at=None) | Q(announced_at__lt=Now() - REPEAT)
    found = list(_workable().filter(unheard, attempts__lt=MOST_ATTEMPTS).values_list("pk", flat=True))
    MarketImport.objects.filter(pk__in=found).update(announced_at=Now())
    for pk in found:
        transaction.on_commit(partial(enqueue.announce, enqueue.IMPORT_MARKET, pk))
    return len(found)
