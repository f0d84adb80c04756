"""Two providers on loopback with a price for every hour, a clock that sleeping moves, and
imports from them.
"""

from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import numpy as np

from arena.prices.models import MarketImport
from arena.prices.services import importing, imports
from arena.prices.services.importing import Outside
from arena.work.claims import Claim
from arena.work.kinds import IMPORT
from arena.work.models import Job
from tests.arena.prices.providers.loopback import Loopback, Say, data
from tests.arena.turns import claim

HOUR = 3_600_000
DAY = 24 * HOUR
START = 1_767_225_600_000  # 2026-01-01
NOW = START + 30 * DAY
PRICES = 100.0 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.005, 24 * 200)))


class FakeClock:
    """Seconds since 1970; moved by sleeping alone."""

    def __init__(self, now_ms: int = NOW):
        self.now, self.naps = now_ms / 1000, []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds

    def outside(self) -> Outside:
        return Outside(self, self.sleep, np.random.default_rng(1))


def providers(gecko: str, cmc: str, calls: float = 1e6) -> dict:
    """The settings of both."""
    access = {"key": "k", "plan": "paid", "calls_per_minute": calls, "private": True}
    return {
        "coingecko": access | {"url": gecko},
        "coinmarketcap": access | {"url": cmc},
        "exchange": access | {"url": ""},
    }


def bar(place: int) -> tuple[float, float, float, float]:
    """open, high, low, close of an hour since START."""
    before, close = PRICES[max(place - 1, 0)], PRICES[place]
    return before, max(before, close) * 1.001, min(before, close) * 0.999, close


def cmc_history(change: Callable[[dict], dict] = lambda answer: answer) -> Say:
    """CoinMarketCap, answering what it is asked; `change` has the last word."""

    def say(to: BaseHTTPRequestHandler) -> None:
        query = parse_qs(urlsplit(to.path).query)
        first, last = (
            int(datetime.fromisoformat(query[name][0]).timestamp() * 1000)
            for name in ("time_start", "time_end")
        )
        places = range(max((first - START) // HOUR + 1, 0), (last - START) // HOUR + 1)
        quotes = [cmc_candle(place, int(query["id"][0])) for place in places]
        answer = {
            "status": {"error_code": 0, "error_message": None},
            "data": {"id": 1, "quotes": quotes},
        }
        data(change(answer))(to)

    return say


def cmc_candle(place: int, instrument: int = 1) -> dict:
    """Instruments differ in when they move."""
    opened = np.datetime64(START + place * HOUR, "ms")
    quote = dict(
        zip(("open", "high", "low", "close"), bar(place + 100 * (instrument - 1)), strict=True)
    ) | {"volume": 10.0 + place}
    return {"time_open": f"{opened}Z", "quote": {"USD": quote}}


def gecko_history() -> Say:
    """CoinGecko's candles over a range, stamped with their close."""

    def say(to: BaseHTTPRequestHandler) -> None:
        query = parse_qs(urlsplit(to.path).query)
        first, last = (int(query[name][0]) * 1000 for name in ("from", "to"))
        places = range(max((first - START) // HOUR - 1, 0), (last - START) // HOUR)
        data([[START + (place + 1) * HOUR, *bar(place)] for place in places])(to)

    return say


def begin(owner, *, sources=(("coinmarketcap", "1"),), days=60, **fields) -> MarketImport:
    defaults = {
        "name": "bitcoin",
        "timeframe_ms": HOUR,
        "start_ms": START,
        "stop_ms": START + days * DAY,
        "now_ms": START + 180 * DAY,
    }
    return imports.import_begin(owner=owner, sources=sources, **defaults | fields)


def work(row: MarketImport, clock: FakeClock, slices: int = 50) -> MarketImport:
    """Work the import off as the reaper would have it done, waiting out its rests."""
    for _ in range(slices):
        Job.objects.filter(subject=row.pk).update(not_before=None)
        importing.import_run(claimed(row), outside=clock.outside(), slice_seconds=1e9)
        row.refresh_from_db()
        if row.state != "running":
            return row
        clock.now += 61.0
    return row


def claimed(row: MarketImport) -> Claim | None:
    return claim(IMPORT, row.pk)


def calls(server: Loopback) -> int:
    return len(server.asked)
