"""The latest price: from the cache while it is fresh, else from the first source that answers; an
old one is kept and dated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from arena.errors import NotNow
from arena.prices.models import LastQuote
from arena.prices.providers.base import Provider, SpotPrice
from arena.prices.providers.candles import CLOCK_SLACK_MS
from arena.prices.providers.faults import Fault, Refused, TryAgain, Wait
from arena.prices.services.imports import source_title
from arena.prices.services.providers import (
    gate_of,
    provider_admit,
    provider_failed,
    provider_get,
    provider_worked,
)

FRESH_MS = 60_000
# two sources further apart than this name two things by one price
MOST_APART = 0.02


@dataclass(frozen=True)
class LatestQuote:
    """A price with where and when it is from; stale: no source answered, it is the last that is
    known. tried: who did not answer, why.
    """

    price: float
    at_ms: int
    title: str
    stale: bool
    tried: tuple[str, ...]
    warning: str = ""


def quote_latest(*, sources: Sequence[tuple[str, str]], now: float) -> LatestQuote | None:
    """The latest price of the first source that answers, none of them waited for; None where none
    ever did. `now`: seconds.
    """
    now_ms, tried = int(now * 1000), []
    for name, instrument in sources:
        kept = LastQuote.objects.filter(
            provider=name, instrument=instrument, fetched_ms__gt=now_ms - FRESH_MS
        ).first()
        try:
            quote = (
                SpotPrice(kept.price, kept.at_ms)
                if kept
                else quote_fetch(provider=provider_get(name=name), instrument=instrument, now=now)
            )
        except (NotNow, Fault) as trouble:
            tried.append(f"{source_title((name, instrument))}: {trouble}")
        else:
            title, others = (
                source_title((name, instrument)),
                [each for each in sources if tuple(each) != (name, instrument)],
            )
            return LatestQuote(
                quote.price,
                quote.at_ms,
                title,
                False,
                tuple(tried),
                _warning(quote, others, now_ms),
            )
    return _last(sources, tuple(tried))


def quote_fetch(*, provider: Provider, instrument: str, now: float) -> SpotPrice:
    """One call of a provider; the price is kept. NotNow where it may not be asked yet; any
    Fault.
    """
    gate = gate_of(name=provider.name, instrument=instrument)
    admission = provider_admit(
        gate=gate, calls_per_minute=provider.access.calls_per_minute, now=now
    )
    if admission.seconds:
        raise NotNow(admission.seconds, admission.why)
    try:
        quote = provider.quote(instrument)
    except (TryAgain, Wait) as fault:
        provider_failed(gate=gate, fault=fault, now=now)
        raise
    except Refused:
        provider_worked(gate=gate, now=now)
        raise
    provider_worked(gate=gate, now=now)
    if quote.at_ms > now * 1000 + CLOCK_SLACK_MS:
        raise Refused("the price is dated in the future; check this machine's clock")
    columns = {"price": quote.price, "at_ms": quote.at_ms, "fetched_ms": int(now * 1000)}
    LastQuote.objects.update_or_create(
        provider=provider.name, instrument=instrument, defaults=columns
    )
    return quote


def _last(sources: Sequence[tuple[str, str]], tried: tuple[str, ...]) -> LatestQuote | None:
    rows = [
        LastQuote.objects.filter(provider=name, instrument=instrument).first()
        for name, instrument in sources
    ]
    found = max((row for row in rows if row), key=lambda row: row.at_ms, default=None)
    return (
        LatestQuote(
            found.price, found.at_ms, source_title((found.provider, found.instrument)), True, tried
        )
        if found
        else None
    )


def _warning(quote: SpotPrice, others: Sequence[tuple[str, str]], now_ms: int) -> str:
    """A sentence where another source's price, as fresh, is far from this one."""
    for name, instrument in others:
        row = LastQuote.objects.filter(
            provider=name, instrument=instrument, fetched_ms__gt=now_ms - FRESH_MS
        ).first()
        if row and abs(row.price / quote.price - 1.0) > MOST_APART:
            apart = abs(row.price / quote.price - 1.0)
            return (
                f"{source_title((name, instrument))} says {row.price:g}, {apart:.1%} apart: check"
                " that both mean the same instrument."
            )
    return ""
