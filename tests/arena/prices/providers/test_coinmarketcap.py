"""CoinMarketCap's documented formats, over real HTTP."""

import pytest

from arena.prices.providers.base import Access, Ask
from arena.prices.providers.candles import candles_of
from arena.prices.providers.coinmarketcap import CoinMarketCap
from arena.prices.providers.faults import Refused, TryAgain, Wait
from tests.arena.prices.providers.loopback import data, loopback

HOUR = 3_600_000
START = 1_767_225_600_000
NOW = START + 100 * HOUR


@pytest.fixture
def server():
    with loopback() as running:
        yield running


def cmc(server, key="cmc-key"):
    return CoinMarketCap(Access(server.url, key=key, private=True), clock=lambda: NOW / 1000)


ASK = Ask("1", HOUR, START, START + 3 * HOUR)


def status(code=0, words=None):
    return {
        "timestamp": "2026-01-01T00:00:00.000Z",
        "error_code": code,
        "error_message": words,
        "elapsed": 10,
        "credit_count": 1,
    }


def candle(place, **prices):
    values = {
        "open": 3849.2,
        "high": 3947.9,
        "low": 3817.4,
        "close": 3943.4,
        "volume": 5244856835.8,
        "market_cap": 6e10,
    } | prices
    return {
        "time_open": f"2026-01-01T{place:02}:00:00.000Z",
        "time_close": f"2026-01-01T{place:02}:59:59.999Z",
        "quote": {"USD": values | {"timestamp": f"2026-01-01T{place:02}:59:59.999Z"}},
    }


def history(*quotes, code=0, words=None):
    return {
        "status": status(code, words),
        "data": {"id": 1, "name": "Bitcoin", "symbol": "BTC", "quotes": list(quotes)},
    }


def test_candles_come_by_their_open_and_the_exclusive_start_is_asked_one_earlier(server):
    server.say(data(history(*(candle(place) for place in range(3)))))

    reply = cmc(server).history(ASK)

    candles = candles_of(reply.rows, timeframe_ms=HOUR, start_ms=START, stop_ms=NOW, now_ms=NOW)
    assert candles.rows[0].tolist() == [START, 3849.2, 3947.9, 3817.4, 3943.4, 5244856835.8]
    assert len(candles) == 3
    path, query, headers = server.asked[0]
    assert path == "/v2/cryptocurrency/ohlcv/historical"
    assert query["time_start"] == ["2025-12-31T23:00:00Z"]
    assert query["time_end"] == ["2026-01-01T02:00:00Z"]
    assert (query["id"], query["time_period"]) == (["1"], ["hourly"])
    assert headers["x-cmc_pro_api_key"] == "cmc-key"
    assert "cmc-key" not in str(server.asked[0][:2])


@pytest.mark.parametrize("http", [200, 429])
@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (1001, Refused, "error 1001"),
        (1006, Refused, "check the API key and what the plan includes"),
        (1008, Wait, "wait 60 s"),
        (1009, Wait, "wait 3600 s"),
        (1010, Refused, "error 1010"),
        (1011, Wait, "wait 60 s"),
    ],
)
def test_an_error_code_is_read_before_the_status_and_before_the_data(
    server, http, code, kind, words
):
    server.say(data(history(candle(0), code=code, words="their words"), status=http))

    with pytest.raises(kind, match=words) as caught:
        cmc(server).history(ASK)

    assert "their words" in str(caught.value)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (data(history(candle(0), code=500, words="oops")), TryAgain),
        (data(history(candle(0), code=400, words="bad id")), Refused),
        (data(history(candle(0), code="400", words="bad id")), Refused),
        (data({"status": status(500, "oops")}, status=500), TryAgain),
        (data({"data": {"quotes": []}}), Refused),
        (data({"status": status()}), Refused),
        (
            data(
                {
                    "status": status(),
                    "data": {
                        "quotes": [{"time_open": "2026-01-01T00:00:00", "quote": {"USD": {}}}]
                    },
                }
            ),
            Refused,
        ),
        (
            data(
                {"status": status(), "data": {"quotes": [{"time_open": 5, "quote": {"USD": {}}}]}}
            ),
            Refused,
        ),
        (
            data(
                {
                    "status": status(),
                    "data": {
                        "quotes": [{"time_open": "2026-01-01T00:00:00Z", "quote": {"EUR": {}}}]
                    },
                }
            ),
            Refused,
        ),
        (data([1]), Refused),
    ],
)
def test_what_is_no_history_is_refused_or_asked_for_again(server, said, kind):
    server.say(said)

    with pytest.raises(kind) as caught:
        cmc(server).history(ASK)

    assert type(caught.value) is kind


@pytest.mark.parametrize(
    "bad", [{"close": "3943.4"}, {"close": None}, {"close": float("nan")}, {"high": 1.0}]
)
def test_a_bad_value_goes_no_further(server, bad):
    server.say(data(history(candle(0), candle(1, **bad))))

    with pytest.raises((Refused, TryAgain)):
        candles_of(
            cmc(server).history(ASK).rows,
            timeframe_ms=HOUR,
            start_ms=START,
            stop_ms=NOW,
            now_ms=NOW,
        )


def test_tickers_and_keyless_calls_are_refused_before_anything_is_sent(server):
    with pytest.raises(Refused, match="by number, such as 1 for bitcoin"):
        cmc(server).page(Ask("BTC", HOUR, START, NOW), NOW)
    with pytest.raises(Refused, match="store it in the admin, or set COINMARKETCAP_API_KEY"):
        cmc(server, key="").page(ASK, NOW)
    with pytest.raises(Refused, match="no 4h candles; it has 1h, 1d"):
        cmc(server).page(Ask("1", 4 * HOUR, START, NOW), NOW)

    assert server.asked == []


def test_a_quote_is_dated_by_the_provider(server):
    by_currency = {"USD": {"price": 6602.6, "last_updated": "2026-01-01T00:00:10.000Z"}}
    server.say(
        data({"status": status(), "data": {"1": {"id": 1, "symbol": "BTC", "quote": by_currency}}})
    )

    quote = cmc(server).quote("1")

    assert (quote.price, quote.at_ms) == (6602.6, START + 10_000)
