"""Provider -> MarketSnapshot -> TradeDecision: what a living agent would do now, on the bars that
closed since its market was stored.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from agents.models import Agent
from arena.engine.decide import Seat, refuse_stale
from arena.engine.results import ACTIONS
from arena.errors import NotNow
from arena.prices.market.bars import COLUMNS
from arena.prices.market.features import WARMUP
from arena.prices.market.snapshot import MarketSnapshot
from arena.prices.market.together import NothingCommon, at_common_times
from arena.prices.market.view import MarketView
from arena.prices.models import MarketImport
from arena.prices.providers.base import Ask
from arena.prices.providers.candles import bars_of, when
from arena.prices.providers.faults import Fault, Refused
from arena.prices.services import pages
from arena.prices.services.imports import source_title
from arena.prices.services.providers import provider_get
from arena.prices.store import bars_read
from arena.selectors.agents.inspect import agent_record
from arena.settings_schema import parse

# of a market further behind, another import is the way
MOST_PAGES = 3


def snapshot_take(*, row: MarketImport, now: float) -> MarketSnapshot:
    """The stored bars of a finished import with those that its source has closed since. `now`:
    seconds. Refused.

    Only the source that the stored bars came from is asked: prices of two sources are not joined.
    Where it does not answer, the snapshot ends with what is known, and tells the trouble.
    """
    if row.market is None:
        raise Refused(f"{row.name} has not been imported yet")
    name, instrument = row.sources[row.source]
    stored, now_ms, trouble = bars_read(row.market)[0], int(now * 1000), ""
    parts = [np.column_stack([getattr(stored, column).astype(np.float64) for column in COLUMNS])]
    closed = begin = int(stored.time[-1]) + row.timeframe_ms
    for _ in range(MOST_PAGES):
        if begin + row.timeframe_ms > now_ms:
            break
        try:
            provider = provider_get(name=name)
            start, stop = provider.page(Ask(instrument, row.timeframe_ms, begin, now_ms), now_ms)
            found = pages.page_fetch(
                provider=provider, ask=Ask(instrument, row.timeframe_ms, start, stop), now=now
            ).rows
        except (Fault, NotNow) as error:
            trouble = str(error)
            break
        parts.append(found[found[:, 0] >= begin])
        begin = stop
    if begin + row.timeframe_ms <= now_ms and not trouble:
        raise Refused(
            f"{row.name} ends {when(closed)}, too far behind to catch up in passing; bring it up to"
            " date first"
        )
    title = source_title((name, instrument))
    return MarketSnapshot(
        title, row.name, bars_of(np.concatenate(parts), row.timeframe_ms), now_ms, trouble
    )


def agent_now(*, agent: Agent, feeds: Sequence[MarketImport], now: float) -> dict[str, Any]:
    """{decisions: [{symbol, action, q, exposure, target}], bar_time, window, trades, sources,
    taken_ms, freshness, trouble}: what the agent decides at the last closed bar of its market,
    whose series came from `feeds`, one a symbol.

    It comes there through a window of the length of a round, as in a competition, so that what it
    remembers and holds is its own doing. A market whose last bar is too old has no agent seated on
    it until there is a newer one: StaleMarket. NotKept, CheckpointError, Refused.
    """
    settings, now_ms, market = (
        parse(agent.experiment.settings),
        int(now * 1000),
        agent.experiment.market,
    )
    record, weights = agent_record(agent=agent)
    snapshots = _together([snapshot_take(row=row, now=now) for row in feeds], now_ms)
    times = snapshots[0].bars.time
    last = len(times) - 1
    start = max(last + 1 - settings.round_bars, WARMUP)
    if start >= last:
        raise Refused(f"{market.name} has {last + 1} bars, too few to look at before a decision")
    seat = Seat(record, weights, settings, len(snapshots))
    seat.follow(MarketView.of([seen.bars for seen in snapshots]), times, (start, last + 1))
    if not seat.alive:
        raise Refused(
            f"agent {agent.number} would not have lived through the last {last - start} bars"
        )
    decisions = seat.decide(snapshots, now_ms)
    return {
        "decisions": [
            {
                "symbol": symbol,
                "action": ACTIONS[decision.action] if decision.action >= 0 else None,
                "q": decision.q,
                "exposure": exposure,
                "target": decision.exposure,
            }
            for symbol, decision, exposure in zip(
                market.symbols, decisions, seat.exposures, strict=True
            )
        ],
        "bar_time": decisions[0].bar_time,
        "window": last - start,
        "trades": len(seat.trades),
        "sources": [seen.source for seen in snapshots],
        "taken_ms": now_ms,
        "freshness": snapshots[0].freshness(now_ms),
        "trouble": "; ".join(
            f"{seen.source}: {seen.trouble}" for seen in snapshots if seen.trouble
        ),
    }


def _together(snapshots: Sequence[MarketSnapshot], now_ms: int) -> list[MarketSnapshot]:
    """The same with the bars that all have in common: a market decides where its slowest series
    stands. StaleMarket names that one.
    """
    refuse_stale(snapshots, now_ms)
    try:
        common = at_common_times([seen.bars for seen in snapshots])
    except NothingCommon as error:
        raise Refused(
            f"{' and '.join(seen.symbol for seen in snapshots)} have nothing in common: {error}"
        ) from None
    return [replace(seen, bars=bars) for seen, bars in zip(snapshots, common, strict=True)]
