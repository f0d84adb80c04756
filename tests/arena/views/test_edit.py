"""An owner changes a living agent from its page: one trait, a reason, and what was seen."""

import pytest
from django.db import models
from django.urls import reverse

from agents.models import Agent
from arena.models import Experiment, Intervention
from arena.services.audit.run import experiment_audit
from tests.arena import world
from tests.arena.runs import finished, tiny

pytestmark = pytest.mark.django_db
REASON = "it explores too little"


@pytest.fixture
def run(ada):
    return world.experiment(ada, state="paused")


def address(run, number=2):
    return reverse("agent_edit", args=[run.uuid, number])


def change(browser, run, number=2, **given):
    values = {"field": "epsilon", "value": "0.25", "reason": REASON, "version": 0} | given
    return browser.post(address(run, number), values)


def test_what_can_be_changed_is_said_with_its_bounds(browser, run):
    given = browser.get(address(run)).json()

    assert given["version"] == 0
    epsilon = next(each for each in given["fields"] if each["name"] == "epsilon")
    assert (epsilon["value"], epsilon["low"], epsilon["high"]) == (0.5, 0.01, 0.9)


def test_a_change_is_made_once_with_its_reason_and_tells_from_when(browser, run):
    answer = change(browser, run)

    assert answer.json() == {"text": "Changed; it is felt from round 3 on."}
    assert Agent.objects.get(experiment=run, number=2).epsilon == 0.25
    [row] = Intervention.objects.filter(experiment=run)
    assert (row.field, row.before, row.after, row.reason) == ("epsilon", "0.5", "0.25", REASON)
    assert change(browser, run, version=1).json() == {"text": "It has that value already."}


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"reason": " "}, 400, "Say in a few words why"),
        ({"field": "trust"}, 400, "Select a valid choice"),
        ({"value": "much"}, 400, "Enter a number"),
        ({"value": "0.95"}, 409, "epsilon must lie between 0.01 and 0.9"),
        ({"version": 5}, 409, "was edited by somebody else meanwhile"),
        ({"number": 1}, 409, "plays no further round"),
    ],
)
def test_what_is_not_allowed_changes_nothing_and_says_why(browser, run, given, status, words):
    answer = change(browser, run, **given)

    assert (answer.status_code, words in answer.json()["error"]) == (status, True)
    assert not Intervention.objects.exists()


def test_who_only_looks_on_is_offered_no_form(client, browser, run):
    page = browser.get(reverse("experiment_agent", args=[run.uuid])).content.decode()
    client.force_login(world.user("eve"))

    assert "data-edit-url" in page
    assert client.get(address(run)).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_reason_is_sealed(client, ada):
    run = finished(tiny(rounds=3))
    Experiment.objects.filter(pk=run.pk).update(owner=ada, state="paused", rounds_planned=9)
    agent = Agent.objects.filter(experiment=run, state="active").first()
    client.force_login(ada)
    assert change(client, run, agent.number).status_code == 200

    models.QuerySet(Intervention).filter(experiment=run).update(reason="another one")

    assert any("epsilon" in problem for _, problem in experiment_audit(experiment=run))
