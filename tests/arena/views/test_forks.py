"""The page that forks, and what a fork's own page shows."""

import orjson
import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from arena.models import Experiment
from tests.arena import world
from tests.arena.runs import draft, finished_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def original():
    row = finished_once()
    row.owner = world.user()
    row.save()
    return row


@pytest.fixture
def browser(client, original):
    client.force_login(original.owner)
    return client


def address(name, experiment):
    return reverse(name, args=[experiment.uuid])


def filled(browser, original, **changes):
    """The form as the page shows it, with some fields changed."""
    form = browser.get(address("experiment_fork", original)).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    return {
        name: value
        for name, value in (shown | changes).items()
        if value is not None and value is not False
    }


def test_the_page_offers_the_rounds_whose_memories_are_kept_and_no_setting_that_must_stay(
    browser, original
):
    response = browser.get(address("experiment_fork", original))

    form = response.context["form"]
    assert [value for value, _ in form.fields["after_round"].choices] == [3, 0]
    assert b"can begin after rounds 0, 3: of the others" in response.content
    assert {"costs__fee", "learning__learning_rate", "evolution__turnover", "rounds"} <= set(
        form.fields
    )
    assert not {
        "population",
        "seed",
        "round_bars",
        "market__kind",
        "network__kind",
        "learning__replay",
    } & set(form.fields)
    assert form["evolution__turnover"].value() == 0.2


def test_a_form_left_as_it_is_makes_a_fork_without_a_change(browser, original):
    response = browser.post(address("experiment_fork", original), filled(browser, original))

    fork = Experiment.objects.latest("pk")
    assert response.headers["Location"] == address("experiment_live", fork)
    assert (fork.forked_from, fork.forked_after, fork.forked_changes, fork.owner) == (
        original,
        3,
        {},
        original.owner,
    )


def test_a_changed_form_makes_a_fork_that_shows_its_difference_and_its_original(browser, original):
    browser.post(
        address("experiment_fork", original),
        filled(browser, original, name="higher fee", after_round=0, costs__fee=0.02),
    )

    fork = Experiment.objects.latest("pk")
    shown = browser.get(address("experiment_live", fork)).content.decode()
    answer = orjson.loads(browser.get(address("experiment_whatif", fork)).content)
    assert (fork.name, fork.forked_after, fork.forked_changes) == (
        "higher fee",
        0,
        {"costs.fee": [0.001, 0.02]},
    )
    assert (
        address("experiment_live", original) in shown
        and address("experiment_whatif", fork) in shown
    )
    assert '<th scope="row">costs.fee</th><td>0.001</td><td>0.02</td>' in shown
    assert (answer["after"], answer["original"]["name"]) == (0, original.name)


def test_a_value_out_of_range_stands_beside_its_field(browser, original):
    response = browser.post(
        address("experiment_fork", original),
        filled(browser, original, costs__fee=7, rounds=2, after_round=3),
    )

    assert response.status_code == 400
    assert "0 to 0.05" in str(response.context["form"].errors["costs__fee"])
    assert Experiment.objects.count() == 1


def test_too_few_rounds_are_refused_with_the_least(browser, original):
    response = browser.post(
        address("experiment_fork", original), filled(browser, original, rounds=4)
    )

    assert "must be at least 5" in str(response.context["form"].errors["rounds"])


def test_an_experiment_without_a_closed_round_cannot_be_forked_and_has_no_comparison(
    browser, original
):
    empty = draft(owner=original.owner)

    response = browser.get(address("experiment_fork", empty))

    assert response.status_code == 302
    assert "cannot be forked yet" in str(next(iter(get_messages(response.wsgi_request))))
    assert browser.get(address("experiment_whatif", empty)).status_code == 409


@pytest.mark.parametrize("name", ["experiment_fork", "experiment_whatif"])
def test_somebody_elses_experiment_does_not_exist(client, original, name):
    client.force_login(world.user("eve"))

    assert client.get(address(name, original)).status_code == 404
