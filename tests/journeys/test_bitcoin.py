"""The main story: a person brings prices, watches a population live on them, steps in, and ends
it.
"""

import re
from pathlib import Path

from playwright.sync_api import Page

from tests.journeys.stage import Site
from tests.journeys.steps import (
    agents_drawn,
    columns_drawn,
    create_on_file,
    interventions,
    open_tab,
    press,
    rounds_drawn,
    state,
    until,
)

POPULATION = 16
# rounds that take about a second, in which no agent dies of scars: the fittest outlives the person
# who opens its page to edit it
SMALL = {
    "population": POPULATION,
    "rounds": 100,
    "round_bars": 256,
    "network__hidden": "64, 64",
    "life__max_scars": 100,
}


def test_a_run_on_bitcoin_is_watched_edited_paused_resumed_and_stopped(
    admin: Page, site: Site, bitcoin: Path
):
    page = admin
    said = create_on_file(page, site, bitcoin, name="Bitcoin by the hour", **SMALL)
    assert "newest" in said.lower()
    assert state(page) == "draft"

    press(page, "start")
    stamp = page.evaluate("window.stamp = Math.random()")
    until(lambda: rounds_drawn(page) >= 2, "two rounds on the Overview")
    rounds = rounds_drawn(page)
    until(lambda: rounds_drawn(page) > rounds, "another round on the Overview")
    open_tab(page, "population")
    columns = until(lambda: columns_drawn(page), "the heatmap")
    until(lambda: columns_drawn(page) > columns, "another round on the heatmap")
    rounds = rounds_drawn(page)
    until(lambda: rounds_drawn(page) > rounds, "another round on the curves")
    open_tab(page, "lineage")
    until(lambda: agents_drawn(page) > POPULATION, "a newborn in the lineage")
    open_tab(page, "overview")
    assert page.evaluate("window.stamp") == stamp

    edits_an_agent(page)
    pauses_resumes_and_stops(page)


def edits_an_agent(page: Page) -> None:
    live = page.url
    # rounds go on meanwhile, and who stands first may die before the edit is saved
    number = until(lambda: saved_edit(page, live), "an edit of an agent that lives")
    page.goto(live)
    text = until(
        lambda: next((row for row in interventions(page) if f"Agent {number}" in row), None),
        "the intervention",
    )
    assert "0.0123" in text

    effective = int(re.search(r"from round (\d+)", text)[1])
    open_tab(page, "overview")
    until(lambda: rounds_drawn(page) > effective, "the round that feels the edit")
    page.goto(f"{live}agents/{number}/")
    assert "0.0123" in page.inner_text(".traits")
    page.goto(live)


def saved_edit(page: Page, live: str) -> str:
    """The agent whose trait was edited; "" where it died first, and the page said so."""
    page.goto(f"{live}population/")
    number = until(
        lambda: page.inner_text("#leaderboard tbody tr:first-child button.link"), "the leaderboard"
    )
    page.goto(f"{live}agents/{number}/")
    until(
        lambda: page.evaluate("document.querySelector('[data-chart=network]').data"),
        "the network of the agent",
    )
    assert page.locator("[data-q] .q-row").count() == 3

    page.click("text=Edit in the admin")
    page.wait_for_selector("#content")
    if not page.locator("[name=learning_rate]").count():
        return ""
    page.fill("[name=learning_rate]", "0.0123")
    page.click("[name=_save]")
    page.wait_for_selector(".messagelist")
    return "" if "plays no more rounds" in page.inner_text(".messagelist") else number


def pauses_resumes_and_stops(page: Page) -> None:
    press(page, "pause")
    until(lambda: state(page) == "paused", "the pause")
    still = rounds_drawn(page)

    press(page, "resume")
    until(lambda: rounds_drawn(page) > max(still, 1), "rounds after the pause")

    press(page, "stop")
    until(lambda: state(page) == "stopped", "the stop")
    assert page.locator("form[data-control]:visible").count() == 0
