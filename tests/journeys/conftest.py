"""The real launcher and a real browser; every page is watched for errors and for requests to
strangers.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from tests.arena.prices.providers.loopback import Loopback, loopback
from tests.journeys.stage import Site, chromium
from tests.lineage_site.running import free_port, launched

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
FLAGS += ["--disable-component-update", "--disable-sync"]
BITCOIN = Path(__file__).parents[3] / "shared" / "data" / "BTC_USD-Hourly.csv"


@pytest.fixture(scope="session")
def cmc() -> Iterator[Loopback]:
    """The site's CoinMarketCap, which is ours."""
    with loopback() as server:
        yield server


@pytest.fixture(scope="session")
def site(site_folder: Callable[[str], Path], cmc: Loopback) -> Iterator[Site]:
    """`make run` without its demo, on a free port, in a folder of its own, with two workers; all
    stories are one person's.
    """
    folder = site_folder("site")
    proxied = f"http://127.0.0.1:{free_port()}"
    outside = {
        "COINMARKETCAP_URL": cmc.url,
        "COINMARKETCAP_API_KEY": "k",
        "COINMARKETCAP_CALLS": "1000",
    }
    with launched(
        folder, PORT=str(free_port()), WORKERS="2", LIMITS="0", ORIGINS=proxied, **outside
    ) as launcher:
        yield Site(launcher.settled(), launcher.password(), folder, f"{proxied}/")


@pytest.fixture(scope="session")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """One chromium for all journeys. The database of the tests comes first, which cannot be made
    any more once its driver has an event loop.
    """
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A fresh page, not logged in. At the end: no error on its console, no request to another
    host.
    """
    with watched(browser, site) as page:
        yield page


@contextmanager
def watched(browser: Browser, site: Site, **more: Any) -> Iterator[Page]:
    """A page in a context of its own, which is told `more`; AssertionError at the end where
    anything went wrong on it or to another host.
    """
    context = browser.new_context(viewport={"width": 1440, "height": 900}, **more)
    page = context.new_page()
    errors: list[str] = []
    strangers: list[str] = []
    page.on(
        "console",
        lambda message: (
            errors.append(f"{message.text} {message.location['url']}")
            if message.type == "error"
            else None
        ),
    )
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "request",
        lambda request: (
            strangers.append(request.url) if foreign(request.url, site.address) else None
        ),
    )

    try:
        yield page
    finally:
        context.close()
    assert strangers == []
    assert errors == []


def foreign(url: str, address: str) -> bool:
    """Whether a request leaves the site."""
    parts = urlsplit(url)
    return parts.scheme not in {"data", "blob"} and parts.netloc != urlsplit(address).netloc


def log_in(page: Page, site: Site) -> None:
    """With the printed password; the list of experiments follows."""
    page.goto(site.address)
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", site.password)
    page.press("input[name=password]", "Enter")
    expect(page).to_have_url(site.address)


@pytest.fixture(scope="session")
def session(browser: Browser, site: Site) -> StorageState:
    """The cookies of one log-in, for all journeys: checking the password takes longer than most
    pages.
    """
    with watched(browser, site) as page:
        log_in(page, site)
        return page.context.storage_state()


@pytest.fixture
def admin(browser: Browser, site: Site, session: StorageState) -> Iterator[Page]:
    """The page, logged in as admin and on the list of experiments."""
    with watched(browser, site, storage_state=session) as page:
        page.goto(site.address)
        yield page


@pytest.fixture(scope="session")
def bitcoin() -> Path:
    """Hourly bitcoin candles, newest first; the story is skipped, and counted aloud, where the file
    is not there.
    """
    if not BITCOIN.exists():
        pytest.skip("no shared/data/BTC_USD-Hourly.csv beside the project")
    return BITCOIN
