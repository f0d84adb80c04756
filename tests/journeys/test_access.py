"""Every page by the rules of WCAG 2.2 A and AA, as far as axe can ask them: both widths, both
themes.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, StorageState

from tests.journeys.conftest import watched
from tests.journeys.stage import Site
from tests.journeys.steps import judged_run, see_every_chart
from tests.journeys.test_looks import TABS
from tests.journeys.test_nothing_leaves import NAMED

GRAVE = ("moderate", "serious", "critical")
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# each width and each theme in every run, and the other two pairs where there is more time
VIEWS = [
    ("light", DESK),
    ("dark", PHONE),
    *(pytest.param(*pair, marks=pytest.mark.full) for pair in (("light", PHONE), ("dark", DESK))),
]


@pytest.fixture(scope="module")
def axe() -> Axe:
    """The rules, as their makers publish them."""
    return Axe()


@pytest.fixture(scope="module")
def judged(browser: Browser, site: Site, session: StorageState) -> str:
    """Address of an experiment that has ended; all views are of the same."""
    with watched(browser, site, storage_state=session) as page:
        return judged_run(page, site, "Read aloud")


def grave(axe: Axe, page: Page) -> list[str]:
    """What is wrong with a page as it stands: which rule, where, and what would mend it."""
    answer = axe.run(page, options=RULES).response
    return [
        f"{each['id']} ({each['impact']}): {node['target'][0]}: {node['failureSummary']}"
        for each in answer["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]


@pytest.mark.parametrize(("theme", "size"), VIEWS)
def test_axe_finds_nothing_grave_on_any_page(
    axe: Axe, admin: Page, site: Site, judged: str, theme: str, size: dict[str, int]
):
    page, found = admin, []
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size(size)
    drawn = (judged, *(f"{judged}{tab}/" for tab in TABS), f"{judged}agents/1/")
    chosen = f"{judged}lineage/?round=0&agent=1"
    for address in (*drawn, chosen, f"{judged}champion/", *(site.address + name for name in NAMED)):
        page.goto(address, wait_until="networkidle")
        if address in drawn:
            see_every_chart(page)
        found += [f"{address}: {each}" for each in grave(axe, page)]

    assert not found, "\n".join(found)


def test_axe_sees_a_link_without_a_name(axe: Axe, page: Page, site: Site):
    page.goto(f"{site.address}login/")
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<a href=\"#x\"></a>')"
    )

    assert [each.split()[0] for each in grave(axe, page)] == ["link-name"]
