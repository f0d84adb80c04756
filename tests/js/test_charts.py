"""A chart is a row of static/js/figures/charts.js; it is complete when a page has an element for
it, a sample tries it, and a figure draws it.
"""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.tables
ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "static" / "js"
TABLE = next(SCRIPTS.rglob("charts.js"))
ROW = re.compile(r"^  (\w+): \{", re.MULTILINE)
ELEMENT = re.compile(r"<\w+ [^>]*\bclass=\"chart\b[^>]*>")


def rows(path, name):
    """Keys of the object that a script exports by that name."""
    text = path.read_text("utf-8")
    return ROW.findall(text[text.index(f"export const {name} = {{") :])


CHARTS = rows(TABLE, "CHARTS")
PAGES = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for path in sorted((ROOT / "templates").rglob("*.html"))
}


def elements():
    """(page, names of the charts it shows) of every element of the class chart."""
    for page, text in PAGES.items():
        for element in ELEMENT.findall(text):
            named = re.search(r'data-chart="([^"]*)"', element)
            yield page, named[1].split() if named else []


def test_every_chart_has_an_element_on_a_page():
    shown = {name for _, names in elements() for name in names}

    assert sorted(set(CHARTS) - shown) == [], "put it into a template: data-chart names it"


def test_every_element_for_a_chart_names_rows_of_the_table():
    found = list(elements())

    assert len(CHARTS) > 10 and found
    assert [page for page, names in found if not names] == [], "data-chart says what is drawn"
    assert [(page, name) for page, names in found for name in names if name not in CHARTS] == []


def test_every_chart_has_a_sample_to_be_tried_on():
    samples = rows(ROOT / "tests" / "js" / "samples.mjs", "SAMPLES")

    assert sorted(set(CHARTS) - set(samples)) == [], "write one into tests/js/samples.mjs"


def test_every_figure_is_drawn_by_a_row_of_the_table():
    builders = {
        name
        for path in (SCRIPTS / "figures").glob("*.js")
        for name in re.findall(r"export function (\w+Figure)\(", path.read_text("utf-8"))
    }
    drawn = set(re.findall(r"figure: (\w+),", TABLE.read_text("utf-8")))

    assert builders == drawn, f"give it a row in {TABLE.relative_to(ROOT)}"


def test_nothing_but_the_table_builds_a_figure():
    others = [
        path.name
        for path in SCRIPTS.rglob("*.js")
        if path != TABLE and re.search(r"import \{[^}]*\w+Figure\b", path.read_text("utf-8"))
    ]

    assert others == []
