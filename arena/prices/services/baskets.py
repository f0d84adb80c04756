"""Puts stored markets together: several symbols in one market, of the bars that all of them
have.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from django.db import transaction

from arena.engine.schedule import rounds_without_reuse, shortest
from arena.errors import BasketRefused
from arena.prices.files.confined import series_of
from arena.prices.files.rows import duration
from arena.prices.market.bars import Bars
from arena.prices.market.together import (
    NothingCommon,
    at_common_times,
    by_trading_day,
    meeting_times,
)
from arena.prices.models import DataKind, MarketData
from arena.prices.services.markets import (
    LONGEST_SYMBOL,
    bars_put_together,
    market_bars,
    market_store,
)
from arena.selectors.fitting import refusal
from arena.services.records.storage import storage_refusal
from arena.settings_schema import MOST_PARTS, Settings, parse

# of all parts, where a web process holds them
MOST_BARS = 6_000_000
# on fewer no settings can play a round
LEAST_BARS = shortest(parse({"round_bars": 32, "evaluation": {"vault": 0.0, "embargo": 0}}))
# the least favourable first
KINDS = (DataKind.SIMULATED, DataKind.HISTORICAL, DataKind.LIVE)


class LeftOut(NamedTuple):
    """Bars of a part that another does not have: before or after the common stretch, and within
    it.
    """

    beyond: int
    within: int


@dataclass(frozen=True, eq=False)
class Basket:
    """Markets put together, not stored yet: of each of `parts` the `bars` at the times that all
    have, and how many were `left_out`.

    by_trading_day: their days were stamped with different times, and met by the day.
    """

    parts: Sequence[MarketData]
    bars: Sequence[Bars]
    left_out: Sequence[LeftOut]
    by_trading_day: bool = False

    @property
    def times(self) -> np.ndarray:
        """int64 [bars]: open times in UTC milliseconds."""
        return self.bars[0].time

    @property
    def symbols(self) -> list[str]:
        """What each part is called; where two have one name, the second is numbered."""
        names = [part.symbols[0][: LONGEST_SYMBOL - 2] for part in self.parts]
        before = [names[:place].count(name) for place, name in enumerate(names)]
        return [
            f"{name} {count + 1}" if count else name
            for name, count in zip(names, before, strict=True)
        ]


def basket_look(*, parts: Sequence[MarketData], most_bars: int | None = MOST_BARS) -> Basket:
    """What `parts` have in common. BasketRefused where they make no market, CheckpointError where
    one cannot be read.

    most_bars: of all parts; None where only the memory is the limit.
    """
    _check(parts, most_bars)
    names, whole = [part.name for part in parts], [market_bars(market=part)[0] for part in parts]
    try:
        bars = at_common_times(whole)
    except NothingCommon as error:
        raise BasketRefused(f"{_and(names)} have nothing in common: {error}") from None
    if len(bars[0]) < LEAST_BARS:
        raise BasketRefused(
            f"{_and(names)} have {len(bars[0]):,} bars in common, and the shortest experiment needs"
            f" {LEAST_BARS:,}"
        )
    left_out = [_left_out(times, bars[0].time) for times in meeting_times(whole)]
    return Basket(parts, bars, left_out, by_trading_day(whole))


@transaction.atomic
def basket_store(*, basket: Basket, name: str = "", owner: Any = None) -> MarketData:
    """The row of a basket, as simulated as the most simulated of its parts. BasketRefused where its
    owner has no room.
    """
    if words := storage_refusal(owner=owner):
        raise BasketRefused(words)
    parts, named = basket.parts, zip(basket.symbols, basket.parts, strict=True)
    row = market_store(
        bars=basket.bars,
        name=name or " + ".join(basket.symbols),
        data_kind=_kind(parts),
        source=f"put together of {'; '.join(part.name for part in parts)}",
        symbols=basket.symbols,
        notes=basket_notes(basket=basket),
        provenance="\n".join(
            f"{symbol}: {part.source}. {part.provenance}".strip() for symbol, part in named
        ),
        events=_events(basket),
        owner=owner,
    )
    if not row.parts.exists():
        # one by one: the order of the links is that of the symbols
        for part in parts:
            row.parts.add(part)
        bars_put_together(digest=row.sha256, parts=[part.sha256 for part in parts])
    return row


def market_together(*, parts: Sequence[MarketData], owner: Any = None) -> MarketData:
    """The only one of `parts`, or the row of all put together, of whatever size. BasketRefused,
    CheckpointError.
    """
    if len(parts) == 1:
        return parts[0]
    return basket_store(basket=basket_look(parts=parts, most_bars=None), owner=owner)


def basket_description(*, basket: Basket) -> dict[str, Any]:
    """What is said of a basket before it is stored; times in UTC milliseconds. rounds: those that
    fit into it as the form stands.
    """
    return {
        **vars(series_of(basket.bars)),
        "symbols": basket.symbols,
        "data_kind": _kind(basket.parts),
        "notes": basket_notes(basket=basket),
        "rounds": rounds_without_reuse(len(basket.times), Settings()),
        "refusal": refusal(bars=len(basket.times), settings=Settings()),
    }


def basket_notes(*, basket: Basket) -> list[str]:
    """A sentence on what is common, and one on what was left out of each part."""
    sentences = [
        f"Put together of the {len(basket.times):,} bars that {_and(basket.symbols)} have in"
        " common."
    ]
    if basket.by_trading_day:
        sentences.append(
            "Their days are stamped with different times: they meet by trading day, at 00:00 UTC of"
            " it; nothing is filled in."
        )
    for symbol, part, (beyond, within) in zip(
        basket.symbols, basket.parts, basket.left_out, strict=True
    ):
        if beyond or within:
            where = [f"{beyond:,} before or after them"] * bool(beyond) + [
                f"{within:,} that another lacks"
            ] * bool(within)
            sentences.append(f"{symbol}: of {part.bars:,} bars left out {' and '.join(where)}.")
    return (
        sentences
        if any(map(any, basket.left_out))
        else [*sentences, "No bar of any of them is left out."]
    )


def _kind(parts: Sequence[MarketData]) -> str:
    return min((part.kind for part in parts), key=KINDS.index)


def _left_out(own: np.ndarray, times: np.ndarray) -> LeftOut:
    beyond = int(np.count_nonzero((own < times[0]) | (own > times[-1])))
    return LeftOut(beyond, len(own) - len(times) - beyond)


def _check(parts: Sequence[MarketData], most_bars: int | None) -> None:
    if not 2 <= len(parts) <= MOST_PARTS:
        raise BasketRefused(f"choose 2 to {MOST_PARTS} markets, not {len(parts)}")
    if len({part.sha256 for part in parts}) < len(parts):
        raise BasketRefused("the same market was chosen twice; choose each once")
    if together := [part.name for part in parts if len(part.symbols) > 1]:
        raise BasketRefused(f"{together[0]} was put together itself; choose its parts instead")
    if len({part.timeframe_ms for part in parts}) > 1:
        lengths = _and([f"{part.name} has {duration(part.timeframe_ms)}" for part in parts])
        raise BasketRefused(f"their bars differ in length: {lengths}; choose markets of one length")
    count = sum(part.bars for part in parts)
    if most_bars is not None and count > most_bars:
        raise BasketRefused(
            f"they hold {count:,} bars, more than {most_bars:,}; choose fewer of them"
        )


def _events(basket: Basket) -> list[dict[str, Any]]:
    """What struck the parts at times that all have, in order of time."""
    times = basket.times
    found = [
        event | {"symbol": symbol}
        for symbol, part in enumerate(basket.parts)
        for event in part.events
    ]
    common = [event for event in found if event["time"] in times]
    return sorted(
        (event | {"bar": int(np.searchsorted(times, event["time"]))} for event in common),
        key=lambda event: event["bar"],
    )


def _and(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}"
