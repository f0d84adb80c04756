"""Which stored market must not be traded on before a person has looked at it, and what is in question."""

from typing import Any

import numpy as np

from arena.market.leaps import is_wild
from arena.models import Acceptance, DataKind, MarketData


def question(*, market: MarketData) -> dict[str, Any] | None:
    """The wildest leap of prices from outside that nobody has accepted; None where there is none.

    Simulated prices leap by their own design and are in question only through the series their blocks were drawn from.
    """
    if market.drawn_from is not None:
        return question(market=market.drawn_from)
    wild = next((leap for leap in market.leaps if is_wild(leap)), None)
    if wild is None or market.data_kind == DataKind.SIMULATED or Acceptance.objects.filter(market=market).exists():
        return None
    return wild


def leap_words(leap: dict[str, Any]) -> str:
    """ "bar 1,204 (2013-04-01 00:00 UTC) has a low of 0.1 after a close of 100, a factor of 1,000"."""
    at = str(np.datetime64(leap["time"], "ms").astype("datetime64[m]")).replace("T", " ")
    factor = max(leap["after"] / leap["before"], leap["before"] / leap["after"])
    price = f"{'an open' if leap['price'] == 'open' else 'a ' + leap['price']} of {leap['after']:g}"
    return f"bar {leap['bar']:,} ({at} UTC) has {price} after a close of {leap['before']:g}, a factor of {factor:,.4g}"
