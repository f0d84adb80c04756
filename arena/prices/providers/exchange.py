"""Any exchange that ccxt knows: OHLCV candles and last prices. ccxt translates, our own client
fetches; it is an optional extra.
"""

import importlib
import re
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from arena.prices.files.errors import printable, shown
from arena.prices.providers.base import (
    WITHOUT_A_WORD_SECONDS,
    Access,
    Ask,
    Reply,
    SpotPrice,
    need_ok,
    page_of,
    price_of,
    timeframe_name,
)
from arena.prices.providers.faults import Fault, Refused, TryAgain, Wait
from arena.prices.providers.http_client import Response, get_json

NAME = "exchange"
INSTRUMENT = re.compile(r"([a-z][a-z0-9]{1,30}):([A-Z0-9][A-Z0-9._/:-]{1,39})")
PAGE_BARS = 500
# the list of all markets of a large exchange
MOST_BYTES = 48 * 1024 * 1024
# a first question is two, the list of markets being one; together they must fit into a worker's
# lease
SECONDS = 8.0
REMEDY = "install it with: pip install -r requirements-exchange.txt"


class Exchange:
    """`instrument` names exchange and pair, such as binance:BTC/USDT."""

    name = NAME
    terms = "The exchange's own terms of use for its public market data; for your own use."

    def __init__(self, access: Access, clock: Callable[[], float] = time.time):
        self.access, self.clock = access, clock
        self._known: dict[str, Any] = {}

    def page(self, ask: Ask, now_ms: int) -> tuple[int, int]:
        exchange, _ = self._of(ask.instrument)
        self._timeframe(exchange, ask)
        return page_of(ask, PAGE_BARS * ask.timeframe_ms)

    def history(self, ask: Ask) -> Reply:
        exchange, pair = self._of(ask.instrument)
        limit = max(-(-(ask.stop_ms - ask.start_ms) // ask.timeframe_ms), 1)
        timeframe = self._timeframe(exchange, ask)
        rows = self._translated(
            exchange, lambda: exchange.fetch_ohlcv(pair, timeframe, since=ask.start_ms, limit=limit)
        )
        return Reply([_numbers(row) for row in rows], exchange.lineage_clock_ms)

    def quote(self, instrument: str) -> SpotPrice:
        exchange, pair = self._of(instrument)
        ticker = self._translated(exchange, lambda: exchange.fetch_ticker(pair))
        return SpotPrice(
            price_of(ticker.get("last"), exchange.id),
            int(ticker.get("timestamp") or self.clock() * 1000),
        )

    def _of(self, instrument: str) -> tuple[Any, str]:
        found = INSTRUMENT.fullmatch(instrument)
        if not found:
            raise Refused(
                "name exchange and pair, such as binance:BTC/USDT; correct the instrument"
            )
        name, pair = found.groups()
        if name not in self._known:
            self._known[name] = self._connected(library(), name)
        return self._known[name], pair

    def _connected(self, ccxt: ModuleType, name: str) -> Any:
        if name not in ccxt.exchanges:
            raise Refused(f"ccxt knows no exchange {printable(name)}; correct the instrument")
        # the pace is kept for all processes at once, elsewhere
        exchange = getattr(ccxt, name)({"enableRateLimit": False})
        exchange.lineage_clock_ms = None
        if "fetchMarkets" in exchange.options and isinstance(
            exchange.options["fetchMarkets"], dict
        ):
            exchange.options["fetchMarkets"] = {"types": ["spot"]}
        exchange.fetch = self._fetcher(exchange)
        return exchange

    def _fetcher(self, exchange: Any) -> Callable[..., Any]:
        """In the place of ccxt's own: the same checks of address, time and size as for every other
        provider.
        """

        def fetch(url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
            if method != "GET" or body:
                raise Refused(f"{exchange.id}: only public market data is read")
            sent = {str(name): str(value) for name, value in (headers or {}).items()}
            answer = get_json(
                self._placed(url),
                sent,
                private=self.access.private,
                seconds=SECONDS,
                most=MOST_BYTES,
            )
            exchange.lineage_clock_ms = answer.clock_ms() or exchange.lineage_clock_ms
            self._judge(exchange, answer, url)
            return answer.data

        return fetch

    def _judge(self, exchange: Any, answer: Response, url: str) -> None:
        """ccxt knows what each exchange means by its error codes; where it says nothing the status
        decides.
        """
        body = answer.data if isinstance(answer.data, dict | list) else None
        if answer.status == 429:
            need_ok(answer, exchange.id, "", int(self.clock() * 1000))
        exchange.handle_errors(
            answer.status, "", url, "GET", dict(answer.headers), str(body or ""), body, {}, None
        )
        need_ok(answer, exchange.id, "", int(self.clock() * 1000))

    def _placed(self, url: str) -> str:
        """The address, at the server that the settings name where they name one."""
        if not self.access.url:
            return url
        ours, theirs = urlsplit(self.access.url), urlsplit(url)
        return urlunsplit((ours.scheme, ours.netloc, theirs.path, theirs.query, ""))

    def _timeframe(self, exchange: Any, ask: Ask) -> str:
        name = timeframe_name(ask.timeframe_ms)
        if not exchange.has.get("fetchOHLCV") or name not in (exchange.timeframes or {}):
            raise Refused(
                f"{exchange.id} has no {name} candles; it has"
                f" {', '.join(exchange.timeframes or ['none'])}"
            )
        return name

    def _translated(self, exchange: Any, ask: Callable[[], Any]) -> Any:
        """What `ask` answers, ccxt's errors in our own words."""
        ccxt = library()
        try:
            return ask()
        except Fault:
            raise
        except (ccxt.RateLimitExceeded, ccxt.DDoSProtection) as error:
            text = f"{exchange.id} asks us to wait {WITHOUT_A_WORD_SECONDS:.0f} s: {_words(error)}"
            raise Wait(text, WITHOUT_A_WORD_SECONDS) from None
        except ccxt.BadSymbol as error:
            raise Refused(
                f"{exchange.id} knows no such pair: {_words(error)}; correct the instrument"
            ) from None
        except ccxt.OperationFailed as error:
            raise TryAgain(f"{exchange.id} cannot answer now: {_words(error)}") from None
        except ccxt.BaseError as error:
            raise Refused(f"{exchange.id} does not accept the question: {_words(error)}") from None
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            # ccxt reads what exchanges document, and trips over anything else
            raise Refused(
                f"{exchange.id} answers otherwise than ccxt expects ({type(error).__name__})"
            ) from None


def library() -> ModuleType:
    """ccxt, imported only here and only now; Refused with the remedy where it is absent."""
    try:
        return importlib.import_module("ccxt")
    except ImportError:
        raise Refused(
            f"exchanges need the optional package ccxt, which is not installed here; {REMEDY}"
        ) from None


def _numbers(row: Any) -> Any:
    """ccxt leaves out what it cannot read as a number: such a value stays None, for the check to
    refuse.
    """
    return list(row) if isinstance(row, list | tuple) else row


def _words(error: Exception) -> str:
    return shown(str(error))[1:-1]
