"""Every page on a desk and on a phone, in the light and in the dark: nothing sticks out, nothing
fails, the theme stays chosen.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, StorageState

from tests.journeys.conftest import watched
from tests.journeys.stage import Site
from tests.journeys.steps import (
    DRAWN,
    create_on_file,
    open_tab,
    press,
    rounds_drawn,
    see_every_chart,
    until,
)

WIDTHS = (1440, 390)
NAMED = (
    "experiments/new",
    "experiments/compare",
    "jobs",
    "markets",
    "markets/import",
    "markets/together",
    "tokens",
    "proof",
    "account",
    "account/password",
)
NAMED += ("account/second-factor",)
TABS = ("population", "lineage", "agent", "money", "evidence", "settings")
HEIGHT = "document.documentElement.scrollHeight - document.documentElement.clientHeight"
OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def live(browser: Browser, site: Site, session: StorageState, bitcoin: Path) -> str:
    """Address of an experiment with closed rounds, stopped again; all looks are at the same."""
    with watched(browser, site, storage_state=session) as page:
        create_on_file(
            page,
            site,
            bitcoin,
            name="Looked at",
            population=8,
            rounds=200,
            round_bars=64,
            learning__episodes=1,
        )
        press(page, "start")
        until(lambda: rounds_drawn(page) >= 2, "two rounds on the curves")
        press(page, "stop")
        return page.url


def test_no_page_is_wider_than_its_window(admin: Page, site: Site, live: str):
    page = admin
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for address in (
            site.address,
            *(f"{site.address}{name}/" for name in NAMED),
            live,
            *(f"{live}{tab}/" for tab in TABS),
            f"{live}agents/1/",
        ):
            page.goto(address)

            assert page.evaluate(OVERHANG) <= 0, f"{address} at {width}"


def test_a_chosen_theme_is_kept_on_the_next_page(admin: Page, site: Site):
    page = admin
    page.click("[data-theme-toggle]")
    page.goto(site.address + "experiments/new/")

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.inner_text("[data-theme-name]") == "dark"


def test_an_agent_is_chosen_by_keyboard_and_kept_in_the_address(admin: Page, site: Site, live: str):
    page = admin
    page.goto(f"{live}population/")
    until(lambda: page.locator("#leaderboard tbody button.link").count() > 1, "the leaderboard")
    second = page.locator("#leaderboard tbody button.link").nth(1)
    number = second.inner_text()

    second.focus()
    page.keyboard.press("Enter")

    until(lambda: page.inner_text("#drawer-h") == f"Agent {number}", "the chosen agent")
    assert page.url.endswith(f"/population/?agent={number}")
    assert page.evaluate("document.activeElement.id") == "drawer"

    page.keyboard.press("Escape")
    assert page.is_hidden("#drawer")
    assert page.evaluate("document.activeElement.dataset.agent") == number
    page.keyboard.press("4")
    until(lambda: page.inner_text("#agent-h") == f"Agent {number}", "the same on the tab")
    assert page.url.endswith(f"/agent/?agent={number}")
    page.reload()
    until(lambda: page.inner_text("#agent-h") == f"Agent {number}", "the same by its address")


def test_back_and_forward_step_through_tabs_and_picks(admin: Page, site: Site, live: str):
    page = admin
    page.goto(live)
    stamp = page.evaluate("window.stamp = Math.random()")
    until(lambda: page.locator("#fittest tbody button").count() > 0, "the fittest")
    open_tab(page, "population")
    open_tab(page, "evidence")
    page.go_back()
    page.wait_for_selector("[data-page=population]:not([hidden])")
    page.go_back()
    page.wait_for_selector("[data-page=overview]:not([hidden])")
    number = page.locator("#fittest tbody button").first.inner_text()
    page.locator("#fittest tbody button").first.click()
    assert page.inner_text("[data-chip]") == f"agent {number}"
    page.go_back()

    until(lambda: page.is_hidden(".chosen"), "nobody is chosen")
    page.go_forward()
    until(lambda: page.inner_text("[data-chip]") == f"agent {number}", "the same agent")
    # all of it without loading the page, or losing its line
    assert page.evaluate("window.stamp") == stamp


def test_the_overview_needs_no_scrolling(admin: Page, site: Site, live: str):
    page = admin
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.goto(live)
        until(lambda: rounds_drawn(page) >= 1, "the chart")

        assert page.evaluate(HEIGHT) <= 0, theme
        assert page.evaluate(OVERHANG) <= 0, theme


def test_every_chart_comes_to_be_drawn(admin: Page, site: Site, live: str):
    page = admin
    page.goto(live)
    shown = see_every_chart(page)
    for tab in TABS:
        open_tab(page, tab)
        shown |= see_every_chart(page)
    page.goto(f"{live}agents/1/")
    shown |= see_every_chart(page)

    assert shown >= {"curves", "heatmap", "lineage", "network", "price", "waterfall", "life"}
    assert "relative" in shown


def test_practice_and_competition_are_drawn_side_by_side(admin: Page, site: Site, live: str):
    page = admin
    page.goto(f"{live}population/")
    until(lambda: rounds_drawn(page) >= 1, "the curves")

    page.click("#curve-tabs >> text=Gap")

    def lines():
        return {trace.get("name") for trace in page.evaluate(DRAWN, "curves") or []}

    until(lambda: {"practice", "competition"} <= lines(), "practice and competition")
    # real prices: nobody knows what there was to earn
    assert "best possible" not in lines()
    assert "learned by heart" in page.inner_text("[data-figure=curve-title]")


def test_an_earlier_round_is_shown_again(admin: Page, site: Site, live: str):
    page = admin
    page.goto(f"{live}population/")
    until(lambda: rounds_drawn(page) >= 2, "the curves")

    page.focus(".track")
    page.keyboard.press("Home")
    until(lambda: rounds_drawn(page) == 1, "the first round alone")
    assert page.url.endswith("/population/?round=0")
    page.reload()
    until(lambda: rounds_drawn(page) == 1, "the same by its address")
    page.click("#to-live")

    until(lambda: rounds_drawn(page) > 1, "now")
    assert page.url.endswith("/population/")


def test_the_canary_is_asked_by_a_button_and_answers_in_words(admin: Page, site: Site, live: str):
    page = admin
    for address, who in ((f"{live}evidence/", "All 8 agents"), (f"{live}agents/1/", "Agent 1")):
        page.goto(address)
        page.click("#canary button")

        said = until(
            lambda: page.locator("#canary .note-success, #canary .note-error").all_inner_texts(),
            "the canary's answer",
        )
        assert said[0].startswith(f"Nobody looks ahead. {who} played round ")
