"""Which stored market must not be traded on before a person has looked at it, and what is in
question.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from arena.prices.market.leaps import is_wild
from arena.prices.models import Acceptance, DataKind, MarketData


class Question(NamedTuple):
    """The market that is in quarantine, and its wildest leap."""

    market: MarketData
    leap: dict[str, Any]


def question(*, market: MarketData) -> Question | None:
    """The wildest leap of prices from outside that has not been accepted; None where there is none.

    Simulated prices leap by their own design and are in question only through the series their
    blocks were drawn from; prices that were put together, through each of their parts.
    """
    if market.drawn_from is not None:
        return question(market=market.drawn_from)
    if len(market.symbols) > 1:
        return next(filter(None, (question(market=part) for part in market.parts_in_order)), None)
    wild = next((leap for leap in market.leaps if is_wild(leap)), None)
    if (
        wild is None
        or market.kind == DataKind.SIMULATED
        or Acceptance.objects.filter(market=market).exists()
    ):
        return None
    return Question(market, wild)


def question_words(*, market: MarketData) -> str:
    """What is in question, and of which market where that is another; "" where nothing is."""
    asked = question(market=market)
    if asked is None:
        return ""
    return (
        leap_words(asked.leap)
        if asked.market == market
        else f"{asked.market.name}, {leap_words(asked.leap)}"
    )


def leap_words(leap: dict[str, Any], symbols: Sequence[str] = ()) -> str:
    """ "bar 1,204 (2013-04-01 00:00 UTC) has a low of 0.1 after a close of 100, a factor of
    1,000".
    """
    at = str(np.datetime64(leap["time"], "ms").astype("datetime64[m]")).replace("T", " ")
    factor = max(leap["after"] / leap["before"], leap["before"] / leap["after"])
    price = f"{'an open' if leap['price'] == 'open' else 'a ' + leap['price']} of {leap['after']:g}"
    whose = f"{symbols[leap['symbol']]}: " if len(symbols) > 1 else ""
    return (
        f"{whose}bar {leap['bar']:,} ({at} UTC) has {price} after a close of {leap['before']:g}, a"
        f" factor of {factor:,.4g}"
    )
