"""CoinGecko: OHLC candles (without volume, stamped with their close) and simple prices.

Formats: docs.coingecko.com/reference/coins-id-ohlc, coins-id-ohlc-range, simple-price, and "Errors
& Rate Limits", as of 2026.
"""

import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

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
    timeframe_name,
)
from arena.prices.providers.faults import Refused
from arena.prices.providers.http_client import Response, get_json

NAME = "coingecko"
WHO = "CoinGecko"
COIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
CURRENCY = "usd"
PAID = "paid"
# without a paid plan the length of a candle follows from how far back one asks: {length: days}
FREE_DAYS = {HOUR_MS // 2: 1, 4 * HOUR_MS: 30, 4 * DAY_MS: 365}
# a paid plan gives these lengths over any range, so much of it at once
PAID_INTERVALS = {HOUR_MS: ("hourly", 31 * DAY_MS), DAY_MS: ("daily", 180 * DAY_MS)}


class CoinGecko:
    """`instrument` is a coin's API id, such as bitcoin; prices in US dollars."""

    name = NAME
    terms = (
        "CoinGecko, terms of service: coingecko.com/en/api_terms; to be shown as: Data provided by"
        " CoinGecko. No volume in its candles."
    )

    def __init__(self, access: Access, clock: Callable[[], float] = time.time):
        self.access, self.clock = access, clock

    def page(self, ask: Ask, now_ms: int) -> tuple[int, int]:
        _coin_of(ask.instrument)
        if self.access.plan == PAID and ask.timeframe_ms in PAID_INTERVALS:
            return page_of(ask, PAID_INTERVALS[ask.timeframe_ms][1])
        if self.access.plan == PAID or ask.timeframe_ms not in FREE_DAYS:
            has = PAID_INTERVALS if self.access.plan == PAID else FREE_DAYS
            names = ", ".join(timeframe_name(ms) for ms in has)
            raise Refused(
                f"{WHO} has no {timeframe_name(ask.timeframe_ms)} candles on this plan; it has"
                f" {names}"
            )
        days = FREE_DAYS[ask.timeframe_ms]
        if ask.start_ms < now_ms - (days + 1) * DAY_MS:
            name = timeframe_name(ask.timeframe_ms)
            raise Refused(
                f"{WHO} goes back {days} day{'s' if days > 1 else ''} for {name} candles on this"
                " plan; choose a later start"
            )
        # whatever is asked for, the answer covers it all
        return ask.start_ms, ask.stop_ms

    def history(self, ask: Ask) -> Reply:
        if self.access.plan == PAID:
            interval, _ = PAID_INTERVALS[ask.timeframe_ms]
            # stamped with their close: one that opens at the start closes one length later
            ends = {
                "from": (ask.start_ms + ask.timeframe_ms) // 1000,
                "to": (ask.stop_ms + ask.timeframe_ms) // 1000,
            }
            answer = self._get(
                f"/coins/{_coin_of(ask.instrument)}/ohlc/range",
                interval=interval,
                vs_currency=CURRENCY,
                **ends,
            )
        else:
            days = FREE_DAYS[ask.timeframe_ms]
            answer = self._get(
                f"/coins/{_coin_of(ask.instrument)}/ohlc", vs_currency=CURRENCY, days=days
            )
        rows = need(answer.data, list, WHO, "the list of candles")
        return Reply([_opened(row, ask.timeframe_ms) for row in rows], answer.clock_ms())

    def quote(self, instrument: str) -> SpotPrice:
        coin = _coin_of(instrument)
        answer = self._get(
            "/simple/price", ids=coin, vs_currencies=CURRENCY, include_last_updated_at="true"
        )
        entry = need(answer.data, dict, WHO, "the answer").get(coin)
        if entry is None:
            raise Refused(f"{WHO} knows no coin {coin}; use the API id of the coin's page")
        entry = need(entry, dict, WHO, "the price")
        at = need(entry.get("last_updated_at"), int, WHO, "the time of the price")
        return SpotPrice(price_of(entry.get(CURRENCY), WHO), at * 1000)

    def _get(self, path: str, **query: Any) -> Response:
        header = "x-cg-pro-api-key" if self.access.plan == PAID else "x-cg-demo-api-key"
        keys = {header: self.access.key} if self.access.key else {}
        answer = get_json(
            f"{self.access.url}{path}?{urlencode(query)}",
            keys,
            private=self.access.private,
            secret=self.access.key,
        )
        code, words = _trouble(answer.data)
        need_ok(answer, WHO, words, int(self.clock() * 1000))
        # an error can ride on HTTP 200
        if code or words:
            raise Refused(f"{WHO} answers with an error ({code or 'no code'}): {words}")
        return answer


def _coin_of(instrument: str) -> str:
    """The id, safe in an address; Refused where it is none."""
    if not COIN.fullmatch(instrument):
        raise Refused(
            f"{WHO} names coins like bitcoin: small letters, digits, hyphens; correct the"
            " instrument"
        )
    return quote(instrument, safe="")


def _trouble(data: Any) -> tuple[int, str]:
    """(code, words) of an error body in any of its three shapes; (0, "") where there is none."""
    error = data.get("error", data) if isinstance(data, dict) else None
    if isinstance(error, str):
        return 0, error
    status = error.get("status") if isinstance(error, dict) else None
    if not isinstance(status, dict) or not status.get("error_code"):
        return 0, ""
    code = status["error_code"]
    return code if isinstance(code, int) else 0, str(
        status.get("error_message") or "no reason given"
    )


def _opened(row: Any, timeframe_ms: int) -> Any:
    """[close time, open, high, low, close] as (open time, open, high, low, close, 0); anything else
    unchanged, for the check to refuse.
    """
    if not isinstance(row, list) or len(row) != 5 or type(row[0]) is not int:
        return row
    return [row[0] - timeframe_ms, *row[1:], 0.0]
