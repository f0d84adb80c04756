"""CoinGecko's documented formats, over real HTTP."""

import pytest

from arena.prices.market.bars import DAY_MS
from arena.prices.providers.base import Access, Ask
from arena.prices.providers.candles import candles_of
from arena.prices.providers.coingecko import CoinGecko
from arena.prices.providers.faults import Refused, TryAgain, Wait
from tests.arena.prices.providers.loopback import data, loopback, text

HOUR = 3_600_000
START = 1_767_225_600_000
NOW = START + 10 * DAY_MS


@pytest.fixture
def server():
    with loopback() as running:
        yield running


def gecko(server, plan="", key="demo-key"):
    return CoinGecko(Access(server.url, key=key, plan=plan, private=True), clock=lambda: NOW / 1000)


def ask(timeframe_ms=4 * HOUR, instrument="bitcoin", days=2):
    return Ask(instrument, timeframe_ms, START, START + days * DAY_MS)


def closing(place, timeframe_ms=4 * HOUR):
    return [START + (place + 1) * timeframe_ms, 61942, 62211, 61721.5, 61845]


def test_candles_stamped_with_their_close_are_stored_by_their_open(server):
    server.say(data([closing(place) for place in range(5)]))

    reply = gecko(server).history(ask())

    candles = candles_of(reply.rows, timeframe_ms=4 * HOUR, start_ms=START, stop_ms=NOW, now_ms=NOW)
    assert candles.rows[0].tolist() == [START, 61942, 62211, 61721.5, 61845, 0]
    assert len(candles) == 5
    path, query, headers = server.asked[0]
    assert (path, query) == ("/coins/bitcoin/ohlc", {"vs_currency": ["usd"], "days": ["30"]})
    assert headers["x-cg-demo-api-key"] == "demo-key"


def test_a_paid_plan_asks_for_a_range_of_closes(server):
    server.say(data([closing(place, HOUR) for place in range(3)]))

    gecko(server, "paid").history(Ask("bitcoin", HOUR, START, START + 3 * HOUR))

    path, query, headers = server.asked[0]
    assert path == "/coins/bitcoin/ohlc/range"
    assert query["from"] == [str((START + HOUR) // 1000)]
    assert query["to"] == [str((START + 4 * HOUR) // 1000)]
    assert query["interval"] == ["hourly"]
    assert headers["x-cg-pro-api-key"] == "demo-key"


def test_the_key_is_in_no_address(server):
    server.say(data([]))
    gecko(server).history(ask())

    assert "demo-key" not in str(server.asked[0][:2])


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (
            data(
                {"status": {"error_code": 429, "error_message": "too many"}},
                status=429,
                Retry_After="17",
            ),
            Wait,
            "wait 17 s: too many",
        ),
        (text("slow down", status=429, kind="text/plain"), Wait, "wait 60 s"),
        (data({}, status=429, Retry_After="Sun, 11 Jan 2026 00:00:30 GMT"), Wait, "wait 30 s"),
        (data({}, status=429, Retry_After="soon"), Wait, "wait 60 s"),
        (data({}, status=429, Retry_After="99999999"), Wait, "wait 3600 s"),
        (data({}, status=429, Retry_After="-5"), Wait, "wait 60 s"),
        (
            data(
                {"error": {"status": {"error_code": 10002, "error_message": "key missing"}}},
                status=401,
            ),
            Refused,
            "key missing; check the API",
        ),
        (
            data({"status": {"error_code": 10005, "error_message": "plan"}}, status=403),
            Refused,
            "plan; check the API key",
        ),
        (data({"error": "coin not found"}, status=404), Refused, "HTTP 404.: coin not found"),
        (text("<html>1020</html>", status=403, kind="text/html"), Refused, "does not let us in"),
        (text("oops", status=500, kind="text/html"), TryAgain, "an error of its own"),
        (data({}, status=503), TryAgain, "an error of its own"),
        (data({}, status=503, Retry_After="5"), Wait, "wait 5 s"),
        (
            data({"error": "coin not found"}),
            Refused,
            "answers with an error .no code.: coin not found",
        ),
        (
            data({"status": {"error_code": 10010, "error_message": "wrong root"}}),
            Refused,
            "error .10010.: wrong root",
        ),
        (data({"prices": []}), Refused, "format has changed"),
        (data("hello"), Refused, "format has changed"),
        (text("<html>", kind="text/html"), TryAgain, "instead of JSON"),
    ],
)
def test_what_goes_wrong_is_one_line_that_tells_what_is_done_about_it(server, said, kind, words):
    server.say(said)

    with pytest.raises(kind, match=words) as caught:
        gecko(server).history(ask())

    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)
    assert "demo-key" not in str(caught.value)


@pytest.mark.parametrize(
    "row", [["x", 1, 1, 1, 1], [START, 1, 1, 1], {"t": 1}, 5, [1.5, 1, 1, 1, 1], [None] * 5]
)
def test_a_row_of_another_shape_is_left_for_the_check_to_refuse(server, row):
    server.say(data([row]))

    reply = gecko(server).history(ask())

    with pytest.raises(Refused):
        candles_of(reply.rows, timeframe_ms=4 * HOUR, start_ms=START, stop_ms=NOW, now_ms=NOW)


@pytest.mark.parametrize("name", ["BTC", "../admin", "bitcoin?x=1", "", "a" * 200, "bit coin"])
def test_what_is_no_coin_is_refused_before_anything_is_sent(server, name):
    with pytest.raises(Refused, match="correct the instrument"):
        gecko(server).page(ask(instrument=name), NOW)

    assert server.asked == []


def test_what_the_plan_does_not_hold_is_refused_with_what_it_holds(server):
    with pytest.raises(Refused, match="no 1h candles on this plan; it has 30m, 4h, 4d"):
        gecko(server).page(ask(HOUR), NOW)
    with pytest.raises(Refused, match="no 4h candles on this plan; it has 1h, 1d"):
        gecko(server, "paid").page(ask(), NOW)
    with pytest.raises(
        Refused, match="goes back 30 days for 4h candles on this plan; choose a later start"
    ):
        gecko(server).page(ask(), NOW + 60 * DAY_MS)


def test_a_quote_is_dated_by_the_provider(server):
    server.say(data({"bitcoin": {"usd": 67187.33, "last_updated_at": 1_711_356_300}}))

    quote = gecko(server).quote("bitcoin")

    assert (quote.price, quote.at_ms) == (67187.33, 1_711_356_300_000)


@pytest.mark.parametrize(
    "said",
    [{}, {"bitcoin": {}}, {"bitcoin": {"usd": "67", "last_updated_at": 5}}, {"bitcoin": None}, []],
)
def test_a_quote_that_is_none_is_refused(server, said):
    server.say(data(said))

    with pytest.raises(Refused):
        gecko(server).quote("bitcoin")
