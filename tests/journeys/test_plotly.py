"""The charts' library draws every trace of our figures as what it is.

It holds parts of plotly.js alone, and draws a trace whose part it lacks as scatter, without a word.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "http://lineage.test"
KINDS = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
}
PAGE = '<!doctype html><script src="/static/vendor/plotly/plotly.min.js"></script><div id="chart">'
# [name, types asked for, types that plotly made of them] of every chart
DRAWN = """async () => {
    const { CHARTS } = await import("/static/js/figures/charts.js");
    const { palette, SAMPLES } = await import("/tests/js/samples.mjs");
    const chart = document.getElementById("chart");
    const drawn = [];
    for (const [name, row] of Object.entries(CHARTS)) {
        const given = { ...SAMPLES[name].drawn, palette };
        const { data, layout } = row.figure(...row.reads.map((key) => given[key]));
        await Plotly.newPlot(chart, data, layout);
        const asked = data.map((trace) => trace.type ?? "scatter");
        drawn.push([name, asked, chart._fullData.map((trace) => trace.type)]);
    }
    return drawn;
}"""


def serve(route: Route) -> None:
    """A file of the repository, or an empty page with the library."""
    path = ROOT / route.request.url.removeprefix(ADDRESS).lstrip("/")
    if path == ROOT:
        route.fulfill(body=PAGE, content_type="text/html")
    elif path.suffix in KINDS:
        route.fulfill(body=path.read_bytes(), content_type=KINDS[path.suffix])
    else:
        route.fulfill(status=404)


@pytest.fixture
def blank(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.route("**/*", serve)
    page.goto(ADDRESS)
    yield page
    page.close()


def test_every_trace_of_every_chart_keeps_its_type(blank: Page):
    drawn = blank.evaluate(DRAWN)

    assert len(drawn) > 10
    assert [(name, asked, made) for name, asked, made in drawn if asked != made] == []


def test_every_type_that_a_figure_names_is_among_those_tried(blank: Page):
    scripts = "".join(path.read_text() for path in (ROOT / "static/js/figures").glob("*.js"))
    named = set(re.findall(r'\btype: "(\w+)"', scripts))
    no_traces = {"rect", "line", "path", "data", "date", "log", "linear", "category"}

    tried = {kind for _, asked, _ in blank.evaluate(DRAWN) for kind in asked}

    assert named - no_traces <= tried
