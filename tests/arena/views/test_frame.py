"""The page of an experiment: a tab for each part, the same frame around all of them, and an answer
that is that of the API.
"""

import re

import pytest
from django.urls import reverse

from arena.models import Evaluation, Experiment, Judgement, Round
from arena.views.frame import TABS, route_of
from tests.arena import world
from tests.arena.selectors.test_card import judge
from tests.arena.views.api.caller import Caller

pytestmark = pytest.mark.django_db
HEADING = re.compile(r"<h2[^>]*>(.*?)</h2>", re.DOTALL)


def address(row, tab="overview"):
    return reverse(route_of(tab), args=[row.uuid])


def first_heading(text):
    """What the first heading below the name says, without its icon."""
    found = HEADING.search(text)[1]
    return " ".join(re.sub(r"<svg.*?</svg>|<[^>]+>", "", found, flags=re.DOTALL).split())


@pytest.mark.parametrize("tab", TABS)
def test_each_tab_has_an_address_which_shows_it_alone_and_marks_it(browser, ada, tab):
    row = world.experiment(ada)

    text = browser.get(address(row, tab)).content.decode()

    shown = re.findall(r'data-page="(\w+)" aria-label="[^"]+"( hidden)?>', text)
    assert [name for name, hidden in shown if not hidden] == [tab]
    assert [name for name, _ in shown] == list(TABS)
    current = re.findall(r'data-tab-link="(\w+)" aria-current="page"', text)
    assert set(current) == {tab}
    assert f"<title>{TABS[tab]} · a run" in text


def test_a_tab_that_is_none_does_not_exist(browser, ada):
    assert browser.get(f"{address(world.experiment(ada))}wealth/").status_code == 404


def edge(ada):
    row = world.experiment(ada, state="finished")
    judge(row)
    return row


def none(ada):
    row = world.experiment(ada, state="finished")
    judge(row, record={"reused": 4})
    return row


def extinct(ada):
    row = world.experiment(ada, state="extinct")
    columns = {"experiment": row, "after_round": 2, "at": world.NOON, "stretch": "lived"}
    Evaluation.objects.create(subject="buy_and_hold", figures={"return": 0.1}, **columns)
    return row


def ended_early(ada):
    row = world.experiment(ada, state="stopped")
    judge(row, vaulted={"return": 0.05})
    return row


def not_judged(ada):
    row = world.experiment(ada, state="finished")
    columns = {"experiment": row, "after_round": 2, "asked_at": world.NOON}
    Judgement.objects.create(state="failed", reason="its worker died", **columns)
    return row


def failed(ada):
    return world.experiment(ada, state="failed", state_reason="no space left on the disk")


def paused(ada):
    return world.experiment(ada, state="paused")


def created(ada):
    return world.experiment(ada, state="draft", rounds=0)


def waiting(ada):
    return world.experiment(ada, rounds=0)


def running(ada):
    return world.experiment(ada)


# how a run stands -> what the API says of it, what the first heading does
OUTCOMES = {
    edge: ("An edge is shown: ", "An edge is shown"),
    none: ("No edge shown: ", "No edge shown"),
    ended_early: ("No edge shown: ", "No edge shown"),
    extinct: ("No champion: ", "No champion"),
    not_judged: ("The run could not be judged: ", "Not judged"),
    failed: ("Not judged: the run failed", "Round 3 failed"),
    paused: ("Not judged yet: ", "Not judged yet"),
    running: ("Not judged yet: ", "Not judged yet"),
    waiting: ("Not judged yet: ", "Waiting for the first round"),
    created: ("Not judged yet: ", "Nothing has happened yet"),
}


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda make: make.__name__)
def test_the_first_heading_says_what_the_api_says(browser, ada, outcome):
    row = outcome(ada)
    said, heading = OUTCOMES[outcome]

    text = browser.get(address(row)).content.decode()

    _, card = Caller(ada).get(f"/experiments/{row.uuid}/champion")
    assert card["verdict"].startswith(said)
    assert first_heading(text) == heading
    assert f'data-state="{row.state}"' in text


def test_the_answer_comes_as_json_with_what_mattered(browser, ada):
    row = edge(ada)
    Round.objects.filter(experiment=row, index=1).update(
        diversity={"alarms": ["lineages"], "lineages": 1.4}
    )

    columns = browser.get(reverse("experiment_answer", args=[row.uuid])).json()

    assert (columns["heading"], len(columns["figures"])) == ("An edge is shown", 4)
    assert [(each["kind"], each["round"]) for each in columns["events"]] == [("alarm", 1)]


def test_the_settings_of_a_run_stand_on_its_page_with_what_was_changed(browser, ada):
    row = world.experiment(ada)

    text = browser.get(address(row, "settings")).content.decode()

    assert "default 64" in text
    assert row.market.sha256 in text
    assert "It was made anew, from no other experiment." in text


def test_a_run_takes_as_few_queries_however_many_rounds_it_has(
    browser, ada, django_assert_max_num_queries
):
    row = world.experiment(ada, rounds=3)
    browser.get(reverse("terms"))
    Experiment.objects.filter(pk=row.pk).update(rounds_done=3)

    with django_assert_max_num_queries(25):
        browser.get(address(row))
