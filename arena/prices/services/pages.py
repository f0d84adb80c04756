"""Pages of candles: from the cache, or from the provider under its rules, checked before anything
is kept.
"""

import numpy as np
from django.db.models import QuerySet

from arena.errors import NotNow
from arena.prices.models import CandlePage
from arena.prices.providers.base import Ask, Provider
from arena.prices.providers.candles import Candles, candles_of
from arena.prices.providers.faults import Refused, TryAgain, Wait
from arena.prices.services.providers import (
    gate_of,
    provider_admit,
    provider_failed,
    provider_worked,
)

# providers correct their history now and then
KEPT_MS = 30 * 86_400_000
WIDTH = 6


def page_cached(*, provider: str, ask: Ask, now_ms: int) -> CandlePage | None:
    """The page of exactly this ask, if it is kept, was over when it was fetched, and is not too
    old.
    """
    row = _pages(provider, ask).filter(start_ms=ask.start_ms, stop_ms=ask.stop_ms).first()
    return (
        row if row and row.stop_ms <= row.fetched_ms and row.fetched_ms > now_ms - KEPT_MS else None
    )


def page_fetch(*, provider: Provider, ask: Ask, now: float) -> Candles:
    """One call of a provider, checked; nothing is stored but how the provider did. NotNow where it
    may not be asked yet; any Fault.
    """
    gate = gate_of(name=provider.name, instrument=ask.instrument)
    admission = provider_admit(
        gate=gate, calls_per_minute=provider.access.calls_per_minute, now=now
    )
    if admission.seconds:
        raise NotNow(admission.seconds, admission.why)
    now_ms = int(now * 1000)
    try:
        reply = provider.history(
            Ask(ask.instrument, ask.timeframe_ms, ask.start_ms, min(ask.stop_ms, now_ms))
        )
    except (TryAgain, Wait) as fault:
        provider_failed(gate=gate, fault=fault, now=now)
        raise
    except Refused:
        # it answers, if not what was hoped for
        provider_worked(gate=gate, now=now)
        raise
    provider_worked(gate=gate, now=now)
    ends = {"start_ms": ask.start_ms, "stop_ms": ask.stop_ms}
    return candles_of(
        reply.rows, timeframe_ms=ask.timeframe_ms, now_ms=now_ms, server_ms=reply.server_ms, **ends
    )


def page_keep(*, provider: str, ask: Ask, candles: Candles, now_ms: int) -> None:
    """Keep a page, in the place of an older one."""
    columns = {
        "rows": candles.rows.astype("<f8").tobytes(),
        "notes": candles.notes,
        "fetched_ms": now_ms,
    }
    CandlePage.objects.update_or_create(
        provider=provider,
        instrument=ask.instrument,
        timeframe_ms=ask.timeframe_ms,
        start_ms=ask.start_ms,
        stop_ms=ask.stop_ms,
        defaults=columns,
    )


def pages_read(*, provider: str, ask: Ask) -> tuple[np.ndarray, list[str], int | None]:
    """(rows float64 [n, 6] that open within `ask`, notes, when the oldest page was fetched, ms) of
    all pages kept, in order of time.
    """
    parts, notes, fetched, reached = [np.empty((0, WIDTH))], [], [], ask.start_ms
    for page in (
        _pages(provider, ask)
        .filter(start_ms__lt=ask.stop_ms, stop_ms__gt=ask.start_ms)
        .order_by("start_ms", "-fetched_ms")
    ):
        rows = np.frombuffer(bytes(page.rows), "<f8").reshape(-1, WIDTH)
        # pages of another length may overlap: of each stretch the first counts
        parts.append(rows[(rows[:, 0] >= reached) & (rows[:, 0] < ask.stop_ms)])
        reached = max(reached, page.stop_ms)
        notes += page.notes
        fetched.append(page.fetched_ms)
    return np.concatenate(parts), notes, min(fetched, default=None)


def pages_forget(*, now_ms: int) -> int:
    """Remove pages too old to be used; their number."""
    return CandlePage.objects.filter(fetched_ms__lt=now_ms - 2 * KEPT_MS).delete()[0]


def _pages(provider: str, ask: Ask) -> QuerySet[CandlePage]:
    return CandlePage.objects.filter(
        provider=provider, instrument=ask.instrument, timeframe_ms=ask.timeframe_ms
    )
