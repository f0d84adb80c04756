"""What every response carries, how the probes answer, and what the server refuses before Django sees it."""

import asyncio

import pytest
import redis
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from lineage_site import asgi, health
from lineage_site.body_limit import TEXT, body_limit
from lineage_site.gate import gate


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
    assert response.json() == {"database": True, "redis": True, "worker": True}


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
    assert [name for name, there in response.json().items() if not there] == [part]


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


def told(sent):
    return [(message["status"], dict(message["headers"])) for message in sent if message["type"] == "http.response.start"]


async def ask(app, path="/", **headers):
    """What was answered to a request."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": b""}

    async def send(message):
        sent.append(message)

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await app({"type": "http", "path": path, "headers": raw}, receive, send)
    return told(sent)


class Slow:
    """An application that answers when it is let."""

    def __init__(self):
        self.let, self.inside, self.most = asyncio.Event(), 0, 0

    async def __call__(self, scope, receive, send):
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self.let.wait()
        self.inside -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def test_of_one_login_a_few_go_in_some_wait_and_one_more_is_refused():
    slow = Slow()
    gated = gate(slow, inside=2, outside=3)
    asked = [asyncio.create_task(ask(gated, cookie="sessionid=ada")) for _ in range(5)]
    await asyncio.sleep(0)

    ((status, headers),) = await ask(gated, path="/api/v1/experiments", cookie="sessionid=ada")
    assert (status, headers[b"content-type"], headers[b"retry-after"]) == (429, b"application/problem+json", b"1")

    slow.let.set()
    assert [await each for each in asked] == [[(200, {})]] * 5
    assert slow.most == 2


async def test_other_logins_and_nobodys_are_not_held_up():
    slow = Slow()
    gated = gate(slow, inside=1, outside=0)
    asked = [asyncio.create_task(ask(gated, **headers)) for headers in ({"cookie": "a"}, {"cookie": "b"}, {"authorization": "a"}, {}, {})]
    await asyncio.sleep(0)

    slow.let.set()
    assert [await each for each in asked] == [[(200, {})]] * 5
