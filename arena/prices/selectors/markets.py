"""Stored market data as its pages show it: where it is from, how old it is, what is missing, and
its prices.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet
from django.utils import timezone

from agents.money import MINUS
from arena.models import Experiment
from arena.people.actions import Action
from arena.people.may import allowed
from arena.prices.files.rows import duration
from arena.prices.market.bars import Bars
from arena.prices.market.calendar import gaps, hours_words
from arena.prices.market.snapshot import STALE, age_bars, freshness
from arena.prices.models import (
    BasketRenewal,
    DataKind,
    ImportState,
    MarketData,
    MarketImport,
    ProviderState,
)
from arena.prices.providers.registry import TITLES
from arena.prices.selectors.quarantine import question_words
from arena.selectors.experiments import experiments_visible
from arena.selectors.waiting import work_waits
from arena.work.kinds import IMPORT

# candles a chart shows; of a longer series each stands for several bars
MOST_CANDLES = 1000
GAPS_SHOWN = 200
# old prices of which no source could bring newer ones
PAST = "history"


def markets_visible(*, user: Any) -> QuerySet[MarketData]:
    """Markets the user may read, newest first; what is being deleted is none."""
    return allowed(user, Action.MARKET_READ, MarketData.objects.filter(removed_at=None))


def markets_listed(*, user: Any, archived: bool) -> QuerySet[MarketData]:
    """Those of them that a list shows: the archived ones, or the others."""
    return markets_visible(user=user).filter(archived=archived)


def series_offered(*, user: Any) -> QuerySet[MarketData]:
    """Those of them a new experiment may run on: real prices and what was put together of any.

    Without the built-in series, which all users are offered by name.
    """
    real, together = Q(data_kind=DataKind.HISTORICAL), Q(symbols__1__isnull=False, drawn_from=None)
    return (
        markets_listed(user=user, archived=False)
        .filter(real | together)
        .exclude(source__startswith="built-in")
    )


def parts_offered(*, user: Any) -> QuerySet[MarketData]:
    """Those of them that can be put together with others: of one symbol, without the built-in
    series.
    """
    return (
        markets_listed(user=user, archived=False)
        .filter(symbols__1__isnull=True)
        .exclude(source__startswith="built-in")
    )


def experiments_on(*, market: MarketData, user: Any) -> QuerySet[Experiment]:
    """The user's experiments on a market or on blocks of it."""
    return experiments_visible(user=user).filter(Q(market=market) | Q(market__drawn_from=market))


def imports_visible(*, user: Any) -> QuerySet[MarketImport]:
    """Imports the user may read."""
    return allowed(
        user,
        Action.IMPORT_READ,
        MarketImport.objects.select_related("market", "owner", "renewal__basket"),
    )


def feeds_of(*, market: MarketData, user: Any) -> list[MarketImport]:
    """The user's imports that each series of a market came from, one a symbol; [] where it
    could be asked for more of one of them.
    """
    visible = imports_visible(user=user).filter(state=ImportState.DONE)
    found = [visible.filter(market=part).first() for part in market.parts_in_order or [market]]
    return [row for row in found if row] if all(found) else []


def market_card(*, market: MarketData, now_ms: int) -> dict[str, Any]:
    """{market, badge, bars, first, last, timeframe, gaps, question, age, freshness}: words for a
    row of the list.
    """
    return {
        "market": market,
        "badge": {"kind": market.kind.value, "label": market.kind.label},
        "bars": (
            f"{len(market.symbols)} × {market.bars:,}"
            if len(market.symbols) > 1
            else f"{market.bars:,}"
        ),
        "first": day(market.first_time),
        "last": day(market.last_time),
        "timeframe": duration(market.timeframe_ms),
        "gaps": gap_words(market),
        "question": question_words(market=market),
        "line": market_line(market=market),
        **age(market=market, now_ms=now_ms),
    }


def market_line(*, market: MarketData) -> str:
    """What a market is, in one line: "ACME, bars of 1 day, Mon-Fri, about 252 days a year; volume
    from Vol.".
    """
    symbols = market.symbols if market.symbols != [market.name] else []
    parts = [", ".join(symbols), f"bars of {duration(market.timeframe_ms)}", market.calendar]
    line = ", ".join(part for part in parts if part)
    if "volume" not in market.understood:
        return line
    volume = market.understood["volume"]
    return f"{line}; " + (f"volume from {volume}" if volume else "no volume")


def age(*, market: MarketData, now_ms: int) -> dict[str, str]:
    """{age, freshness}: how long ago the last bar closed; "" for a simulated market, which has no
    date that matters.

    Beyond a few bars what came from a provider is stale, and anything else is PAST.
    """
    if market.kind == DataKind.SIMULATED:
        return {"age": "", "freshness": ""}
    closed = market.last_time + market.timeframe_ms
    days = max(now_ms - closed, 0) / 86_400_000
    ago = (
        f"{days:,.0f} days ago"
        if days >= 2
        else f"{days * 24:.0f} hours ago"
        if days >= 1 / 12
        else f"{days * 1440:.0f} minutes ago"
    )
    bars = round(age_bars(closed, market.timeframe_ms, now_ms))
    state = freshness(closed, market.timeframe_ms, now_ms)
    fed = (
        all(part.imports.exists() for part in market.parts_in_order or [market])
        if state == STALE
        else True
    )
    return {
        "age": f"ended {ago}, {bars:,} bar{'' if bars == 1 else 's'}",
        "freshness": state if fed else PAST,
    }


def gap_words(market: MarketData) -> str:
    """ "none", "3 gaps, 12 bars missing", or "not counted"."""
    if market.gap_count is None:
        return "not counted"
    many = "gap" if market.gap_count == 1 else "gaps"
    return (
        f"{market.gap_count:,} {many}, {market.missing_bars:,} bars missing"
        if market.gap_count
        else "none"
    )


def market_hours(*, bars: Bars) -> str:
    """ "120 of 168 hours a week"; "" where the market never closes, or it cannot be inferred."""
    return hours_words(bars).removeprefix("open ")


def import_card(*, row: MarketImport, titles: list[str]) -> dict[str, Any]:
    """What the page of an import polls: {state, label, percent, bars, reason, tried, source,
    running, resumable, market, basket, words, watched}.

    basket: the market that was put together of it and others, words: how far that is; None and ""
    where it is no part.
    """
    basket, words = _renewed(row.renewal) if row.renewal else (None, "")
    return {
        "state": row.state,
        "label": row.get_state_display(),
        "percent": round(100 * row.share, 1) if row.state != ImportState.DONE else 100,
        "bars": f"{row.bars:,}",
        "reason": row.reason or work_waits(kind=IMPORT, subject=row.pk),
        "tried": row.tried,
        "source": titles[row.source],
        "running": row.state == ImportState.RUNNING,
        "resumable": row.state in (ImportState.CANCELLED, ImportState.FAILED),
        "market": row.market_id,
        "basket": basket,
        "words": words,
        "watched": (
            row.state == ImportState.RUNNING
            or bool(row.renewal and not basket and not row.renewal.reason)
        ),
    }


def _renewed(renewal: BasketRenewal) -> tuple[int | None, str]:
    """(the basket once it is put together, how far it is in words)."""
    if renewal.reason:
        return None, f"{renewal.basket.name} could not be put together anew: {renewal.reason}"
    if renewal.market_id:
        return renewal.market_id, f"{renewal.basket.name} was put together anew."
    parts = list(renewal.imports.order_by("pk"))
    done = sum(each.state == ImportState.DONE for each in parts)
    halted = [
        each.name for each in parts if each.state in (ImportState.CANCELLED, ImportState.FAILED)
    ]
    waits = f"; {', '.join(halted)} waits to be resumed on its own page" if halted else ""
    return (
        None,
        (
            f"A part of {renewal.basket.name}: {done} of {len(parts)} are there, then it is put"
            f" together anew{waits}."
        ),
    )


def provider_states() -> list[dict[str, Any]]:
    """How each provider that was ever asked is doing: {name, state, text}."""
    now = timezone.now().timestamp()
    return [
        {"name": TITLES.get(row.name, row.name.partition(":")[2]), **_health(row, now)}
        for row in ProviderState.objects.all()
    ]


def candles(*, bars: Bars) -> dict[str, Any]:
    """The series as at most MOST_CANDLES candles: {each, time, open, high, low, close, volume,
    gaps: [[from, to], …]}, times in ms.
    """
    each = -(-len(bars) // MOST_CANDLES)
    starts = np.arange(0, len(bars), each)
    holes = sorted(gaps(bars), key=lambda gap: -gap[2])[:GAPS_SHOWN]
    return {
        "each": each,
        "timeframe_ms": bars.timeframe_ms,
        "time": bars.time[starts],
        "open": bars.open[starts],
        "high": np.maximum.reduceat(bars.high, starts),
        "low": np.minimum.reduceat(bars.low, starts),
        "close": bars.close[np.minimum(starts + each, len(bars)) - 1],
        "volume": np.add.reduceat(bars.volume, starts),
        "gaps": [[after + bars.timeframe_ms, before] for after, before, _ in sorted(holes)],
    }


def growth(*, bars: Sequence[Bars], symbols: Sequence[str]) -> dict[str, Any]:
    """Closes over the first one, at most MOST_CANDLES a symbol: {each, timeframe_ms, time, lines:
    [{symbol, growth}]}, times in ms.
    """
    count, each = len(bars[0]), -(-len(bars[0]) // MOST_CANDLES)
    places = np.minimum(np.arange(0, count, each) + each, count) - 1
    lines = [
        {"symbol": symbol, "growth": own.close[places] / own.close[0]}
        for symbol, own in zip(symbols, bars, strict=True)
    ]
    return {
        "each": each,
        "timeframe_ms": bars[0].timeframe_ms,
        "time": bars[0].time[places],
        "lines": lines,
    }


def movements(*, bars: Sequence[Bars], symbols: Sequence[str]) -> list[dict[str, Any]]:
    """What each symbol did, and how it moved with each, in words: [{symbol, change, volatility,
    correlations}] of a bar's log returns.
    """
    returns = np.array([np.diff(np.log(own.close)) for own in bars])
    with np.errstate(invalid="ignore", divide="ignore"):
        moved = np.corrcoef(returns)
    return [
        {
            "symbol": symbol,
            "change": f"{own.close[-1] / own.close[0] - 1.0:+,.1%}".replace("-", MINUS),
            "volatility": f"{steps.std():.2%}",
            "correlations": [
                f"{round(value, 2) + 0.0:.2f}".replace("-", MINUS) if np.isfinite(value) else "none"
                for value in row
            ],
        }
        for symbol, own, steps, row in zip(symbols, bars, returns, moved, strict=True)
    ]


def gap_list(*, bars: Bars, most: int = 20) -> list[dict[str, Any]]:
    """The longest gaps: {after, before, missing}."""
    holes = sorted(gaps(bars), key=lambda gap: -gap[2])[:most]
    return [
        {"after": minute(after), "before": minute(before), "missing": missing}
        for after, before, missing in holes
    ]


def day(ms: int) -> str:
    return str(np.datetime64(int(ms), "ms").astype("datetime64[D]"))


def minute(ms: int) -> str:
    return str(np.datetime64(int(ms), "ms").astype("datetime64[m]")).replace("T", " ")


def _health(row: ProviderState, now: float) -> dict[str, str]:
    since = f"; last answered {minute(int(row.worked_at * 1000))} UTC" if row.worked_at else ""
    if row.opened_at is not None:
        return {
            "state": "failed",
            "text": f"left alone after {row.failures} failures in a row, last: {row.fault}{since}",
        }
    if row.wait_until > now:
        return {
            "state": "paused",
            "text": (
                f"told us to wait until {minute(int(row.wait_until * 1000))} UTC:"
                f" {row.fault}{since}"
            ),
        }
    if row.failures:
        return {
            "state": "paused",
            "text": f"failed {row.failures} times in a row, last: {row.fault}{since}",
        }
    return {"state": "active", "text": f"answers{since}"}
