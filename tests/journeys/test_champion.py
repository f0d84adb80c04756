"""A run ends with a champion card: read on the live page, followed to its definitions, and set
against null worlds by one click.
"""

from pathlib import Path

from playwright.sync_api import Page

from tests.journeys.stage import Site
from tests.journeys.steps import VERDICTS, create_on_file, open_tab, press, state, until
from tests.journeys.test_looks import HEIGHT, OVERHANG, WIDTHS

TINY = {"population": 8, "rounds": 2, "round_bars": 64, "learning__episodes": 1}


def test_the_champion_is_judged_in_words_and_ranked_among_null_worlds(
    admin: Page, site: Site, bitcoin: Path
):
    page = admin
    create_on_file(page, site, bitcoin, name="To its end", **TINY)
    press(page, "start")
    until(lambda: state(page) == "finished", "the end")
    said = until(
        lambda: (text := page.inner_text("#answer-h")) in VERDICTS and text,
        "the verdict as the first heading",
    )
    # without the word on what the last click came to
    page.reload()
    until(lambda: page.locator("#checks li").count() == 5, "the questions")
    assert page.inner_text("#answer-h") == said
    assert page.evaluate(HEIGHT) <= 0, "the Overview of a judged run is taller than a screen"
    open_tab(page, "evidence")
    until(lambda: page.locator("#card-lines > div").count() >= 10, "the lines of the card")
    verdict = page.inner_text("#verdict")
    assert verdict.startswith(said)
    # champion, median agent, committee, the rules that a long or flat experiment has, lines of
    # algebra
    until(
        lambda: page.locator("#evidence tbody tr").count() == 11, "all who are judged, side by side"
    )

    page.click("#champion-link")
    assert page.inner_text(".verdict") == verdict
    page.click("text=Run 20 null worlds")
    until(
        lambda: page.locator("#nulls .points path").count() > 0,
        "the first null worlds on the chart",
    )
    card = page.url
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(card)
        assert page.evaluate(OVERHANG) <= 0, f"{card} at {width}"

    page.click("dl.card-lines a >> text=Deflated Sharpe ratio")
    assert page.url.endswith("/terms/#dsr")
    assert page.evaluate(OVERHANG) <= 0
    page.goto(card)
    until(
        lambda: (
            "p = " in page.inner_text("dl.card-lines")
            or page.locator("[data-working]").is_visible()
        ),
        "the null worlds' work",
    )
