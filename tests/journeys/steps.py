"""The steps of which stories are made: what a person does on the pages, and what they then see."""

import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests.journeys.stage import Site

DRAWN = (
    "id => { const chart = document.getElementById(id); return chart && chart.data ? chart.data :"
    " null; }"
)
PATIENCE = 90.0
# first headings of a run whose champion was judged
VERDICTS = ("No edge shown", "An edge is shown")
# of what has an element in sight on the page: is there a figure in it?
CHARTS = (
    "() => Object.fromEntries([...document.querySelectorAll('[data-chart]')]"
    ".filter(chart => !chart.closest('[hidden]'))"
    ".map(chart => [chart.dataset.chart, Boolean(chart.data)]))"
)
# charts of which each has a place for every closed round, on whatever tab
OF_ROUNDS = ("relative", "curves")


def until(seen: Callable[[], object], what: str, seconds: float = PATIENCE) -> object:
    """Waits until `seen()` is true and returns it; AssertionError naming `what` after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := seen():
            return found
        time.sleep(0.2)
    raise AssertionError(f"not seen within {seconds:.0f} seconds: {what}")


def create_on_file(page: Page, site: Site, path: Path, *, name: str, **fields: int) -> str:
    """Fills the form, uploads the file, reads the preview and sends it; returns what the preview
    said.
    """
    page.goto(site.address + "experiments/new/")
    page.fill("[name=name]", name)
    page.select_option("[name=market__kind]", "file")
    page.set_input_files("[name=upload]", str(path))
    until(lambda: page.locator("#preview table").count(), "the preview of the file")
    said = page.inner_text("#preview")
    send_form(page, **fields)
    return said


def create_simulated(page: Page, site: Site, *, name: str, **fields: int) -> None:
    """Fills the form for a sine wave and sends it."""
    page.goto(site.address + "experiments/new/")
    page.fill("[name=name]", name)
    page.select_option("[name=market__kind]", "sine")
    send_form(page, **fields)


def send_form(page: Page, **fields: int) -> None:
    """Opens all sections, fills the fields and sends the form of a new experiment."""
    for details in page.locator("details.section").all():
        details.evaluate("element => { element.open = true; }")
    for field, value in fields.items():
        page.fill(f"[name={field}]", str(value))
    page.click(".submit button")
    page.wait_for_selector("#live")


def press(page: Page, control: str) -> None:
    """One of start, pause, resume, stop; a question is answered with yes."""
    page.once("dialog", lambda dialog: dialog.accept())
    page.click(f"form[data-control={control}] button")
    page.wait_for_selector("#live")


def judged_run(page: Page, site: Site, name: str) -> str:
    """Address of a small simulated experiment of that name, played to its end and judged."""
    create_simulated(
        page, site, name=name, population=4, rounds=2, round_bars=64, learning__episodes=1
    )
    press(page, "start")
    until(lambda: state(page) == "finished", "the end")
    until(lambda: page.inner_text("#answer-h") in VERDICTS, "the verdict")
    return page.url


def state(page: Page) -> str:
    """What the page says of the experiment's state: running, paused …"""
    return page.get_attribute(".strip .pill", "data-state")


def see_every_chart(page: Page) -> set[str]:
    """Scrolls to each chart in sight and waits until all are drawn; their names."""
    for chart in page.locator("[data-chart]:visible").all():
        chart.scroll_into_view_if_needed()
        name = chart.get_attribute("data-chart")
        until(lambda name=name: page.evaluate(CHARTS)[name], f"the chart {name} on {page.url}")
    return {name for names in page.evaluate(CHARTS) for name in names.split()}


def rounds_drawn(page: Page) -> int:
    """Rounds on the chart of the tab that is open: the Overview's, or the learning curves."""
    charts = [page.evaluate(DRAWN, name) or [] for name in OF_ROUNDS if is_shown(page, name)]
    return max((len(trace["x"]) for traces in charts for trace in traces), default=0)


def is_shown(page: Page, chart: str) -> bool:
    """Whether a chart is on the tab that is open."""
    return page.locator(f"#{chart}:visible").count() > 0


def open_tab(page: Page, name: str) -> None:
    """Opens a tab of an experiment by its link, without loading the page again."""
    page.click(f".tab-links [data-tab-link={name}]")
    page.wait_for_selector(f"[data-page={name}]:not([hidden])")


def columns_drawn(page: Page) -> int:
    """Rounds on the heatmap, by the edges of their columns."""
    traces = page.evaluate(DRAWN, "heatmap") or [{"x": []}]
    return max(len(traces[0]["x"]) - 1, 0)


def agents_drawn(page: Page) -> int:
    """Nodes of the lineage."""
    traces = page.evaluate(DRAWN, "lineage") or []
    return max((len(trace.get("customdata") or []) for trace in traces), default=0)


def interventions(page: Page) -> list[str]:
    """The list of interventions, newest first, as text."""
    open_tab(page, "settings")
    return page.locator("#interventions .event").all_inner_texts()
