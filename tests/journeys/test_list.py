"""Several seeds in one form, watched in the list until they are judged, then side by side."""

from playwright.sync_api import Page

from tests.journeys.stage import Site
from tests.journeys.steps import see_every_chart, until

SMALL = {"population": 4, "rounds": 2, "round_bars": 64, "seed": 3, "seeds": 2}


def test_seeds_are_followed_in_the_list_and_compared(admin: Page, site: Site):
    page = admin
    page.goto(f"{site.address}experiments/new/")
    page.fill("[name=name]", "Two seeds")
    page.select_option("[name=market__kind]", "sine")
    for name, value in SMALL.items():
        page.fill(f"[name={name}]", str(value))
    page.click(".submit button")
    group = page.locator("tr.group", has_text="Two seeds")
    key = group.get_attribute("data-group")
    # without a script the bar is always there; with one it waits for a tick
    page.wait_for_selector("#deeds", state="hidden")
    page.click(f"[data-all='{key}']")
    page.click("button[value=start]")

    page.wait_for_selector("#deeds", state="hidden")
    stamp = page.evaluate("window.stamp = Math.random()")
    members = page.locator(f"tr[data-of='{key}']")
    page.locator(f"[data-fold='{key}']").click()
    until(
        lambda: all("edge shown" in text for text in members.all_inner_texts()),
        "both verdicts in the list",
    )
    assert [pill.inner_text() for pill in members.locator(".pill").all()] == ["finished"] * 2
    # all of it over the line, without loading the page
    assert page.evaluate("window.stamp") == stamp

    page.click(f"[data-all='{key}']")
    page.click("[data-compare]")
    assert page.inner_text("h1") == "Compare 2 experiments"
    assert "different prices" in page.inner_text(".note-warning")
    assert see_every_chart(page) == {"compared", "spans"}
    assert page.locator(".results tbody tr").count() == 2
