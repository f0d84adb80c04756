"""The latest price: fresh where a provider answers, dated and marked stale where none does."""

import pytest

from arena.prices.models import LastQuote
from arena.prices.services.quotes import quote_latest
from tests.arena.prices.providers.loopback import data, loopback, text
from tests.arena.prices.services.outside import START, providers

pytestmark = pytest.mark.django_db
SOURCES = (("coinmarketcap", "1"), ("coingecko", "bitcoin"))
NOW = START / 1000


@pytest.fixture
def servers(settings):
    with loopback() as gecko, loopback() as cmc:
        settings.PROVIDERS = providers(gecko.url, cmc.url)
        cmc.say(cmc_quote(100.0))
        gecko.say(gecko_quote(100.5))
        yield gecko, cmc


def cmc_quote(price):
    quote = {"price": price, "last_updated": "2025-12-31T23:59:30Z"}
    return data({"status": {"error_code": 0}, "data": {"1": {"id": 1, "quote": {"USD": quote}}}})


def gecko_quote(price, at=START // 1000 - 20):
    return data({"bitcoin": {"usd": price, "last_updated_at": at}})


def ask(now=NOW, sources=SOURCES):
    return quote_latest(sources=sources, now=now)


def test_the_first_source_that_answers_is_asked_once_a_minute(servers):
    _, cmc = servers

    quote = ask()
    again = ask(NOW + 59)

    assert (quote.price, quote.at_ms, quote.title, quote.stale) == (
        100.0,
        START - 30_000,
        "CoinMarketCap 1",
        False,
    )
    assert again == quote
    assert len(cmc.asked) == 1
    ask(NOW + 61)
    assert len(cmc.asked) == 2


@pytest.mark.parametrize(
    "said",
    [
        text("oops", status=500),
        data({}, status=429, Retry_After="300"),
        cmc_quote(-1.0),
        cmc_quote("100"),
    ],
)
def test_where_it_does_not_the_next_one_is(servers, said):
    servers[1].say(said)

    quote = ask()

    assert (quote.price, quote.title) == (100.5, "CoinGecko bitcoin")
    assert len(quote.tried) == 1
    assert not LastQuote.objects.filter(provider="coinmarketcap").exists()


def test_where_nobody_answers_the_last_known_price_is_shown_as_stale_with_its_date(servers):
    ask()
    for server in servers:
        server.say(text("oops", status=503))

    quote = ask(NOW + 3600)

    assert (quote.price, quote.at_ms, quote.stale) == (100.0, START - 30_000, True)
    assert len(quote.tried) == 2


def test_where_nobody_ever_answered_there_is_no_price(servers):
    for server in servers:
        server.say(text("oops", status=503))

    assert ask() is None


def test_a_price_from_the_future_is_no_price(servers):
    servers[0].say(gecko_quote(100.0, START // 1000 + 500))

    assert ask(sources=SOURCES[1:]) is None


def test_two_sources_that_disagree_are_reported(servers):
    servers[0].say(gecko_quote(103.0))
    ask(sources=SOURCES[1:])

    assert (
        ask().warning
        == "CoinGecko bitcoin says 103, 3.0% apart: check that both mean the same instrument."
    )
