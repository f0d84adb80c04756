"""The champion's page, and its null worlds by one click."""

import pytest
from django.urls import reverse

from arena.models import Judgement, NullWorld
from arena.work.kinds import JUDGEMENT, NULL_WORLD
from tests.arena import world
from tests.arena.selectors.test_card import judge
from tests.arena.turns import waiting

pytestmark = pytest.mark.django_db


def address(row, name="experiment_champion"):
    return reverse(name, args=[row.uuid])


def test_the_page_states_the_verdict_and_links_every_word_to_its_definition(browser, ada):
    row = world.experiment(ada, state="finished")
    judge(row, record={"above_luck": 0.1})

    text = browser.get(address(row)).content.decode()

    assert "No edge shown: agent 2 is the champion" in text
    for line in (
        "psr",
        "luck",
        "dsr",
        "mintrl",
        "pbo",
        "bootstrap",
        "null-worlds",
        "looks",
        "vault",
        "trials",
    ):
        assert f"{reverse('terms')}#{line}" in text
    assert text.count("mean reversion") >= 4


def test_before_the_end_there_is_a_page_without_a_champion(browser, ada):
    text = browser.get(address(world.experiment(ada))).content.decode()

    assert "No champion yet" in text
    assert "null worlds" not in text.lower().replace("null-worlds", "")


def test_what_could_not_be_judged_says_why_and_one_click_tries_again(
    browser, ada, django_capture_on_commit_callbacks
):
    row = world.experiment(ada, state="finished")
    fields = {"experiment": row, "after_round": 2, "asked_at": world.NOON}
    judgement = Judgement.objects.create(
        state="failed", reason="it was tried 3 times, each time its worker died", **fields
    )

    text = browser.get(address(row)).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(address(row, "experiment_judge"), follow=True).content.decode()

    assert '<h1 id="verdict-h">Not judged</h1>' in text
    assert "The run could not be judged: it was tried 3 times, each time its worker died." in text
    assert address(row, "experiment_judge") in text
    assert "a run is being judged again." in answer
    assert waiting(experiment=row.pk, subject=judgement.pk) == [JUDGEMENT]
    text = browser.get(address(row)).content.decode()
    assert (
        "The run has ended, and is being judged now." in text
        and address(row, "experiment_judge") not in text
    )


def test_the_card_comes_as_json_too(browser, ada):
    row = world.experiment(ada, state="finished")
    judge(row)

    found = browser.get(address(row, "experiment_card")).json()

    assert (found["agent"], found["edge"], found["null_worlds"]) == (2, True, None)


def test_one_click_asks_for_null_worlds_and_tells_the_workers(
    browser, ada, django_capture_on_commit_callbacks
):
    row = world.experiment(ada, state="finished")
    judge(row)

    with django_capture_on_commit_callbacks(execute=True):
        response = browser.post(address(row, "experiment_nulls"), follow=True)

    assert NullWorld.objects.filter(experiment=row).count() == 20
    assert waiting(experiment=row.pk) == [NULL_WORLD] * NullWorld.objects.count()
    assert "20 null worlds: the workers run" in response.content.decode()


def test_those_that_failed_are_tried_again_by_one_click(browser, ada):
    row = world.experiment(ada, state="finished")
    judge(row)
    NullWorld.objects.create(
        experiment=row, index=0, state="done", reason="OSError: odd", asked_at=world.NOON
    )
    assert "Try the 1 that failed again" in browser.get(address(row)).content.decode()

    answer = browser.post(address(row, "experiment_nulls_again"), follow=True).content.decode()

    assert "1 null worlds are tried again" in answer
    assert waiting(experiment=row.pk) == [NULL_WORLD]
    assert (
        "no null world of a run has failed"
        in browser.post(address(row, "experiment_nulls_again"), follow=True).content.decode()
    )


def test_the_rest_can_be_cancelled(browser, ada):
    row = world.experiment(ada, state="finished")
    judge(row)
    browser.post(address(row, "experiment_nulls"))

    response = browser.post(address(row, "experiment_nulls_cancel"), follow=True)

    assert not NullWorld.objects.exists()
    assert "20 null worlds were cancelled" in response.content.decode()


def test_what_cannot_be_asked_is_said(browser, ada):
    row = world.experiment(ada)

    assert (
        "finished experiment"
        in browser.post(address(row, "experiment_nulls"), follow=True).content.decode()
    )
    assert browser.get(address(row, "experiment_nulls")).status_code == 405


def test_nobody_sees_the_champion_of_somebody_else(browser):
    row = world.experiment(world.user("bob"), state="finished")

    for name in ("experiment_champion", "experiment_card"):
        assert browser.get(address(row, name)).status_code == 404
    for name in ("experiment_nulls", "experiment_nulls_cancel"):
        assert browser.post(address(row, name)).status_code == 404


def test_the_live_page_leads_to_the_card(browser, ada):
    row = world.experiment(ada, state="finished")

    text = browser.get(address(row, "experiment_live")).content.decode()

    assert address(row) in text
    assert address(row, "experiment_card") in text
