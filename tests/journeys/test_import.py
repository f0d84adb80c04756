"""A series comes from a provider that stumbles, while somebody watches, and an experiment is run on
it.
"""

from playwright.sync_api import Page

from tests.arena.prices.providers.loopback import Loopback, text
from tests.arena.prices.services.outside import cmc_history
from tests.journeys.steps import DRAWN, press, rounds_drawn, until
from tests.journeys.test_looks import OVERHANG, WIDTHS


def test_an_import_is_watched_and_carries_an_experiment(admin: Page, cmc: Loopback):
    page = admin
    cmc.say(text("busy", status=503), cmc_history())
    page.click("nav >> text=Markets")
    page.click("text=Import from a provider >> nth=0")
    page.fill("[name=name]", "bitcoin, hourly")
    page.fill("[name=start]", "2026-01-01")
    page.fill("[name=stop]", "2026-06-01")
    page.select_option("[name=provider0]", "coinmarketcap")
    page.fill("[name=instrument0]", "1")
    page.click(".submit button")
    until(lambda: page.inner_text("#label") == "imported", "the end of the import")
    page.click("#to-market")

    [candles, *_] = until(lambda: page.evaluate(DRAWN, "price"), "the chart")
    assert len(candles["x"]) == 906
    assert "Each candle stands for 4 bars of 1\u00a0h." in page.inner_text("#price-note")
    check_widths(page, page.url)
    page.click("text=Experiment on it")
    page.fill("[name=name]", "On bitcoin")
    page.fill("[name=population]", "8")
    page.fill("[name=round_bars]", "64")
    page.click(".submit button")
    page.wait_for_selector("#live")
    assert "data: historical" in page.inner_text(".strip")
    press(page, "start")
    until(lambda: rounds_drawn(page) >= 1, "a round on the curves")
    press(page, "stop")


def check_widths(page: Page, market: str) -> None:
    """No page of markets is wider than its window."""
    back = page.url
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for address in (
            market,
            market.rsplit("/", 2)[0] + "/",
            market.rsplit("/", 2)[0] + "/import/",
        ):
            page.goto(address)
            assert page.evaluate(OVERHANG) <= 0, f"{address} at {width}"
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(back)
