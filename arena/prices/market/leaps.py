"""Moves within one bar that are too large to be taken for a price without a second look."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from arena.prices.market.bars import PRICES, Bars

# of the log of a price over the close before: worth a note; not to be traded on before a person has
# looked at it
FLAGGED, WILD = float(np.log(1.5)), float(np.log(10.0))
MOST = 20


def moves(bars: Bars) -> np.ndarray:
    """float64 [n]: log of the price in each bar that is farthest from the close of the bar before,
    over it; 0 in the first bar.
    """
    found = np.zeros(len(bars))
    before = bars.close[:-1]
    up, down = np.log(bars.high[1:] / before), np.log(bars.low[1:] / before)
    found[1:] = np.where(up >= -down, up, down)
    return found


def leaps(bars: Bars) -> list[dict[str, Any]]:
    """{bar, time, price, before, after} of the largest moves beyond FLAGGED, largest first, at most
    MOST; `price` names the one after.
    """
    size = np.abs(moves(bars))
    flagged = np.flatnonzero(size > FLAGGED)
    return [
        _leap(bars, int(bar)) for bar in flagged[np.argsort(-size[flagged], kind="stable")][:MOST]
    ]


def leaps_of(series: Sequence[Bars]) -> list[dict[str, Any]]:
    """`leaps` of several series at the same times, each with its place in them as `symbol`."""
    found = [
        leap | {"symbol": symbol} for symbol, bars in enumerate(series) for leap in leaps(bars)
    ]
    return sorted(found, key=lambda leap: -abs(np.log(leap["after"] / leap["before"])))[:MOST]


def is_wild(leap: dict[str, Any]) -> bool:
    """Whether it is beyond WILD."""
    return bool(abs(np.log(leap["after"] / leap["before"])) > WILD)


def _leap(bars: Bars, bar: int) -> dict[str, Any]:
    before = float(bars.close[bar - 1])
    ups = bars.high[bar] / before >= before / bars.low[bar]
    after = float((bars.high if ups else bars.low)[bar])
    # called by what it also is, where it is the close or the open
    price = next(
        name for name in ("close", "open", *PRICES) if float(getattr(bars, name)[bar]) == after
    )
    return {
        "bar": bar,
        "time": int(bars.time[bar]),
        "price": price,
        "before": before,
        "after": after,
    }
