"""CoinMarketCap: historical OHLCV and latest quotes.

Formats: coinmarketcap.com/api/documentation, /v2/cryptocurrency/ohlcv/historical and
/v2/cryptocurrency/quotes/latest, as of 2026.
"""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from arena.prices.files.errors import shown
from arena.prices.market.bars import DAY_MS
from arena.prices.providers.base import (
    HOUR_MS,
    Access,
    Ask,
    Reply,
    SpotPrice,
    need,
    need_ok,
    page_of,
    price_of,
    retry_after,
    timeframe_name,
)
from arena.prices.providers.faults import Refused, TryAgain, Wait
from arena.prices.providers.http_client import Response, get_json
from arena.prices.providers.pace import LONGEST_WAIT

NAME = "coinmarketcap"
WHO = "CoinMarketCap"
COIN = re.compile(r"[1-9][0-9]{0,8}")
CURRENCY = "USD"
PERIODS = {HOUR_MS: "hourly", DAY_MS: "daily"}
PAGE_BARS = 500
# 1008 minute and 1011 address: soon; 1009 day: later; the rest (a key, a plan, the month's
# allowance) not by waiting
WAITS = {1008: None, 1009: LONGEST_WAIT, 1011: None}


class CoinMarketCap:
    """`instrument` is a coin's number, such as 1 for bitcoin: tickers are not unique; prices in US
    dollars.
    """

    name = NAME
    terms = (
        "CoinMarketCap, terms: coinmarketcap.com/api/agreement; for your own use within your plan."
    )

    def __init__(self, access: Access, clock: Callable[[], float] = time.time):
        self.access, self.clock = access, clock

    def page(self, ask: Ask, now_ms: int) -> tuple[int, int]:
        _coin_of(ask.instrument)
        if not self.access.key:
            raise Refused(
                f"{WHO} needs an API key: store it in the admin, or set COINMARKETCAP_API_KEY"
            )
        if ask.timeframe_ms not in PERIODS:
            names = ", ".join(timeframe_name(ms) for ms in PERIODS)
            raise Refused(
                f"{WHO} has no {timeframe_name(ask.timeframe_ms)} candles; it has {names}"
            )
        return page_of(ask, PAGE_BARS * ask.timeframe_ms)

    def history(self, ask: Ask) -> Reply:
        period, coin = PERIODS[ask.timeframe_ms], _coin_of(ask.instrument)
        # its start is exclusive and its end inclusive
        ends = {
            "time_start": _iso(ask.start_ms - ask.timeframe_ms),
            "time_end": _iso(ask.stop_ms - ask.timeframe_ms),
        }
        query = {
            "id": coin,
            "convert": CURRENCY,
            "time_period": period,
            "interval": period,
            "count": PAGE_BARS,
            **ends,
        }
        answer = self._get("/v2/cryptocurrency/ohlcv/historical", **query)
        data = need(answer.data.get("data"), dict, WHO, "the data")
        quotes = need(data.get("quotes"), list, WHO, "the list of candles")
        return Reply([_candle(each) for each in quotes], answer.clock_ms())

    def quote(self, instrument: str) -> SpotPrice:
        coin = _coin_of(instrument)
        answer = self._get("/v2/cryptocurrency/quotes/latest", id=coin, convert=CURRENCY)
        found = need(answer.data.get("data"), dict, WHO, "the data").get(coin)
        entry = need(
            need(need(found, dict, WHO, "the coin").get("quote"), dict, WHO, "the quote").get(
                CURRENCY
            ),
            dict,
            WHO,
            "the price",
        )
        return SpotPrice(price_of(entry.get("price"), WHO), ms_of(entry.get("last_updated")))

    def _get(self, path: str, **query: Any) -> Response:
        now_ms = int(self.clock() * 1000)
        answer = get_json(
            f"{self.access.url}{path}?{urlencode(query)}",
            {"X-CMC_PRO_API_KEY": self.access.key},
            private=self.access.private,
            secret=self.access.key,
        )
        code, words = _trouble(answer.data)
        if code in WAITS:
            seconds = WAITS[code] or retry_after(answer.headers, now_ms)
            raise Wait(f"{WHO} asks us to wait {seconds:.0f} s (error {code}): {words}", seconds)
        if code >= 1000:
            raise Refused(
                f"{WHO} does not let us in (error {code}): {words}; check the API key and what the"
                " plan includes"
            )
        need_ok(answer, WHO, words, now_ms)
        # an error can ride on HTTP 200: its code is read before the data
        if code >= 500:
            raise TryAgain(f"{WHO} has an error of its own (error {code}): {words}")
        if code:
            raise Refused(f"{WHO} does not accept the question (error {code}): {words}")
        need(answer.data, dict, WHO, "the answer")
        need(answer.data.get("status"), dict, WHO, "the status")
        return answer


def _coin_of(instrument: str) -> str:
    """The number, as text; Refused where it is none."""
    if not COIN.fullmatch(instrument):
        raise Refused(
            f"{WHO} names coins by number, such as 1 for bitcoin (tickers are not unique); correct"
            " the instrument"
        )
    return instrument


def _trouble(data: Any) -> tuple[int, str]:
    """(error_code, error_message) of the status that comes with every answer; (0, "") where there
    is none.
    """
    status = data.get("status") if isinstance(data, dict) else None
    code = status.get("error_code") if isinstance(status, dict) else 0
    if isinstance(code, str) and code.isascii() and code.isdigit():
        code = int(code[:9])
    if not isinstance(code, int) or not code or not isinstance(status, dict):
        return 0, ""
    return code, shown(str(status.get("error_message") or "no reason given"))[1:-1]


def _iso(ms: int) -> str:
    """ISO 8601, UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ms_of(text: Any) -> int:
    """Milliseconds of an ISO 8601 time with a zone; Refused for anything else."""
    try:
        moment = datetime.fromisoformat(need(text, str, WHO, "a time"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Refused(f"{WHO}: {shown(str(text))} is no time in UTC")
    return round(moment.timestamp() * 1000)


def _candle(answer: Any) -> list[Any]:
    """(open time, open, high, low, close, volume); the values as they came, for the check to
    refuse.
    """
    candle = need(answer, dict, WHO, "a candle")
    values = need(
        need(candle.get("quote"), dict, WHO, "a candle").get(CURRENCY),
        dict,
        WHO,
        "a candle's prices",
    )
    return [
        ms_of(candle.get("time_open")),
        *(values.get(name) for name in ("open", "high", "low", "close", "volume")),
    ]
