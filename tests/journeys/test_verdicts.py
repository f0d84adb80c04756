"""The Overview of stored runs of known outcome: the verdict, or the state, is the first heading on
a desk's screen, and nothing has to be scrolled to.
"""

import json
import subprocess
import sys

import pytest
from playwright.sync_api import Page

from tests.arena.views.test_frame import OUTCOMES
from tests.journeys.stage import Site
from tests.journeys.steps import until
from tests.journeys.test_looks import HEIGHT, OVERHANG
from tests.lineage_site.running import environment

# what stored runs are made by, in a process of the site's own database
STORE = """
import json
from django.contrib.auth.models import User
from tests.arena.views.test_frame import OUTCOMES
admin = User.objects.get(username="admin")
print(json.dumps({make.__name__: str(make(admin).uuid) for make in OUTCOMES}))
"""
HEADING = "[data-page=overview] h2"


@pytest.fixture(scope="module")
def stored(site: Site) -> dict[str, str]:
    """{outcome: uuid} of a run for each."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", STORE],
        env=environment(site.folder),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_whatever_came_of_a_run_is_the_first_thing_its_page_says(
    admin: Page, site: Site, stored: dict[str, str]
):
    page, asked = admin, []
    page.on("request", lambda request: asked.append(request.url))
    for make, (_, heading) in OUTCOMES.items():
        page.goto(f"{site.address}experiments/{stored[make.__name__]}/")
        until(lambda: page.locator("#figures dd.value").count() == 4, "the figures")
        first = page.locator(HEADING).first

        assert first.inner_text().strip() == heading, make.__name__
        box = first.bounding_box()
        assert box["y"] + box["height"] < 400, make.__name__
        assert page.evaluate(HEIGHT) <= 0, make.__name__
        assert page.evaluate(OVERHANG) <= 0, make.__name__
    # it stands in the page, and is not worked out twice
    assert [url for url in asked if url.endswith("/answer.json")] == []
