"""Three stocks become one market, which carries an experiment whose agents trade all of them."""

from playwright.sync_api import Page

from tests.journeys.stage import Site
from tests.journeys.steps import DRAWN, open_tab, press, rounds_drawn, until
from tests.journeys.test_looks import OVERHANG, WIDTHS

STOCKS = ["IBM", "AAPL", "MSFT"]


def names(page: Page, chart: str) -> list[str]:
    """Of the lines that are drawn."""
    return [trace.get("name", "") for trace in page.evaluate(DRAWN, chart) or []]


def test_stocks_are_put_together_and_traded_side_by_side(admin: Page, site: Site):
    page = admin
    page.click("nav >> text=Markets")
    page.click("text=together >> nth=0")
    until(lambda: page.is_disabled("#store"), "nothing to store yet")
    for name in ("ibm", "aapl", "msft"):
        page.check(f"[value='builtin:{name}_daily']")
    until(lambda: names(page, "growth") == STOCKS, "what they have in common")
    assert "3\u202f270" in page.inner_text("#common")
    page.click("#store")

    page.wait_for_selector("#price")
    until(lambda: names(page, "price") == STOCKS, "all symbols on one chart")
    page.click("#symbol-tabs >> text=AAPL")
    until(lambda: names(page, "price")[0] == "price", "candles of one symbol")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.reload()
        assert page.evaluate(OVERHANG) <= 0, width
    page.set_viewport_size({"width": 1440, "height": 900})

    page.click("text=Experiment on it")
    page.fill("[name=name]", "On three stocks")
    page.fill("[name=population]", "8")
    page.fill("[name=round_bars]", "64")
    # enough to be stopped on the way
    page.fill("[name=rounds]", "400")
    page.click(".submit button")
    page.wait_for_selector("#live")
    press(page, "start")
    until(lambda: rounds_drawn(page) >= 1, "a round on the curves")
    press(page, "stop")

    open_tab(page, "agent")
    page.reload()
    until(
        lambda: "round" in page.inner_text("#agent [data-figure=price-title]"),
        "the chosen agent's chart",
    )
    page.click("#agent .symbols >> text=MSFT")
    until(
        lambda: page.inner_text("#agent [data-figure=price-title]").startswith(
            "Price of MSFT, round"
        ),
        "the same of another symbol",
    )
    until(
        lambda: page.inner_text("#agent [data-figure=bar-time]").startswith("MSFT, "),
        "the network at another symbol",
    )
    assert page.url.endswith("/agent/?symbol=2")
    page.click("#agent [data-agent-page]")
    page.click("#agent .symbols >> text=AAPL")
    until(
        lambda: page.inner_text("[data-figure=price-title]").startswith("Price of AAPL, round"),
        "the agent's page",
    )
    assert page.evaluate(OVERHANG) <= 0
