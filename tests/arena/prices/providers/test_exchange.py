"""Exchanges: with ccxt the real library speaks Binance's documented format with a server on
loopback; without it, one line and a remedy.
"""

import importlib.util
import sys

import pytest

from arena.prices.providers import exchange as exchanges
from arena.prices.providers.base import Access, Ask
from arena.prices.providers.candles import candles_of
from arena.prices.providers.exchange import Exchange
from arena.prices.providers.faults import Refused, TryAgain, Wait
from tests.arena.prices.providers.loopback import cut_off, data, loopback, redirect, slow, text

HOUR = 3_600_000
START = 1_767_225_600_000
NOW = START + 100 * HOUR
ASK = Ask("binance:BTC/USDT", HOUR, START, START + 4 * HOUR)
with_ccxt = pytest.mark.skipif(
    importlib.util.find_spec("ccxt") is None, reason="no ccxt (requirements-exchange.txt)"
)
MARKET = {
    "symbol": "BTCUSDT",
    "status": "TRADING",
    "baseAsset": "BTC",
    "baseAssetPrecision": 8,
    "quoteAsset": "USDT",
    "quotePrecision": 8,
    "baseCommissionPrecision": 8,
    "quoteCommissionPrecision": 8,
    "orderTypes": ["LIMIT", "MARKET"],
    "isSpotTradingAllowed": True,
    "isMarginTradingAllowed": True,
    "filters": [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": "0.01",
            "maxPrice": "1000000.0",
            "tickSize": "0.01",
        },
        {"filterType": "LOT_SIZE", "minQty": "0.00001", "maxQty": "9000.0", "stepSize": "0.00001"},
    ],
    "permissions": ["SPOT"],
}
INFO = {
    "timezone": "UTC",
    "serverTime": START,
    "rateLimits": [],
    "exchangeFilters": [],
    "symbols": [MARKET],
}


@pytest.fixture
def server():
    with loopback() as running:
        yield running


def exchange(server):
    return Exchange(Access(server.url, private=True), clock=lambda: NOW / 1000)


def kline(place, close="101.5", volume="12.5"):
    opened = START + place * HOUR
    return [
        opened,
        "100.0",
        "102.0",
        "99.5",
        close,
        volume,
        opened + HOUR - 1,
        "1250.0",
        40,
        "6.0",
        "600.0",
        "0",
    ]


def read(reply):
    return candles_of(
        reply.rows, timeframe_ms=HOUR, start_ms=START, stop_ms=ASK.stop_ms, now_ms=NOW
    )


def test_without_ccxt_one_line_names_the_remedy(server, monkeypatch):
    monkeypatch.setitem(sys.modules, "ccxt", None)

    with pytest.raises(
        Refused,
        match=(
            "optional package ccxt, which is not installed here; install it with: pip install -r"
            " requirements-exchange.txt"
        ),
    ):
        exchange(server).page(ASK, NOW)


@pytest.mark.parametrize(
    "name",
    [
        "BTC/USDT",
        "binance",
        "os:system",
        "binance:",
        "Binance:BTC/USDT",
        "__init__:BTC/USDT",
        "binance:btc usdt",
    ],
)
def test_what_is_no_exchange_with_a_pair_is_refused(server, name):
    with pytest.raises(Refused):
        exchange(server).page(Ask(name, HOUR, START, NOW), NOW)

    assert server.asked == []


@with_ccxt
def test_candles_written_as_texts_by_the_exchange_are_read_as_it_documents(server):
    server.say(data(INFO), data([kline(place) for place in range(4)]))

    candles = read(exchange(server).history(ASK))

    assert candles.rows[1].tolist() == [START + HOUR, 100.0, 102.0, 99.5, 101.5, 12.5]
    assert [path for path, _, _ in server.asked] == ["/api/v3/exchangeInfo", "/api/v3/klines"]
    query = server.asked[1][1]
    expected = {
        "symbol": ["BTCUSDT"],
        "interval": ["1h"],
        "startTime": [str(START)],
        "limit": ["4"],
    }
    assert expected.items() <= query.items()


@with_ccxt
def test_the_markets_are_asked_for_once(server):
    server.say(data(INFO), data([kline(place) for place in range(4)]))
    source = exchange(server)

    source.history(ASK)
    source.history(ASK)

    assert [path.rsplit("/", 1)[1] for path, _, _ in server.asked] == [
        "exchangeInfo",
        "klines",
        "klines",
    ]


@with_ccxt
@pytest.mark.parametrize(
    "bad",
    [
        kline(1, close="NaN"),
        kline(1, close=""),
        kline(1, close="1e999"),
        kline(1, close="200"),
        kline(1, volume="-1"),
    ],
)
def test_a_bad_value_goes_no_further(server, bad):
    server.say(data(INFO), data([kline(0), bad, kline(2)]))

    with pytest.raises(Refused):
        read(exchange(server).history(ASK))


@with_ccxt
@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (data({"code": -1003, "msg": "Too many requests"}, status=429, Retry_After="9"), Wait),
        (data({"code": -1003, "msg": "Too many requests"}, status=418), Wait),
        (data({"code": -1121, "msg": "Invalid symbol."}, status=400), Refused),
        (data({"code": -1121, "msg": "Invalid symbol."}), Refused),
        (data({"code": -1001, "msg": "Internal error"}, status=500), TryAgain),
        (
            data({"code": 0, "msg": "Service unavailable from a restricted location"}, status=451),
            Refused,
        ),
        (text("<html>", status=502, kind="text/html"), TryAgain),
        (text("<html>", kind="text/html"), TryAgain),
        (cut_off("[["), TryAgain),
        (slow(5), TryAgain),
        (redirect("http://169.254.169.254/"), Refused),
    ],
)
def test_what_goes_wrong_at_an_exchange_is_wait_again_or_no(server, said, kind, monkeypatch):
    monkeypatch.setattr(exchanges, "SECONDS", 0.5)
    server.say(data(INFO), said)

    with pytest.raises(kind) as caught:
        read(exchange(server).history(ASK))

    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)


@with_ccxt
@pytest.mark.parametrize("said", [{"klines": 5}, [], [["soon", *kline(0)[1:]]]])
def test_what_holds_no_candle_that_has_a_time_is_no_candle(server, said):
    server.say(data(INFO), data(said))

    assert len(read(exchange(server).history(ASK))) == 0


@with_ccxt
def test_an_unknown_pair_exchange_or_timeframe_is_refused_in_words(server):
    server.say(data(INFO))
    source = exchange(server)

    for wanted, words in (
        (Ask("binance:XYZ/USDT", HOUR, START, NOW), "knows no such pair"),
        (Ask("nowhere:BTC/USDT", HOUR, START, NOW), "ccxt knows no exchange nowhere"),
        (Ask("binance:BTC/USDT", 7, START, NOW), "has no 7 ms candles; it has 1s, 1m"),
    ):
        with pytest.raises(Refused, match=words):
            source.history(wanted)


@with_ccxt
def test_a_quote_is_the_last_trade(server):
    ticker = {
        "symbol": "BTCUSDT",
        "lastPrice": "64000.5",
        "closeTime": START,
        "openPrice": "63000",
        "volume": "10",
        "count": 5,
    }
    server.say(data(INFO), data(ticker))

    quote = exchange(server).quote("binance:BTC/USDT")

    assert (quote.price, quote.at_ms) == (64000.5, START)
