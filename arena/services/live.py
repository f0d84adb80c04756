"""Provider -> MarketSnapshot -> TradeDecision: what a living agent would do now, on the bars that closed since its market was stored."""

from typing import Any

import numpy as np

from agents.models import Agent
from arena.engine.decide import Seat
from arena.engine.play import MarketView
from arena.engine.results import ACTIONS
from arena.feeds.candles import bars_of, when
from arena.feeds.faults import Refused
from arena.feeds.providers.base import Ask
from arena.market.bars import COLUMNS
from arena.market.features import WARMUP
from arena.market.snapshot import MarketSnapshot
from arena.models import MarketImport
from arena.services import pages
from arena.services.imports import source_title
from arena.services.inspect import agent_record
from arena.services.providers import provider_get
from arena.settings_schema import parse
from arena.store.markets import bars_read

# of a market further behind, another import is the way
MOST_PAGES = 3


def snapshot_take(*, row: MarketImport, now: float) -> MarketSnapshot:
    """The stored bars of a finished import with those that its source has closed since. `now`: seconds. Refused, NotNow, any Fault.

    Only the source that the stored bars came from is asked: prices of two sources are not joined.
    """
    if row.market is None:
        raise Refused(f"{row.name} has not been imported yet")
    name, instrument = row.sources[row.source]
    stored, now_ms = bars_read(row.market), int(now * 1000)
    parts = [np.column_stack([getattr(stored, column).astype(np.float64) for column in COLUMNS])]
    closed = begin = int(stored.time[-1]) + row.timeframe_ms
    for _ in range(MOST_PAGES):
        if begin + row.timeframe_ms > now_ms:
            break
        provider = provider_get(name=name)
        start, stop = provider.page(Ask(instrument, row.timeframe_ms, begin, now_ms), now_ms)
        found = pages.page_fetch(provider=provider, ask=Ask(instrument, row.timeframe_ms, start, stop), now=now).rows
        parts.append(found[found[:, 0] >= begin])
        begin = stop
    if begin + row.timeframe_ms <= now_ms:
        raise Refused(f"{row.name} ends {when(closed)}, too far behind to catch up in passing; bring it up to date first")
    title = source_title((name, instrument))
    return MarketSnapshot(title, row.name, bars_of(np.concatenate(parts), row.timeframe_ms), now_ms)


def agent_now(*, agent: Agent, row: MarketImport, now: float) -> dict[str, Any]:
    """{action, q, bar_time, exposure, target, window, trades, source, taken_ms, freshness}: what the agent decides at the last closed bar.

    It comes there through a window of the length of a round, as in a competition, so that what it remembers and holds is its own doing.
    StaleMarket, NotKept, CheckpointError, and as `snapshot_take`.
    """
    settings = parse(agent.experiment.settings)
    record, weights = agent_record(agent=agent)
    snapshot = snapshot_take(row=row, now=now)
    last = len(snapshot.bars) - 1
    start = max(last + 1 - settings.round_bars, WARMUP)
    if start >= last:
        raise Refused(f"{row.name} has {last + 1} bars, too few to look at before a decision")
    seat = Seat(record, weights, settings)
    seat.follow(MarketView.of(snapshot.bars), snapshot.bars.time, (start, last + 1))
    if not seat.alive:
        raise Refused(f"agent {agent.number} would not have lived through the last {last - start} bars")
    decision = seat.decide(snapshot, int(now * 1000))
    return {
        "action": ACTIONS[decision.action] if decision.action >= 0 else None,
        "q": decision.q,
        "bar_time": decision.bar_time,
        "exposure": seat.exposure,
        "target": decision.exposure,
        "window": last - start,
        "trades": len(seat.trades),
        "source": snapshot.source,
        "taken_ms": snapshot.taken_ms,
        "freshness": snapshot.freshness(int(now * 1000)),
    }
