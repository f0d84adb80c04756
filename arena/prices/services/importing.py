"""Works an import off, page by page: ask outside any transaction, commit each page with the place
it leads to.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from django.db import transaction
from django.utils import timezone

from arena.errors import NotNow
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
from arena.work.claims import Claim, claim_beat, claim_done, claim_progress, claim_yield
from arena.work.models import Job

# one task's share; then others have their turn
SLICE_SECONDS = 20.0
# a longer wait is not slept through, but left to the reaper
LONGEST_NAP = 5.0
# where another source could be asked instead
PATIENCE_SECONDS = 120.0
MOST_FAILURES = 5
# in the order in which they are written down
NOTES_SHOWN = 20


@dataclass(frozen=True)
class Outside:
    """Clock (seconds since 1970), sleep and randomness of a worker."""

    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    rng: np.random.Generator = field(default_factory=np.random.default_rng)


def import_run(
    claim: Claim, *, outside: Outside | None = None, slice_seconds: float = SLICE_SECONDS
) -> None:
    """Work a claimed import off for a while, and give it back where there is more. StaleFence."""
    outside = outside or Outside()
    until = outside.clock() + slice_seconds
    while outside.clock() < until:
        nap = import_step(claim=claim, outside=outside)
        if nap is None:
            return
        if nap > LONGEST_NAP:
            claim_yield(claim, rest=nap)
            return
        outside.sleep(nap)
    claim_yield(claim)


def import_given_up(job: Job) -> None:
    """It has failed for that reason, until it is resumed."""
    reason = f"gave up after {job.attempts} attempts: {job.reason or 'its worker died each time'}"
    rows = MarketImport.objects.filter(pk=job.subject, state=ImportState.RUNNING)
    rows.update(state=ImportState.FAILED, reason=reason[:LONGEST_FAULT], finished_at=timezone.now())


def import_step(*, claim: Claim, outside: Outside) -> float | None:
    """One page, or the end. Seconds to wait before the next step; None where there is none.
    StaleFence.
    """
    claim_beat(claim)
    row = MarketImport.objects.get(pk=claim.subject)
    name, instrument = row.sources[row.source]
    try:
        if row.next_ms >= row.stop_ms:
            _finish(claim, row, outside)
            return None
        _page(
            claim,
            row,
            provider_get(name=name),
            Ask(instrument, row.timeframe_ms, row.next_ms, row.stop_ms),
            outside,
        )
    except (NotNow, Fault) as trouble:
        return _after(claim, row, trouble, outside)
    return 0.0


def _after(
    claim: Claim, row: MarketImport, trouble: NotNow | Fault, outside: Outside
) -> float | None:
    """What is done about it: as `import_step`."""
    if isinstance(trouble, Refused):
        return _next_source(claim, row, str(trouble))
    if isinstance(trouble, TryAgain):
        if row.failures + 1 >= MOST_FAILURES:
            return _next_source(claim, row, f"{trouble} ({MOST_FAILURES} times in a row)")
        _commit(claim, reason=str(trouble)[:LONGEST_FAULT], failures=row.failures + 1)
        return pause(row.failures, outside.rng)
    seconds = trouble.seconds if isinstance(trouble, NotNow | Wait) else 0.0
    closed = isinstance(trouble, NotNow) and trouble.why == OPEN
    if row.source + 1 < len(row.sources) and (closed or seconds > PATIENCE_SECONDS):
        return _next_source(claim, row, f"{trouble}, {seconds:.0f} s more")
    _commit(claim, reason=f"{source_title(row.sources[row.source])}: {trouble}"[:LONGEST_FAULT])
    return seconds


def _page(claim: Claim, row: MarketImport, provider: Provider, ask: Ask, outside: Outside) -> None:
    now = outside.clock()
    start, stop = provider.page(ask, int(now * 1000))
    page = Ask(ask.instrument, ask.timeframe_ms, start, stop)
    kept = pages.page_cached(provider=provider.name, ask=page, now_ms=int(now * 1000))
    candles = None if kept else pages.page_fetch(provider=provider, ask=page, now=now)
    with transaction.atomic():
        if candles is not None:
            pages.page_keep(
                provider=provider.name, ask=page, candles=candles, now_ms=int(now * 1000)
            )
        count = (
            len(candles)
            if candles is not None
            else len(kept.rows) // (8 * pages.WIDTH)
            if kept
            else 0
        )
        _commit(claim, next_ms=stop, bars=row.bars + count, failures=0, reason="")


def _finish(claim: Claim, row: MarketImport, outside: Outside) -> None:
    """Put the pages together, check the whole, and store it as a market."""
    name, instrument = row.sources[row.source]
    ask = Ask(instrument, row.timeframe_ms, row.start_ms, row.stop_ms)
    rows, notes, fetched_ms = pages.pages_read(provider=name, ask=ask)
    bars = bars_of(rows, row.timeframe_ms)
    # millions of bars take seconds, to check and to write
    claim_beat(claim)
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
            notes=[
                f"Retrieved from {title}, {retrieved}.",
                *series_notes(bars),
                *sorted(set(notes)),
                *tried,
            ][:NOTES_SHOWN],
            provenance=f"{provider_get(name=name).terms} Retrieved {retrieved}.",
            owner=row.owner,
        )
        _end(claim, state=ImportState.DONE, market=market, bars=len(bars), reason="")
        if row.renewal_id is not None:
            renewal_go_on(renewal_id=row.renewal_id)
    pages.pages_forget(now_ms=int(outside.clock() * 1000))


def _next_source(claim: Claim, row: MarketImport, text: str) -> float | None:
    """Give the source up: a series comes from a single source, so that the next begins from the
    start. None after the last.
    """
    tried = [*row.tried, f"{source_title(row.sources[row.source])}: {text}"]
    if row.source + 1 < len(row.sources):
        _commit(
            claim,
            source=row.source + 1,
            next_ms=row.start_ms,
            bars=0,
            failures=0,
            tried=tried,
            reason="",
        )
        return 0.0
    reason = "; ".join(tried)[:LONGEST_FAULT]
    _end(claim, state=ImportState.FAILED, tried=tried, reason=reason)
    return None


# the row, under the fence


@transaction.atomic
def _commit(claim: Claim, **changes: object) -> None:
    claim_progress(claim)
    MarketImport.objects.filter(pk=claim.subject).update(**changes)


@transaction.atomic
def _end(claim: Claim, **changes: object) -> None:
    claim_done(claim)
    MarketImport.objects.filter(pk=claim.subject).update(finished_at=timezone.now(), **changes)
