"""What was known of a market at one moment: closed bars, where they came from, and how old they
are.
"""

from dataclasses import dataclass

from arena.prices.market.bars import Bars

FRESH, AGING, STALE = "fresh", "aging", "stale"
# bars' worth of time without a new bar
AGING_AFTER = 2.0
STALE_AFTER = 5.0


@dataclass(frozen=True, eq=False)
class MarketSnapshot:
    """`bars`: only closed ones, from the first bar the agents know (features look back to it);
    `taken_ms`: when it was asked for, UTC.

    `trouble`: why there are no newer ones, where the source did not answer.
    """

    source: str
    symbol: str
    bars: Bars
    taken_ms: int
    trouble: str = ""

    @property
    def closed_ms(self) -> int:
        """When the last bar closed."""
        return int(self.bars.time[-1]) + self.bars.timeframe_ms

    def age_bars(self, now_ms: int) -> float:
        """Time since the last bar closed, in lengths of a bar."""
        return age_bars(self.closed_ms, self.bars.timeframe_ms, now_ms)

    def freshness(self, now_ms: int) -> str:
        """FRESH; AGING: to be shown with a warning; STALE: no agent trades on it."""
        return freshness(self.closed_ms, self.bars.timeframe_ms, now_ms)


def age_bars(closed_ms: int, timeframe_ms: int, now_ms: int) -> float:
    """Time since the last bar closed, in lengths of a bar; 0 where that lies ahead."""
    return max(now_ms - closed_ms, 0) / timeframe_ms


def freshness(closed_ms: int, timeframe_ms: int, now_ms: int) -> str:
    """As `MarketSnapshot.freshness`, of a series by its last close."""
    age = age_bars(closed_ms, timeframe_ms, now_ms)
    if age > STALE_AFTER:
        return STALE
    return AGING if age > AGING_AFTER else FRESH
