"""A series comes from a provider that stumbles, while somebody watches, and an experiment is run on
it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.arena.prices.providers.loopback import Loopback, loopback, text
from tests.arena.prices.services.outside import cmc_history
from tests.journeys.conftest import foreign
from tests.journeys.stage import Site
from tests.journeys.steps import DRAWN, press, rounds_drawn, until
from tests.journeys.test_looks import OVERHANG, WIDTHS
from tests.lineage_site.running import free_port, launched


@pytest.fixture(scope="module")
def cmc() -> Iterator[Loopback]:
    with loopback() as server:
        yield server


@pytest.fixture(scope="module")
def site(site_folder: Callable[[str], Path], cmc: Loopback) -> Iterator[Site]:
    """A site whose CoinMarketCap is ours."""
    folder = site_folder("import")
    places = {
        "COINMARKETCAP_URL": cmc.url,
        "COINMARKETCAP_API_KEY": "k",
        "COINMARKETCAP_CALLS": "1000",
    }
    with launched(folder, PORT=str(free_port()), WORKERS="1", **places) as launcher:
        yield Site(launcher.settled(), launcher.password(), folder)


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """Logged in; no error on its console, no request to another host."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page, errors, strangers = context.new_page(), [], []
    page.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "request",
        lambda request: (
            strangers.append(request.url) if foreign(request.url, site.address) else None
        ),
    )
    page.goto(site.address)
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", site.password)
    page.press("input[name=password]", "Enter")
    expect(page).to_have_url(site.address)

    yield page

    context.close()
    assert strangers == []
    assert errors == []


def test_an_import_is_watched_and_carries_an_experiment(page: Page, site: Site, cmc: Loopback):
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
    assert "Each candle stands for 4 bars of 1 h" in page.inner_text("#price-note")
    looks(page, page.url)
    page.click("text=Experiment on it")
    page.fill("[name=name]", "On bitcoin")
    page.fill("[name=population]", "8")
    page.fill("[name=round_bars]", "64")
    page.click(".submit button")
    page.wait_for_selector("#live")
    assert "data: historical" in page.inner_text(".strip")
    press(page, "start")
    until(lambda: rounds_drawn(page) >= 1, "a round on the curves")


def looks(page: Page, market: str) -> None:
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
