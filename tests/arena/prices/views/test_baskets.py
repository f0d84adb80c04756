"""The page that puts markets together, and the pages of what came of it."""

import numpy as np
import orjson
import pytest
from django.urls import reverse

from arena.prices.market.bars import Bars
from arena.prices.models import MarketData
from arena.prices.selectors.markets import growth, movements, parts_offered, series_offered
from arena.prices.services.baskets import basket_look, basket_store
from arena.prices.services.markets import market_builtin, market_store
from tests.arena import world
from tests.arena.engine.small import small_bars

pytestmark = pytest.mark.django_db
BUILT_IN = ["builtin:ibm_daily", "builtin:aapl_daily"]


def hourly(owner, seed=1, **more):
    fields = {
        "name": f"hourly {seed}",
        "data_kind": "historical",
        "source": "test",
        "symbols": [f"H{seed}"],
    }
    return market_store(bars=[small_bars(seed)], owner=owner, **fields | more)


@pytest.fixture
def pair(ada):
    return basket_store(basket=basket_look(parts=[hourly(ada, 1), hourly(ada, 2)]), owner=ada)


def common(browser, *parts):
    answer = browser.post(reverse("basket_common"), {"part": parts})
    return answer.status_code, orjson.loads(answer.content)


def test_ones_own_markets_and_the_built_in_ones_are_offered_by_length_of_a_bar(browser, ada, pair):
    hourly(world.user("eve"), 3)

    groups = browser.get(reverse("basket_new")).context["groups"]

    assert [(length, [pick.symbol for pick in picks]) for length, picks in groups] == [
        ("1 hour", ["H2", "H1"]),
        ("1 day", ["IBM", "AAPL", "MSFT"]),
    ]
    assert pair not in parts_offered(user=ada)


def test_what_is_common_is_shown_before_any_basket_is_stored(browser, ada):
    one, two = hourly(ada, 1), hourly(ada, 2)

    status, answer = common(browser, f"stored:{one.pk}", f"stored:{two.pk}")

    assert (status, answer["bars"], answer["symbols"], answer["data_kind"], answer["rounds"]) == (
        200,
        600,
        ["H1", "H2"],
        "historical",
        0,
    )
    assert [line["symbol"] for line in answer["growth"]["lines"]] == ["H1", "H2"]
    assert answer["growth"]["lines"][0]["growth"][-1] == pytest.approx(
        small_bars(1).close[-1] / small_bars(1).close[0]
    )
    assert set(MarketData.objects.all()) == {one, two}


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([], "choose 2 to 8 markets, not 0"),
        (BUILT_IN[:1], "choose 2 to 8 markets, not 1"),
        (["stored:1", *BUILT_IN], "stored:1 is not one of the available choices"),
    ],
)
def test_what_cannot_go_together_is_refused_in_words_on_both_addresses(browser, parts, words):
    status, answer = common(browser, *parts)
    page = browser.post(reverse("basket_new"), {"part": parts})

    assert (status, page.status_code) == (400, 400)
    assert words in answer["error"]
    assert words in page.content.decode()
    assert not MarketData.objects.filter(symbols__1__isnull=False).exists()


def test_a_market_of_somebody_else_goes_into_no_basket(browser, ada):
    theirs, own = hourly(world.user("eve"), 1), hourly(ada, 2)

    assert common(browser, f"stored:{theirs.pk}", f"stored:{own.pk}")[0] == 400


def test_what_was_ticked_stays_ticked_where_it_is_refused(browser, ada):
    answer = browser.post(
        reverse("basket_new"),
        {"part": [f"stored:{hourly(ada).pk}", BUILT_IN[0]], "name": "odd pair"},
    )

    assert answer.status_code == 400
    assert (
        "bars differ in length: hourly 1 has 1 hour and IBM, daily, 2000 to 2013 has 1 day"
        in answer.content.decode()
    )
    assert answer.content.decode().count("checked") == 2
    assert "odd pair" in answer.content.decode()


def test_a_basket_is_stored_under_its_name_and_its_page_tells_of_its_parts(browser, ada):
    mine = [hourly(ada, seed) for seed in (2, 1, 3)]

    answer = browser.post(
        reverse("basket_new"), {"part": [f"stored:{row.pk}" for row in mine], "name": "three"}
    )
    row = MarketData.objects.get(name="three")
    page = browser.get(answer.url).content.decode()

    assert answer.url == reverse("market_page", args=[row.pk])
    assert "3 × 600" in browser.get(reverse("market_list")).content.decode()
    for words in (
        "H2, H1, H3",
        "3 × 600 of 1 hour",
        "How they moved",
        "with H3",
        "No bar of any of them is left out.",
        f"?series=stored:{row.pk}",
    ):
        assert words in page, words
    links = [page.index(f'href="{reverse("market_page", args=[part.pk])}"') for part in mine]
    assert links == sorted(links)
    assert reverse("market_growth", args=[row.pk]) in page


def test_a_page_of_one_symbol_has_no_switch_and_no_comparison(browser, ada):
    page = browser.get(reverse("market_page", args=[hourly(ada).pk])).content.decode()

    assert "How they moved" not in page
    assert "symbol-tabs" not in page


def test_built_in_series_go_together_for_who_has_no_market_yet(browser, ada):
    answer = browser.post(reverse("basket_new"), {"part": BUILT_IN})

    row = MarketData.objects.get(symbols=["IBM", "AAPL"])
    assert answer.url == reverse("market_page", args=[row.pk])
    # a part that is not the person's own has no page to link to
    assert (
        reverse("market_page", args=[market_builtin(name="ibm_daily").pk])
        not in browser.get(answer.url).content.decode()
    )


def test_the_chart_is_of_the_symbol_that_is_asked_for(browser, pair):
    address = reverse("market_candles", args=[pair.pk])

    first, second = (
        orjson.loads(browser.get(address, {"symbol": symbol}).content) for symbol in (0, 1)
    )

    assert first["close"][-1] == small_bars(1).close[-1]
    assert second["close"][-1] == small_bars(2).close[-1]
    assert browser.get(address).content == browser.get(address, {"symbol": 0}).content
    for symbol in ("2", "x", "-1"):
        assert browser.get(address, {"symbol": symbol}).status_code == 400


def test_a_damaged_file_is_reported_by_every_address(browser, pair):
    MarketData.objects.filter(pk=pair.pk).update(file="markets/none.safetensors")

    for name in ("market_candles", "market_growth"):
        assert browser.get(reverse(name, args=[pair.pk])).status_code == 409
    assert browser.get(reverse("market_page", args=[pair.pk])).status_code == 200


def test_a_basket_is_offered_to_its_owner_for_experiments_even_a_simulated_one(browser, ada, pair):
    made_up = basket_store(
        basket=basket_look(parts=[hourly(ada, 1), hourly(ada, 4, data_kind="simulated")]), owner=ada
    )

    page = browser.get(reverse("experiment_new")).content.decode()

    assert {pair, made_up} <= set(series_offered(user=ada))
    assert "H1 + H2 (2 symbols, 600 bars)" in page
    assert not series_offered(user=world.user("eve")).exists()


def test_growth_begins_at_the_first_close_and_ends_at_the_last():
    series = [small_bars(1, 2500), small_bars(2, 2500)]

    shown = growth(bars=series, symbols=["A", "B"])

    assert (shown["each"], len(shown["time"])) == (3, 834)
    for line, bars in zip(shown["lines"], series, strict=True):
        assert line["growth"][0] == bars.close[2] / bars.close[0]
        assert line["growth"][-1] == bars.close[-1] / bars.close[0]


def test_movements_are_those_of_the_returns():
    up = small_bars(1)
    down = Bars(
        up.time, 1 / up.open, 1 / up.low, 1 / up.high, 1 / up.close, up.volume, up.timeframe_ms
    )

    one, other = movements(bars=[up, down], symbols=["A", "B"])

    assert (one["correlations"], other["correlations"]) == (
        ["1.00", "\u22121.00"],
        ["\u22121.00", "1.00"],
    )
    assert one["volatility"] == other["volatility"] == f"{np.std(np.diff(np.log(up.close))):.2%}"
