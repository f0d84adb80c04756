"""The live page behind a line that dies without a word: it says so, and mends itself; a tab that
slept is no dead line.
"""

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.proxy import Proxy
from tests.journeys.stage import Site
from tests.journeys.steps import create_simulated, press, rounds_drawn, until

# every change of what the page says of its connection
LISTEN = """() => {
    const page = document.querySelector("#live");
    window.said = [];
    const seen = new MutationObserver(() => window.said.push(page.dataset.connection));
    seen.observe(page, { attributeFilter: ["data-connection"] });
}"""
ROUNDS = "() => document.getElementById('relative').data[0].x"


@pytest.fixture
def proxy(site: Site) -> Iterator[Proxy]:
    found = Proxy(urlsplit(site.proxied).port, urlsplit(site.address).port)
    yield found
    found.close()


@pytest.fixture
def live(browser: Browser, site: Site, proxy: Proxy) -> Iterator[Page]:
    """The page of a running experiment, reached through the proxy; a line that breaks is an error
    on its console.
    """
    page = browser.new_page()
    page.set_default_timeout(90_000)
    page.goto(site.proxied)
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", site.password)
    page.press("input[name=password]", "Enter")
    expect(page).to_have_url(site.proxied)
    there = Site(site.proxied, site.password, site.folder, site.proxied)
    create_simulated(
        page,
        there,
        name="On a line",
        population=4,
        rounds=3000,
        round_bars=32,
        learning__episodes=1,
    )
    press(page, "start")
    until(lambda: rounds_drawn(page) >= 1, "a round on the curves")
    page.evaluate(LISTEN)
    yield page
    page.goto(page.url.replace(site.proxied, site.address))
    press(page, "stop")
    page.close()


def test_a_line_that_died_without_a_word_is_said_and_mends_itself(live: Page, proxy: Proxy):
    page = live
    proxy.freeze()
    page.wait_for_selector("#offline:not([hidden])", timeout=25_000)
    assert "Nothing comes over the live connection any more." in page.inner_text("#offline")
    before = rounds_drawn(page)

    proxy.thaw()
    until(lambda: page.get_attribute("#live", "data-connection") == "online", "the line again")
    assert page.is_hidden("#offline")
    until(lambda: rounds_drawn(page) > before + 2, "what was missed, and what came after")

    rounds = page.evaluate(ROUNDS)
    assert rounds == list(range(len(rounds)))
    assert page.evaluate("window.said") == ["offline", "online"]


def test_a_tab_that_slept_keeps_its_line(live: Page):
    page = live
    session = page.context.new_cdp_session(page)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    time.sleep(16)
    session.send("Page.setWebLifecycleState", {"state": "active"})
    before = rounds_drawn(page)

    until(lambda: rounds_drawn(page) > before, "the rounds go on")
    assert page.evaluate("window.said") == []
