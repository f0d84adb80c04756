"""Every door of the API has a rule: nobody without a token or a session, nobody into what is
somebody else's.
"""

import uuid
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from arena.models import ApiToken
from arena.services.people.tokens import token_create, token_revoke
from arena.views.api import auth
from arena.views.api.site import api
from tests.arena import world
from tests.arena.views.api.caller import API, Caller

pytestmark = pytest.mark.django_db


def doors():
    """(method, path) of every operation, as the documentation lists them."""
    paths = api.get_openapi_schema(path_prefix=API)["paths"]
    return [
        (method, path.removeprefix(API)) for path, methods in paths.items() for method in methods
    ]


DOORS = doors()
OF_SOMEBODY = [(method, path) for method, path in DOORS if "{experiment_uuid}" in path]


def asked(caller, method, path):
    """(status, answer) of a call that is right, or the answer would be about its body."""
    body = (
        {"data": {"name": "other"}, "content_type": "application/json"} if method == "patch" else {}
    )
    return caller.call(method, path, **body)


def filled(path, experiment_uuid):
    return (
        path.replace("{experiment_uuid}", str(experiment_uuid))
        .replace("{number}", "2")
        .replace("{market_id}", "1")
    )


@pytest.fixture
def run():
    return world.experiment(world.user())


def test_the_sweep_covers_what_there_is():
    assert len(DOORS) >= 15
    assert len(OF_SOMEBODY) >= 10


@pytest.mark.parametrize(("method", "path"), DOORS)
@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": "Bearer lineage_wrong"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer"},
    ],
)
def test_who_brings_no_valid_token_gets_in_nowhere(client, run, method, path, header):
    answer = getattr(client, method)(API + filled(path, run.uuid), headers=header)

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), OF_SOMEBODY)
def test_what_belongs_to_somebody_else_does_not_exist(run, method, path):
    eve = Caller(world.user("eve"))

    theirs, none = (asked(eve, method, filled(path, place)) for place in (run.uuid, uuid.uuid4()))

    assert theirs == none
    assert theirs[0] == 404


@pytest.mark.parametrize(("method", "path"), OF_SOMEBODY)
def test_the_owner_and_a_superuser_get_in(run, method, path):
    for user in (run.owner, world.user("root", is_superuser=True)):
        # 409: this run was started long ago
        assert asked(Caller(user), method, filled(path, run.uuid))[0] in (200, 202, 409)


def test_a_market_of_somebody_else_cannot_be_run_on(run):
    market = world.market(data_kind="historical", owner=run.owner)
    wanted = {"name": "mine", "market": market.pk, "settings": {"round_bars": 64}}

    assert Caller(world.user("eve")).post("/experiments", wanted)[0] == 404
    assert Caller(run.owner).post("/experiments", wanted)[0] == 201


def test_a_token_ends_with_its_revocation_and_with_its_user(run):
    caller = Caller(run.owner)
    assert caller.get("/markets")[0] == 200

    assert not token_revoke(user=world.user("eve"), token_id=ApiToken.objects.get().pk)
    assert caller.get("/markets")[0] == 200
    assert token_revoke(user=run.owner, token_id=ApiToken.objects.get().pk)
    assert caller.get("/markets")[0] == 401

    caller = Caller(run.owner)
    run.owner.is_active = False
    run.owner.save()
    assert caller.get("/markets")[0] == 401


def test_a_token_is_kept_as_a_hash_alone(run):
    row, secret = token_create(user=run.owner, name="notebook")

    kept = {str(value) for value in ApiToken.objects.values_list().get(pk=row.pk)}
    assert len(secret) > 40
    assert not any(secret in value for value in kept)
    assert secret.startswith(row.begins)


def test_a_session_reads_but_changes_nothing_without_the_token_of_our_own_page(run):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(run.owner)

    assert strict.get(f"{API}/experiments").status_code == 200
    assert strict.post(f"{API}/experiments/{run.uuid}/stop").status_code == 403
    page = strict.get(reverse("tokens")).context["csrf_token"]
    assert (
        strict.post(
            f"{API}/experiments/{run.uuid}/stop", headers={"X-CSRFToken": str(page)}
        ).status_code
        == 200
    )


def test_who_calls_too_often_is_told_when_to_come_back(run, monkeypatch):
    monkeypatch.setattr(auth, "API", replace(auth.API, most=3))
    caller, other = Caller(run.owner), Caller(world.user("eve"))

    statuses = [caller.get("/markets")[0] for _ in range(5)]
    answer = caller.client.get(
        f"{API}/markets", headers={"Authorization": f"Bearer {caller.secret}"}
    )

    assert statuses == [200, 200, 200, 429, 429]
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert other.get("/markets")[0] == 200


def test_the_documentation_asks_for_a_login_and_nothing_from_strangers(client, run):
    for name in ("api:openapi-view", "api:openapi-json"):
        assert client.get(reverse(name)).status_code == 302

    client.force_login(run.owner)
    page = client.get(reverse("api:openapi-view"))

    assert page.status_code == 200
    assert "http://" not in page.content.decode()
    assert "https://" not in page.content.decode()
    assert client.get(reverse("api:openapi-json")).json()["info"]["title"] == "Lineage"
