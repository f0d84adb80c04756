"""Every door has a rule: nobody gets in without a login, and nobody into what belongs to somebody
else.
"""

import uuid

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from arena import urls
from tests.arena import world

pytestmark = pytest.mark.django_db
OPEN = {"login", "logout"}
JSON = {
    "experiment_snapshot",
    "agent_edit",
    "experiment_lives",
    "experiment_bands",
    "experiment_canary",
    "agent_canary",
    "agent_network",
    "agent_market",
    "market_preview",
    "experiment_whatif",
}
JSON |= {
    "agent_now",
    "job_rows",
    "market_candles",
    "market_growth",
    "basket_common",
    "market_quote",
    "import_state",
    "experiment_room",
    "experiment_card",
    "experiment_answer",
    "experiment_waterfall",
}
POSTED = {
    "experiment_nulls",
    "experiment_nulls_cancel",
    "agent_now",
    "market_quote",
    "import_update",
    "import_cancel",
    "import_resume",
}
POSTED |= {
    "market_preview",
    "market_upload",
    "basket_common",
    "market_accept",
    "experiment_room",
    "experiment_again",
    "experiment_judge",
    "experiment_nulls_again",
    "experiment_start",
    "experiment_pause",
    "experiment_resume",
    "experiment_stop",
    "experiment_clone",
}
NAMES = [pattern.name for pattern in urls.urlpatterns]
OF_SOMEBODY = [
    pattern.name for pattern in urls.urlpatterns if "experiment_uuid" in pattern.pattern.converters
]


def call(client, name, address):
    return client.post(address) if name in POSTED else client.get(address)


def address(name, experiment_uuid, number=2):
    pattern = next(pattern for pattern in urls.urlpatterns if pattern.name == name)
    known = {
        "experiment_uuid": experiment_uuid,
        "number": number,
        "market_id": 1,
        "import_uuid": experiment_uuid,
    }
    return reverse(name, kwargs={key: known[key] for key in pattern.pattern.converters})


@pytest.fixture
def run():
    return world.experiment(world.user())


def test_every_address_of_the_arena_is_in_this_sweep():
    assert len(NAMES) == len(set(NAMES)) == len(urls.urlpatterns)
    assert set(NAMES) <= set(get_resolver().reverse_dict)


@pytest.mark.parametrize("name", sorted(set(NAMES) - OPEN))
def test_who_is_not_logged_in_gets_in_nowhere(client, run, name):
    response = call(client, name, address(name, run.uuid))

    if name in JSON:
        assert response.status_code == 403
    else:
        assert response.status_code == 302
        assert response.url.startswith(reverse("login"))


@pytest.mark.parametrize("name", OF_SOMEBODY)
def test_what_belongs_to_somebody_else_does_not_exist(client, run, name):
    client.force_login(world.user("eve"))

    theirs, none = (call(client, name, address(name, place)) for place in (run.uuid, uuid.uuid4()))

    assert theirs.status_code == none.status_code == 404


@pytest.mark.parametrize("name", OF_SOMEBODY)
def test_an_account_that_was_closed_gets_in_nowhere(client, run, name):
    client.force_login(run.owner)
    run.owner.is_active = False
    run.owner.save()

    assert call(client, name, address(name, run.uuid)).status_code in (302, 403)


@pytest.mark.parametrize("name", OF_SOMEBODY)
def test_the_owner_and_a_superuser_get_in(client, run, name):
    for user in (run.owner, world.user("root", is_superuser=True)):
        client.force_login(user)

        # 409: this made-up run keeps no weights, and is no fork
        assert call(client, name, address(name, run.uuid)).status_code in (200, 302, 409)


def test_an_agent_is_found_by_its_number_within_its_experiment_alone(client, run):
    client.force_login(run.owner)

    assert client.get(address("agent_page", run.uuid, 7)).status_code == 200
    assert client.get(address("agent_page", run.uuid, 8)).status_code == 404


@pytest.mark.parametrize("name", sorted(POSTED))
def test_nothing_is_changed_without_the_token_of_our_own_page(run, name):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(run.owner)

    assert call(strict, name, address(name, run.uuid)).status_code == 403
