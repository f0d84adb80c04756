"""Every address of the site, tried by everybody: the list is the URL table itself, what is expected
stands in `table`.
"""

import re
from http.cookies import SimpleCookie

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import RequestFactory
from django.urls import reverse

from arena.prices.files.errors import FeedError
from arena.views.api import markets
from arena.views.api.site import api
from lineage_site.celery import app
from lineage_site.web import health
from tests.doors import table, visitors
from tests.doors.table import IN, LOGIN, NO, NOTHING, PEOPLE, WHO

pytestmark = pytest.mark.django_db
API = "/api/v1"
OF_MODEL = re.compile(r"admin/(\w+)/(\w+)/(?:(\w+)/$|<path:object_id>/(?:(\w+)/)?$|$)")


@pytest.fixture(autouse=True)
def _unlimited(settings, monkeypatch):
    settings.LIMITS = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for part in health.CHECKS:
        monkeypatch.setitem(health.CHECKS, part, lambda: True)


@pytest.fixture
def stage():
    return visitors.stage()


def pages():
    """(name, pattern) of all but the API's own operations, which have a table of their own."""
    return [
        (name, place)
        for name, place in visitors.routes()
        if not name.startswith("api:") or name in table.ROUTES
    ]


def row_of(name, place):
    """(methods, expected by kind), None where there is no such row."""
    if name in table.ROUTES:
        return table.ROUTES[name]
    found = OF_MODEL.fullmatch(place)
    if not found or f"{found[1]}.{found[2]}" not in table.MODELS:
        return None
    may, verb = table.MODELS[f"{found[1]}.{found[2]}"], found[3] or found[4]
    if "<path" in place and verb is None:
        # an address of old, which leads to the row's own
        return "GET", table.STAFFS
    granted = verb in (None, "change", "history") or verb in may
    return "GET", table.GRANTED if granted else table.REFUSED


def filled(place, values, pk):
    path = re.sub(
        r"<(?:\w+:)?(\w+)>",
        lambda found: str(pk if found[1] == "object_id" and pk else values[found[1]]),
        place,
    )
    return f"/{path}"


def first_row(name, place):
    """A row that the admin's page of a model could be about; None where the stage has none of the
    model.
    """
    found = OF_MODEL.fullmatch(place) if name not in table.ROUTES else None
    row = apps.get_model(found[1], found[2])._base_manager.order_by("pk").first() if found else None
    return row.pk if row else None


def read(answer):
    """What an answer says to a visitor."""
    if answer.status_code == 302 and answer.url.partition("?")[0] in (
        reverse("login"),
        reverse("admin:login"),
    ):
        return LOGIN
    said = {401: WHO, 404: NOTHING}
    if answer.status_code == 403:
        return WHO if b"log in first" in answer.content else NO
    return said.get(
        answer.status_code, IN if answer.status_code not in (405, 500) else answer.status_code
    )


def tried(client, method, path, **how):
    """The answer, of which nothing stays: no row, and no cookie."""
    cookies = client.cookies.output()
    with transaction.atomic():
        answer = getattr(client, method.lower())(path, **how)
        transaction.set_rollback(True)
    client.cookies = SimpleCookie()
    client.cookies.load(cookies.replace("Set-Cookie: ", ""))
    return answer


@pytest.mark.tables
def test_every_address_has_a_row_and_every_row_an_address():
    known = visitors.routes()
    without = sorted({name for name, place in pages() if row_of(name, place) is None})

    assert without == [], f"write a row into tests/doors/table.py for {', '.join(without)}"
    assert sorted(set(table.ROUTES) - {name for name, _ in known}) == []


@pytest.mark.tables
def test_every_model_of_the_admin_has_a_row_and_every_row_a_model():
    assert {model._meta.label_lower for model in admin.site._registry} == set(table.MODELS)


@pytest.mark.slow
def test_everybody_gets_in_where_they_may_and_nowhere_else(stage):
    clients = {kind: stage.browser(kind) for kind in PEOPLE}
    stage.users["inactive"].__class__.objects.filter(pk=stage.users["inactive"].pk).update(
        is_active=False
    )
    wrong = []

    for name, place in pages():
        methods, expected = row_of(name, place)
        pk = first_row(name, place)
        path = table.PATHS.get(name) or filled(place, stage.values, pk)
        for method in methods.split():
            said = {kind: read(tried(client, method, path)) for kind, client in clients.items()}
            wrong += [
                f"{name} {method}: {kind} {said[kind]}, not {expected[kind]}"
                for kind in PEOPLE
                if said[kind] != expected[kind]
            ]

    assert wrong == []


def operations():
    paths = api.get_openapi_schema(path_prefix=API)["paths"]
    return [
        f"{method.upper()} {path.removeprefix(API)}"
        for path, methods in paths.items()
        for method in methods
    ]


@pytest.mark.tables
def test_every_operation_of_the_api_has_a_row_and_every_row_an_operation():
    assert sorted(set(operations()) ^ set(table.OPERATIONS)) == []


def call(client, operation, values, **headers):
    method, path = operation.split()
    path = API + re.sub(r"{(\w+)}", lambda found: str(values[found[1]]), path)
    body = (
        {"data": table.BODIES[operation], "content_type": "application/json"}
        if operation in table.BODIES
        else {}
    )
    if operation in ("POST /markets", "POST /markets/preview"):
        body = {"data": {"file": SimpleUploadedFile("prices.csv", b"time,open,high,low,close\n")}}
    return read(tried(client, method, path, headers=headers, **body))


def bearer(secret):
    return {"authorization": f"Bearer {secret}"}


def no_prices(*_, **__):
    """What is behind the doors of files costs a process each."""
    raise FeedError("these are no prices")


@pytest.mark.slow
def test_a_token_opens_what_it_is_good_for_and_a_session_what_its_user_may(stage, monkeypatch):
    for costly in ("market_upload", "read_confined"):
        monkeypatch.setattr(markets, costly, no_prices)
    tokens, bad = stage.tokens(), stage.bad_tokens()
    clients = {kind: stage.browser(kind) for kind in PEOPLE}
    stage.users["inactive"].__class__.objects.filter(pk=stage.users["inactive"].pk).update(
        is_active=False
    )
    anonymous = stage.browser("anonymous")
    wrong = []

    for operation, (scope, owned) in table.OPERATIONS.items():
        mine = {"owner", "superuser"}
        said = {
            why: (call(anonymous, operation, stage.values, **bearer(secret)), WHO)
            for why, secret in bad.items()
        }
        for kind, client in clients.items():
            ours = (
                WHO
                if kind in ("anonymous", "inactive")
                else IN
                if not owned or kind in mine
                else NOTHING
            )
            said[kind] = (call(client, operation, stage.values), ours)
        for whose, (secret, scopes) in tokens.items():
            there = not owned or whose.partition("'")[0] in mine
            said[whose] = (
                call(anonymous, operation, stage.values, **bearer(secret)),
                NOTHING if not there else IN if scope in scopes else NO,
            )
        wrong += [
            f"{operation}: {who} {got}, not {due}" for who, (got, due) in said.items() if got != due
        ]

    assert wrong == []


def test_actions_on_chosen_rows_are_there_for_staff_with_the_rights_alone(stage):
    request = RequestFactory().get("/admin/")
    wrong = []
    for model, row in admin.site._registry.items():
        label = model._meta.label_lower
        for kind, user in stage.users.items():
            request.user = user
            due = (
                table.ACTIONS.get(label, set())
                if kind in ("staff with rights", "superuser")
                else set()
            )
            got = set(row.get_actions(request))
            wrong += [f"{label}: {kind} {got}, not {due}"] if got != due else []

    assert wrong == []


def test_every_task_of_the_queue_is_known_and_takes_no_user():
    app.loader.import_default_modules()
    ours = {
        name.removeprefix("arena.tasks."): task
        for name, task in app.tasks.items()
        if not name.startswith("celery.")
    }

    assert set(ours) == table.TASKS
    taken = {
        name
        for task in ours.values()
        for name in task.run.__code__.co_varnames[: task.run.__code__.co_argcount]
    }
    assert not {name for name in taken if "user" in name or "owner" in name}
