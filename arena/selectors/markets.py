"""Stored market data as its pages show it: where it is from, how old it is, what is missing, and its prices."""

from typing import Any

import numpy as np
from django.db.models import Q, QuerySet
from django.utils import timezone

from arena.feeds.providers.registry import TITLES
from arena.feeds.rows import duration
from arena.market.bars import Bars, gaps
from arena.market.snapshot import AGING, FRESH, age_bars, freshness
from arena.models import DataKind, Experiment, ImportState, MarketData, MarketImport, ProviderState
from arena.selectors.experiments import experiments_visible
from arena.selectors.quarantine import leap_words, question

# candles a chart shows; of a longer series each stands for several bars
MOST_CANDLES = 1000
GAPS_SHOWN = 200
WORDS = {FRESH: "up to date", AGING: "getting old"}


def markets_visible(*, user: Any) -> QuerySet[MarketData]:
    """Markets the user brought, or runs experiments on or on blocks of, newest first; all of them for a superuser."""
    if not user.is_authenticated or not user.is_active:
        return MarketData.objects.none()
    if user.is_superuser:
        return MarketData.objects.all()
    ran = experiments_visible(user=user)
    return MarketData.objects.filter(Q(owners=user) | Q(experiments__in=ran) | Q(copies__experiments__in=ran)).distinct()


def series_offered(*, user: Any) -> QuerySet[MarketData]:
    """Those of them a new experiment may run on: real prices, without the built-in series, which everybody is offered by name."""
    return markets_visible(user=user).filter(data_kind=DataKind.HISTORICAL).exclude(source__startswith="built-in")


def experiments_on(*, market: MarketData, user: Any) -> QuerySet[Experiment]:
    """The user's experiments on a market or on blocks of it."""
    return experiments_visible(user=user).filter(Q(market=market) | Q(market__drawn_from=market))


def imports_visible(*, user: Any) -> QuerySet[MarketImport]:
    """The user's own imports, all of them for a superuser."""
    if not user.is_authenticated or not user.is_active:
        return MarketImport.objects.none()
    rows = MarketImport.objects.select_related("market", "owner")
    return rows if user.is_superuser else rows.filter(owner=user)


def market_card(*, market: MarketData, now_ms: int) -> dict[str, Any]:
    """{market, badge, bars, first, last, timeframe, gaps, question, age, freshness}: words for a row of the list."""
    return {
        "market": market,
        "badge": {"kind": market.data_kind, "label": market.get_data_kind_display()},
        "bars": f"{market.bars:,}",
        "first": day(market.first_time),
        "last": day(market.last_time),
        "timeframe": duration(market.timeframe_ms),
        "gaps": gap_words(market),
        "question": leap_words(leap) if (leap := question(market=market)) else "",
        **age(market=market, now_ms=now_ms),
    }


def age(*, market: MarketData, now_ms: int) -> dict[str, str]:
    """{age, freshness}: how long ago the last bar closed; "" for a simulated market, which has no date that matters."""
    if market.data_kind == DataKind.SIMULATED:
        return {"age": "", "freshness": ""}
    closed = market.last_time + market.timeframe_ms
    days = max(now_ms - closed, 0) / 86_400_000
    ago = f"{days:,.0f} days ago" if days >= 2 else f"{days * 24:.0f} hours ago" if days >= 1 / 12 else f"{days * 1440:.0f} minutes ago"
    bars = round(age_bars(closed, market.timeframe_ms, now_ms))
    state = freshness(closed, market.timeframe_ms, now_ms)
    return {"age": f"ended {ago}, {bars:,} bar{'' if bars == 1 else 's'}", "freshness": WORDS.get(state, "history")}


def gap_words(market: MarketData) -> str:
    """ "none", "3 gaps, 12 bars missing", or "not counted"."""
    if market.gap_count is None:
        return "not counted"
    many = "gap" if market.gap_count == 1 else "gaps"
    return f"{market.gap_count:,} {many}, {market.missing_bars:,} bars missing" if market.gap_count else "none"


def import_card(*, row: MarketImport, titles: list[str]) -> dict[str, Any]:
    """What the page of an import polls: {state, label, percent, bars, reason, tried, source, running, resumable, market}."""
    return {
        "state": row.state,
        "label": row.get_state_display(),
        "percent": round(100 * row.share, 1) if row.state != ImportState.DONE else 100,
        "bars": f"{row.bars:,}",
        "reason": row.reason,
        "tried": row.tried,
        "source": titles[row.source],
        "running": row.state == ImportState.RUNNING,
        "resumable": row.state in (ImportState.CANCELLED, ImportState.FAILED),
        "market": row.market_id,
    }


def provider_states() -> list[dict[str, Any]]:
    """How each provider that was ever asked is doing: {name, state, text}."""
    now = timezone.now().timestamp()
    return [{"name": TITLES.get(row.name, row.name.partition(":")[2]), **_health(row, now)} for row in ProviderState.objects.all()]


def candles(*, bars: Bars) -> dict[str, Any]:
    """The series as at most MOST_CANDLES candles: {each, time, open, high, low, close, volume, gaps: [[from, to], …]}, times in ms."""
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


def gap_list(*, bars: Bars, most: int = 20) -> list[dict[str, Any]]:
    """The longest gaps: {after, before, missing}."""
    holes = sorted(gaps(bars), key=lambda gap: -gap[2])[:most]
    return [{"after": minute(after), "before": minute(before), "missing": missing} for after, before, missing in holes]


def day(ms: int) -> str:
    return str(np.datetime64(int(ms), "ms").astype("datetime64[D]"))


def minute(ms: int) -> str:
    return str(np.datetime64(int(ms), "ms").astype("datetime64[m]")).replace("T", " ")


def _health(row: ProviderState, now: float) -> dict[str, str]:
    since = f"; last answered {minute(int(row.worked_at * 1000))} UTC" if row.worked_at else ""
    if row.opened_at is not None:
        return {"state": "failed", "text": f"left alone after {row.failures} failures in a row, last: {row.fault}{since}"}
    if row.wait_until > now:
        return {"state": "paused", "text": f"told us to wait until {minute(int(row.wait_until * 1000))} UTC: {row.fault}{since}"}
    if row.failures:
        return {"state": "paused", "text": f"failed {row.failures} times in a row, last: {row.fault}{since}"}
    return {"state": "active", "text": f"answers{since}"}
