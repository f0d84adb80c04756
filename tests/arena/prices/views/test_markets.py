"""The pages of stored markets and of imports, one's own alone."""

import uuid

import numpy as np
import orjson
import pytest
from django.urls import reverse

from arena.prices.market.bars import Bars
from arena.prices.market.causality import cut
from arena.prices.models import MarketData, MarketImport
from arena.prices.selectors.markets import MOST_CANDLES, candles, market_card
from arena.prices.services.markets import market_builtin, market_store
from arena.services.experiments.lifecycle import experiment_create
from arena.services.experiments.market_choice import market_of_series
from arena.settings_schema import parse
from arena.work.queue import locally
from tests.arena import world
from tests.arena.engine.small import small_bars
from tests.arena.prices.providers.loopback import data, text
from tests.arena.prices.services.outside import DAY, HOUR, START, FakeClock, begin, work

pytestmark = pytest.mark.django_db
LATER = START + 180 * DAY


@pytest.fixture
def imported(cmc, ada):
    with locally():
        return work(begin(ada), FakeClock(LATER))


SENT = {
    "name": "bitcoin",
    "timeframe": "1h",
    "start": "2026-01-01",
    "stop": "2026-02-01",
    "provider0": "coinmarketcap",
    "instrument0": "1",
}


def test_without_a_market_the_list_says_how_to_begin(browser):
    assert "No market stored yet" in browser.get(reverse("market_list")).content.decode()


def test_an_imported_market_is_listed_with_all_that_is_known_of_it(browser, imported):
    page = browser.get(reverse("market_list")).content.decode()

    for words in (
        "CoinMarketCap 1, 1h",
        "1,440",
        "2026-01-01",
        "2026-03-01",
        "data: historical",
        imported.market.sha256[:10],
        "none",
        "answers",
    ):
        assert words in page, words


def test_the_page_of_a_market_shows_source_terms_digest_and_its_chart(browser, imported):
    page = browser.get(reverse("market_page", args=[imported.market_id])).content.decode()

    for words in (
        imported.market.sha256,
        "Retrieved 2026-06-30 00:00 UTC.",
        "coinmarketcap.com/api/agreement",
        "No bar is missing.",
    ):
        assert words in page, words
    assert reverse("market_candles", args=[imported.market_id]) in page


def test_an_experiment_can_be_started_on_an_imported_series(browser, imported):
    page = browser.get(reverse("market_page", args=[imported.market_id])).content.decode()
    key = f"stored:{imported.market_id}"
    assert f"?series={key}" in page

    form = browser.get(reverse("experiment_new"), {"series": key}).context["form"]
    sent = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    sent |= {
        "name": "on bitcoin",
        "population": 8,
        "rounds": 3,
        "round_bars": 64,
        "network__hidden": "8",
    }
    answer = browser.post(
        reverse("experiment_new"),
        {name: value for name, value in sent.items() if value is not False},
    )

    assert answer.status_code == 302, answer.context["form"].errors
    live = browser.get(answer.url).content.decode()
    assert imported.market.experiments.count() == 1
    assert "data: historical" in live


def test_a_series_of_somebody_else_is_offered_to_nobody(client, imported):
    client.force_login(world.user("eve"))

    assert (
        f"stored:{imported.market_id}" not in client.get(reverse("experiment_new")).content.decode()
    )
    for name in ("market_page", "market_candles"):
        assert client.get(reverse(name, args=[imported.market_id])).status_code == 404
    assert client.get(reverse("import_page", args=[imported.uuid])).status_code == 404
    assert client.get(reverse("import_state", args=[imported.uuid])).status_code == 404
    for name in ("import_cancel", "import_resume"):
        assert client.post(reverse(name, args=[imported.uuid])).status_code == 404
    assert client.post(reverse("market_quote", args=[imported.market_id])).status_code == 404


def test_a_number_no_database_holds_is_no_market(browser):
    assert browser.get(f"/markets/{10**30}/").status_code == 404
    assert browser.get(reverse("import_page", args=[uuid.uuid4()])).status_code == 404


def test_the_chart_of_a_long_series_joins_bars_and_says_how_many():
    bars = small_bars(bars=2500)

    chart = candles(bars=bars)

    assert chart["each"] == 3
    assert len(chart["time"]) == 834 <= MOST_CANDLES
    for place in (0, 100, 833):
        part = slice(3 * place, 3 * place + 3)
        assert chart["open"][place] == bars.open[part][0]
        assert chart["close"][place] == bars.close[part][-1]
        assert chart["high"][place] == bars.high[part].max()
        assert chart["low"][place] == bars.low[part].min()
        assert chart["volume"][place] == pytest.approx(bars.volume[part].sum())


def test_the_page_of_blocks_names_their_series_and_the_page_of_the_series_their_experiments(
    browser, ada
):
    series = market_store(
        bars=[small_bars()], name="real", data_kind="historical", source="test", owner=ada
    )
    settings = parse(
        {
            "population": 4,
            "rounds": 1,
            "round_bars": 64,
            "market": {"kind": "bootstrap", "block": 10},
        }
    )
    run = experiment_create(
        owner=ada,
        name="shuffled",
        settings=settings,
        market=market_of_series(settings=settings, series=series),
    )

    of_blocks = browser.get(reverse("market_page", args=[run.market.pk])).content.decode()
    of_series = browser.get(reverse("market_page", args=[series.pk])).content.decode()

    assert (
        f'Blocks of</dt><dd><a href="{reverse("market_page", args=[series.pk])}">real' in of_blocks
    )
    assert ">Experiment on it<" not in of_blocks
    assert str(run.uuid) in of_series


def test_gaps_are_counted_listed_and_given_to_the_chart(browser, ada):
    whole = cut(small_bars(), 100)
    keep = np.delete(np.arange(100), [40, 41, 42, 70])
    bars = Bars(
        *(
            getattr(whole, name)[keep]
            for name in ("time", "open", "high", "low", "close", "volume")
        ),
        whole.timeframe_ms,
    )
    market = market_store(
        bars=[bars], name="holes", data_kind="historical", source="test", owner=ada
    )

    page = browser.get(reverse("market_page", args=[market.pk])).content.decode()
    chart = orjson.loads(browser.get(reverse("market_candles", args=[market.pk])).content)

    assert "2 gaps, 4 bars missing" in page
    step = whole.timeframe_ms
    assert chart["gaps"] == [
        [int(whole.time[40]), int(whole.time[39]) + 4 * step],
        [int(whole.time[70]), int(whole.time[71])],
    ]


def test_a_damaged_file_is_reported_and_not_drawn(browser, imported):
    MarketData.objects.filter(pk=imported.market_id).update(file="markets/none.safetensors")

    answer = browser.get(reverse("market_candles", args=[imported.market_id]))

    assert answer.status_code == 409
    assert "cannot be read" in orjson.loads(answer.content)["error"]


@pytest.mark.parametrize(
    ("after", "age", "state"),
    [
        (HOUR, "ended 60 minutes ago, 1 bar", "fresh"),
        (2 * HOUR, "ended 2 hours ago, 2 bars", "fresh"),
        (2 * HOUR + 1, "ended 2 hours ago, 2 bars", "aging"),
        (5 * HOUR, "ended 5 hours ago, 5 bars", "aging"),
        (5 * HOUR + 1, "ended 5 hours ago, 5 bars", "stale"),
    ],
)
def test_how_old_a_series_is_is_said(imported, after, age, state):
    market = imported.market
    card = market_card(market=market, now_ms=market.last_time + HOUR + after)

    assert card["age"].startswith(age)
    assert card["freshness"] == state


def test_old_prices_of_a_file_are_history_and_those_of_a_provider_are_stale_on_every_page(
    browser, ada, imported
):
    file = market_store(
        bars=[small_bars()], name="mine", data_kind="historical", source="file mine.csv", owner=ada
    )

    page = browser.get(reverse("market_page", args=[imported.market_id])).content.decode()
    listed = browser.get(reverse("market_list")).content.decode()

    assert 'data-fresh="stale"' in page
    assert "stale: nobody decides on it before its source has newer ones" in page
    assert 'data-fresh="stale"' in listed
    assert 'data-fresh="history"' in listed
    assert (
        "nobody decides" not in browser.get(reverse("market_page", args=[file.pk])).content.decode()
    )


def test_a_simulated_market_has_no_age_and_starts_nothing(browser, ada):
    run = world.experiment(ada, rounds=0)

    card = market_card(market=run.market, now_ms=LATER)
    page = browser.get(reverse("market_page", args=[run.market_id])).content.decode()

    assert card["age"] == ""
    assert "Experiment on it" not in page
    assert "Bring up to date" not in page


def test_a_built_in_series_keeps_its_provenance(browser, ada):
    market = market_builtin(name="ibm_daily")
    run = world.experiment(ada, rounds=0)
    run.market = market
    run.save()

    page = browser.get(reverse("market_page", args=[market.pk])).content.decode()

    assert "Quandl WIKI" in page


def test_an_import_begins_with_the_form_and_shows_how_far_it_is(browser, cmc):
    answer = browser.post(reverse("import_new"), SENT)
    row = MarketImport.objects.get()

    page = browser.get(answer.url)
    state = orjson.loads(browser.get(reverse("import_state", args=[row.uuid])).content)

    assert answer.url == reverse("import_page", args=[row.uuid])
    assert "importing" in page.content.decode()
    assert (state["percent"], state["running"], state["source"]) == (0.0, True, "CoinMarketCap 1")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"instrument0": "BTC"}, "instrument0", "by number"),
        ({"start": ""}, "start", "required"),
        ({"start": "yesterday"}, "start", "valid date"),
        ({"start": "2026-01-31", "stop": "2026-01-01"}, "__all__", "no time for two bars"),
        ({"timeframe": "4h"}, "instrument0", "no 4h candles; it has 1h, 1d"),
        ({"provider1": "coingecko"}, "instrument1", "Choose both"),
        ({"instrument2": "x"}, "provider2", "Choose both"),
        ({"provider1": "exchange", "instrument1": "BTC"}, "instrument1", "binance:BTC/USDT"),
        ({"provider0": "nobody"}, "provider0", "valid choice"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_stored(
    browser, cmc, changes, field, words
):
    answer = browser.post(reverse("import_new"), SENT | changes)

    assert answer.status_code == 400
    assert words in str(answer.context["form"].errors[field])
    assert MarketImport.objects.count() == 0
    assert cmc.asked == []


def test_an_import_is_cancelled_and_resumed_from_its_page(browser, cmc):
    browser.post(reverse("import_new"), SENT)
    row = MarketImport.objects.get()

    for verb, state in (("cancel", "cancelled"), ("resume", "running")):
        assert browser.post(reverse(f"import_{verb}", args=[row.uuid])).status_code == 302
        row.refresh_from_db()
        assert row.state == state

    answer = browser.post(reverse("import_resume", args=[row.uuid]), follow=True)
    assert "is importing and cannot be resumed" in answer.content.decode()


def test_bringing_up_to_date_makes_another_series(browser, imported, monkeypatch):
    monkeypatch.setattr("arena.prices.views.imports.time.time", lambda: (START + 100 * DAY) / 1000)

    answer = browser.post(reverse("import_update", args=[imported.market_id]))

    row = MarketImport.objects.exclude(pk=imported.pk).get()
    assert answer.url == reverse("import_page", args=[row.uuid])
    assert (row.start_ms, row.stop_ms) == (START, START + 100 * DAY)


def test_the_latest_price_is_asked_for_dated_and_marked_when_stale(browser, imported, cmc):
    quote = {"price": 101.5, "last_updated": "2026-01-01T00:00:00Z"}
    address = reverse("market_quote", args=[imported.market_id])
    cmc.say(text("oops", status=500))
    assert browser.post(address).status_code == 409
    cmc.say(data({"status": {"error_code": 0}, "data": {"1": {"quote": {"USD": quote}}}}))

    answer = orjson.loads(browser.post(address).content)

    assert (answer["price"], answer["title"], answer["stale"], answer["at_ms"]) == (
        101.5,
        "CoinMarketCap 1",
        False,
        START,
    )
