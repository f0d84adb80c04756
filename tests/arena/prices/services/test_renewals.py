"""A basket is brought up to date by way of its parts, in their order, and stays as it was for the
experiments that run on it.
"""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from arena.prices.market.bars import sha256_of
from arena.prices.models import BasketRenewal, ImportState, MarketData, MarketImport
from arena.prices.selectors.markets import feeds_of, import_card
from arena.prices.services import imports
from arena.prices.services.baskets import basket_look, basket_store
from arena.prices.services.markets import market_store
from arena.prices.services.renewals import renewal_begin
from arena.prices.store import bars_read
from arena.services.people.limits import IMPORTS
from arena.work.queue import locally
from tests.arena.engine.small import small_bars
from tests.arena.prices.services.outside import DAY, START, FakeClock, begin, work

pytestmark = pytest.mark.django_db(transaction=True)
THEN, NOW = START + 60 * DAY, START + 80 * DAY


@pytest.fixture(autouse=True)
def without_broker():
    with locally():
        yield


@pytest.fixture
def basket(cmc, ada):
    """Of two imports, the one that was stored last first."""
    rows = [
        work(begin(ada, sources=(("coinmarketcap", coin),), name=f"coin {coin}"), FakeClock(THEN))
        for coin in ("1", "2")
    ]
    return basket_store(
        basket=basket_look(parts=[row.market for row in reversed(rows)]), name="pair", owner=ada
    )


def renewed(basket, ada):
    return renewal_begin(
        basket=basket, feeds=feeds_of(market=basket, user=ada), owner=ada, now_ms=NOW
    )


def card_of(row):
    row.refresh_from_db()
    return import_card(
        row=MarketImport.objects.select_related("renewal__basket").get(pk=row.pk),
        titles=["CoinMarketCap"],
    )


def test_every_part_is_brought_up_to_date_and_the_basket_made_anew_in_its_order(basket, ada):
    before = basket.sha256

    renewal = renewed(basket, ada)
    one, two = renewal.imports.order_by("pk")
    assert (one.name, two.name) == ("coin 2", "coin 1")
    work(two, FakeClock(NOW))
    card = card_of(two)
    assert card["words"] == "A part of pair: 1 of 2 are there, then it is put together anew."
    assert (card["running"], card["watched"], card["basket"]) == (False, True, None)
    work(one, FakeClock(NOW))

    renewal.refresh_from_db()
    row = renewal.market
    assert (row.name, row.symbols, row.bars) == ("pair", basket.symbols, 80 * 24)
    assert row.parts_in_order == [one.market, two.market]
    assert row.sha256 == sha256_of([bars_read(each.market)[0] for each in (one, two)])
    assert row.owner == ada
    assert card_of(one)["basket"] == row.pk
    assert not card_of(one)["watched"]
    # what experiments run on stays
    basket.refresh_from_db()
    assert (basket.sha256, basket.bars) == (before, 60 * 24)


def test_a_part_that_was_given_up_is_waited_for_until_somebody_resumes_it(basket, ada):
    renewal = renewed(basket, ada)
    one, two = renewal.imports.order_by("pk")
    imports.import_cancel(import_uuid=one.uuid)
    work(two, FakeClock(NOW))

    assert card_of(two)["words"].endswith(
        "then it is put together anew; coin 2 waits to be resumed on its own page."
    )
    work(imports.import_resume(import_uuid=one.uuid), FakeClock(NOW))

    renewal.refresh_from_db()
    assert renewal.market.bars == 80 * 24


def test_where_the_parts_go_together_no_more_it_is_said(basket, ada, monkeypatch):
    monkeypatch.setattr("arena.prices.services.baskets.LEAST_BARS", 10_000)
    renewal = renewed(basket, ada)

    for row in renewal.imports.order_by("pk"):
        work(row, FakeClock(NOW))

    assert (
        "pair could not be put together anew: coin 2 and coin 1 have 1,920 bars in common"
        in card_of(row)["words"]
    )
    assert (card_of(row)["state"], card_of(row)["watched"]) == (ImportState.DONE, False)


def test_the_page_of_a_basket_brings_it_up_to_date_and_counts_each_part(
    browser, basket, ada, monkeypatch
):
    monkeypatch.setattr("arena.prices.views.imports.time.time", lambda: NOW / 1000)
    spent = []
    monkeypatch.setattr(
        "arena.prices.views.imports.limit_spend", lambda *, limit, who: spent.append(limit)
    )
    assert (
        "Bring up to date" in browser.get(reverse("market_page", args=[basket.pk])).content.decode()
    )

    answer = browser.post(reverse("import_update", args=[basket.pk]))

    renewal = BasketRenewal.objects.get()
    first, second = renewal.imports.order_by("pk")
    assert answer.url == reverse("import_page", args=[first.uuid])
    assert (first.stop_ms, second.stop_ms) == (NOW, NOW)
    # one more than the door counts
    assert spent == [IMPORTS]
    assert "A part of pair: 0 of 2 are there" in browser.get(answer.url).content.decode()


def test_a_basket_with_a_part_nobody_can_be_asked_for_is_refused_and_nothing_begins(
    browser, basket, ada
):
    bars = small_bars(7, 600)
    file = market_store(bars=[bars], name="mine", data_kind="historical", source="file", owner=ada)
    other = market_store(
        bars=[small_bars(8, 600)], name="other", data_kind="historical", source="file", owner=ada
    )
    mixed = basket_store(basket=basket_look(parts=[file, other]), owner=ada)
    before = MarketImport.objects.count()

    assert (
        "Bring up to date"
        not in browser.get(reverse("market_page", args=[mixed.pk])).content.decode()
    )
    answer = browser.post(reverse("import_update", args=[mixed.pk]))

    assert answer.url == reverse("market_page", args=[mixed.pk])
    assert "has a part that was not imported" in str(next(iter(get_messages(answer.wsgi_request))))
    assert MarketImport.objects.count() == before
    assert MarketData.objects.filter(pk=mixed.pk).exists()
