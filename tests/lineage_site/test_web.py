"""What every response carries, how the probes answer, and what the server refuses before Django sees it."""

import pytest
import redis
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from lineage_site import asgi, health
from lineage_site.body_limit import TEXT, body_limit
from tests.arena import world


async def swallow(scope, receive, send):
    """An application that reads the whole body and says how long it was."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


def test_scripts_come_from_us_alone(client: Client):
    policy = dict(part.split(" ", 1) for part in client.get("/healthz")["Content-Security-Policy"].split("; "))

    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert policy["object-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"


def test_every_answer_forbids_guessing_its_type_and_tells_no_other_site_where_one_was(client: Client):
    for path in ("/healthz", "/nothing/", "/login/"):
        answer = client.get(path)

        assert answer["X-Content-Type-Options"] == "nosniff" and answer["Referrer-Policy"] == "same-origin", path


@pytest.mark.django_db
def test_no_other_site_is_let_in_by_cors(client: Client, settings):
    assert settings.WHITENOISE_ALLOW_ALL_ORIGINS is False
    for path in ("/healthz", "/login/", "/api/v1/markets"):
        answer = client.get(path, headers={"origin": "https://evil.example"})

        assert not [name for name in answer.headers if name.lower().startswith("access-control")], path


@pytest.mark.django_db
def test_trace_is_answered_by_nobody(client: Client):
    client.force_login(world.user())

    assert {client.trace(path).status_code for path in ("/", "/healthz", "/account/", "/tokens/", "/api/v1/markets")} == {405}


@pytest.mark.django_db
def test_an_error_page_tells_nothing_of_the_inside(monkeypatch):
    def broken(**_: object) -> None:
        raise OSError("/secret/place is gone: SELECT * FROM auth_user")

    monkeypatch.setattr("arena.views.experiments.cards", broken)
    client = Client(raise_request_exception=False)
    client.force_login(world.user())

    page = client.get("/").content.decode()

    assert "Something broke" in page
    assert not [word for word in ("secret", "SELECT", "Traceback", "OSError", ".py") if word in page]


def test_healthz_answers_without_a_login(client: Client):
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")


def test_healthz_is_for_reading(client: Client):
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_readyz_is_200_where_everything_is_there(client: Client, monkeypatch):
    monkeypatch.setattr(health, "_redis", lambda: True)
    monkeypatch.setattr(health, "_worker", lambda: 1)

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"ready": True, "database": True, "redis": True, "worker": True}


@pytest.mark.django_db
@pytest.mark.parametrize("there", [True, False])
def test_readyz_tells_strangers_yes_or_no_and_nothing_else(client: Client, monkeypatch, settings, there):
    monkeypatch.setattr(health, "_redis", lambda: there)
    monkeypatch.setattr(health, "_worker", lambda: True)

    def told(**meta: str) -> dict[str, bool]:
        return client.get("/readyz", **meta).json()

    assert told(REMOTE_ADDR="10.1.2.3") == told(HTTP_X_FORWARDED_FOR="10.1.2.3") == {"ready": there}
    settings.PUBLIC_ORIGINS = ["https://arena.example"]
    assert told() == {"ready": there}
    client.force_login(world.user())
    assert told() == {"ready": there}
    client.force_login(world.user("staff", is_staff=True))
    assert told()["redis"] == there


def fails(error: Exception):
    """A check that raises."""

    def check() -> bool:
        raise error

    return check


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("part", "check"),
    [
        ("database", fails(OperationalError("away"))),
        ("redis", fails(redis.ConnectionError("away"))),
        ("redis", fails(redis.TimeoutError("silent"))),
        ("worker", lambda: 0),
    ],
)
def test_readyz_is_503_and_names_what_is_missing(client: Client, monkeypatch, part, check):
    for name in ("database", "redis", "worker"):
        monkeypatch.setattr(health, f"_{name}", check if name == part else lambda: True)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert [name for name, there in response.json().items() if not there] == ["ready", part]


async def post(pieces: list[bytes], cap: int, headers=()) -> tuple[int, bytes]:
    """Status and body of the answer to a request whose body comes in these pieces."""
    talk = ApplicationCommunicator(body_limit(swallow, cap), {"type": "http", "method": "POST", "path": "/", "headers": list(headers)})
    for i, piece in enumerate(pieces):
        await talk.send_input({"type": "http.request", "body": piece, "more_body": i + 1 < len(pieces)})
    start, body = await talk.receive_output(), await talk.receive_output()
    return start["status"], body["body"]


async def test_a_body_within_the_cap_passes():
    assert await post([b"x" * 10], cap=10) == (200, b"10")


async def test_a_body_over_the_cap_is_cut_off_whatever_its_headers_say():
    assert await post([b"x" * 11], cap=10, headers=[(b"content-length", b"1")]) == (413, TEXT)


async def test_a_body_in_many_pieces_is_counted_as_one():
    assert await post([b"x" * 6, b"x" * 6], cap=10) == (413, TEXT)


# Channels looks after its thread's connections, which Django forbids where no database was asked for
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "origin",
    [None, b"https://evil.example", b"http://localhost:1", b"https://localhost:8000", b"null", b"http://localhost.evil.example:8000"],
)
async def test_a_socket_from_another_origin_is_refused(origin):
    headers = [(b"origin", origin)] if origin else []
    talk = ApplicationCommunicator(asgi.application, {"type": "websocket", "path": "/ws/", "headers": headers, "subprotocols": []})

    await talk.send_input({"type": "websocket.connect"})

    assert (await talk.receive_output())["type"] == "websocket.close"


def test_our_own_origins_name_scheme_host_and_port():
    assert f"http://127.0.0.1:{settings.PORT}" in settings.ORIGINS
    assert not any("*" in origin for origin in settings.ORIGINS + settings.ALLOWED_HOSTS)


def test_an_unknown_host_is_refused(client: Client):
    assert client.get("/admin/login/", headers={"host": "evil.example"}).status_code == 400
