"""What every response carries, how the probes answer, and what the server refuses before Django
sees it.
"""

import asyncio
import errno
import json
import sqlite3
from datetime import timedelta
from types import SimpleNamespace

import pytest
import redis
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.contrib.auth.models import User
from django.core.handlers.asgi import ASGIHandler
from django.db import OperationalError
from django.db.models import F
from django.test import Client

from arena.selectors.machine.room import RESERVE
from arena.services.people.tokens import token_create
from arena.store import files
from arena.work.claims import claim_next
from arena.work.kinds import BLOCK
from arena.work.leases import at_work
from arena.work.models import Job
from arena.work.queue import Wanted, jobs_ask
from lineage_site import asgi
from lineage_site.queue import heartbeat
from lineage_site.web import health
from lineage_site.web.body_limit import LOG_IN, TEXT, body_limit
from lineage_site.web.gate import gate
from lineage_site.web.senders import known
from tests.arena import world

# what is asked of a server that these tests have not
REMOTE = ("redis", "worker", "turns", "timer")


async def swallow(scope, receive, send):
    """An application that reads the whole body and says how long it was."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


def test_scripts_come_from_us_alone(client: Client):
    policy = dict(
        part.split(" ", 1) for part in client.get("/healthz")["Content-Security-Policy"].split("; ")
    )

    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert policy["object-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"


def test_every_answer_forbids_guessing_its_type_and_tells_no_other_site_where_one_was(
    client: Client,
):
    for path in ("/healthz", "/nothing/", "/login/"):
        answer = client.get(path)

        assert (
            answer["X-Content-Type-Options"] == "nosniff"
            and answer["Referrer-Policy"] == "same-origin"
        ), path


@pytest.mark.django_db
def test_no_other_site_is_let_in_by_cors(client: Client, settings):
    assert settings.WHITENOISE_ALLOW_ALL_ORIGINS is False
    for path in ("/healthz", "/login/", "/api/v1/markets"):
        answer = client.get(path, headers={"origin": "https://evil.example"})

        assert not [name for name in answer.headers if name.lower().startswith("access-control")], (
            path
        )


@pytest.mark.django_db
def test_no_page_answers_trace(client: Client):
    client.force_login(world.user())

    assert {
        client.trace(path).status_code
        for path in ("/", "/healthz", "/account/", "/tokens/", "/api/v1/markets")
    } == {405}


@pytest.mark.django_db
def test_an_error_page_tells_nothing_of_the_inside(monkeypatch):
    def broken(**_: object) -> None:
        raise OSError("/secret/place is gone: SELECT * FROM auth_user")

    monkeypatch.setattr("arena.views.listing.entries", broken)
    client = Client(raise_request_exception=False)
    client.force_login(world.user())

    page = client.get("/").content.decode()

    assert "Something broke" in page
    assert not [
        word for word in ("secret", "SELECT", "Traceback", "OSError", ".py") if word in page
    ]


def test_healthz_answers_without_a_login(client: Client):
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")


def test_healthz_is_for_reading(client: Client):
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db(transaction=True)
def test_readyz_is_200_where_everything_is_there(client: Client, monkeypatch):
    for name in REMOTE:
        monkeypatch.setitem(health.CHECKS, name, lambda: True)

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == dict.fromkeys(
        ("ready", "database", "writer", "disk", "redis", "worker", "turns", "timer", "queue"), True
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("there", [True, False])
def test_readyz_tells_strangers_yes_or_no_and_nothing_else(
    client: Client, monkeypatch, settings, there
):
    for name in REMOTE:
        monkeypatch.setitem(health.CHECKS, name, lambda: there)

    def ready(**meta: str) -> dict[str, bool]:
        return client.get("/readyz", **meta).json()

    assert (
        ready(REMOTE_ADDR="10.1.2.3") == ready(HTTP_X_FORWARDED_FOR="10.1.2.3") == {"ready": there}
    )
    settings.PUBLIC_ORIGINS = ["https://arena.example"]
    assert ready() == {"ready": there}
    client.force_login(world.user())
    assert ready() == {"ready": there}
    client.force_login(world.user("staff", is_staff=True))
    assert ready()["redis"] == there


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
        ("turns", lambda: 0),
        ("timer", lambda: 0),
        ("writer", fails(sqlite3.OperationalError("database is locked"))),
    ],
)
def test_readyz_is_503_and_names_what_is_missing(client: Client, monkeypatch, part, check):
    for name in health.CHECKS:
        monkeypatch.setitem(health.CHECKS, name, check if name == part else lambda: True)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert [name for name, there in response.json().items() if not there] == ["ready", part]


@pytest.fixture
def rest(monkeypatch):
    """All but what is looked at is well."""
    for name in REMOTE:
        monkeypatch.setitem(health.CHECKS, name, lambda: True)


def missing(client):
    response = client.get("/readyz")
    return response.status_code, [
        name for name, there in response.json().items() if not there and name != "ready"
    ]


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_is_reported(client: Client, monkeypatch, rest):
    monkeypatch.setattr(files, "free", lambda: RESERVE)

    assert missing(client) == (503, ["disk"])


@pytest.mark.django_db(transaction=True)
def test_work_that_no_worker_takes_is_reported_and_work_under_way_is_not(client: Client, rest):
    jobs_ask(wanted=[Wanted(BLOCK, 1), Wanted(BLOCK, 2)], user=1, experiment=1)
    assert missing(client) == (200, [])

    Job.objects.update(since=F("since") - timedelta(minutes=6))
    assert missing(client) == (503, ["queue"])

    claim_next()
    assert missing(client) == (200, [])


def test_a_transaction_that_is_never_ended_is_reported(tmp_path, monkeypatch):
    name = str(tmp_path / "base")
    monkeypatch.setitem(health.connection.settings_dict, "NAME", name)
    monkeypatch.setattr(health, "PATIENCE_MS", 50)
    assert health._holds(health._writer)

    with sqlite3.connect(name, isolation_level=None) as stopped:
        stopped.execute("BEGIN IMMEDIATE")

        assert not health._holds(health._writer)


def test_a_heartbeat_counts_by_redis_own_clock_and_for_nothing_from_its_future():
    class Server:
        said = {heartbeat.WORKER: b"1000"}

        def __init__(self, now):
            self.now = now

        def get(self, name):
            return self.said.get(name)

        def time(self):
            return (self.now, 0)

    heard = [
        heartbeat.is_heard(Server(now), heartbeat.WORKER)
        for now in (1000, 1015, 1016, 999, 1000 - 3600)
    ]

    assert heard == [True, True, False, False, False]
    assert not heartbeat.is_heard(Server(1000), heartbeat.TIMER)


def test_a_turn_that_ends_or_gets_on_is_heard_of_and_the_timer_s_alone_as_the_timer(
    valkey, settings
):
    settings.REDIS_URL, server = valkey
    turns, timers = heartbeat.TURN, heartbeat.TIMER

    heartbeat.ended(task=SimpleNamespace(name="arena.tasks.take_turn"))
    assert (server.exists(turns), server.exists(timers)) == (1, 0)
    heartbeat.ended(task=SimpleNamespace(name="arena.tasks.reap"))
    assert heartbeat.is_heard(server, timers)
    server.flushall()
    heartbeat.listen_to_work()
    try:
        at_work.send(sender=None)
    finally:
        at_work.disconnect(heartbeat.goes_on)
    assert heartbeat.is_heard(server, turns) and not server.exists(timers)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "error",
    [
        OperationalError("database or disk is full"),
        OSError(errno.ENOSPC, "No space left on device"),
    ],
)
@pytest.mark.parametrize("address", ["/experiments/new/", "/api/v1/experiments"])
def test_trouble_of_the_machine_is_described_in_words_with_a_time_to_try_again(
    monkeypatch, address, error
):
    client = Client(raise_request_exception=False)
    client.force_login(world.user())
    for place in (
        "arena.views.experiments.series_offered",
        "arena.views.api.experiments.experiments_listed",
    ):
        monkeypatch.setattr(place, fails_at_call(error))

    response = client.get(address)

    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert "no space" in response.content.decode()
    assert response["Content-Type"].startswith(
        "application/problem+json" if "api" in address else "text/html"
    )


@pytest.mark.django_db
def test_a_fault_of_our_own_stays_one(monkeypatch):
    client = Client(raise_request_exception=False)
    client.force_login(world.user())
    monkeypatch.setattr(
        "arena.views.experiments.series_offered", fails_at_call(ArithmeticError("poison"))
    )

    response = client.get("/experiments/new/")

    assert response.status_code == 500 and "poison" not in response.content.decode()


def fails_at_call(error):
    def fail(**_):
        raise error

    return fail


async def post(
    pieces: list[bytes], cap: int = 100, headers=(), *, known: bool = False, path: str = "/"
) -> tuple[int, bytes]:
    """Status and body of the answer to a request whose body comes in these pieces; strangers may
    send 10 bytes.
    """

    async def looked_up(scope) -> bool:
        return known

    application = body_limit(swallow, cap, of_strangers=10, known=looked_up)
    talk = ApplicationCommunicator(
        application, {"type": "http", "method": "POST", "path": path, "headers": list(headers)}
    )
    for i, piece in enumerate(pieces):
        await talk.send_input(
            {"type": "http.request", "body": piece, "more_body": i + 1 < len(pieces)}
        )
    start, body = await talk.receive_output(), await talk.receive_output()
    return start["status"], body["body"]


async def test_a_body_within_the_cap_passes():
    assert await post([b"x" * 100], known=True) == (200, b"100")


async def test_a_body_over_the_cap_is_cut_off_whatever_its_headers_say():
    assert await post([b"x" * 101], known=True, headers=[(b"content-length", b"1")]) == (
        413,
        f"{TEXT}\n".encode(),
    )


async def test_a_body_in_many_pieces_is_counted_as_one():
    assert await post([b"x" * 60, b"x" * 60], known=True) == (413, f"{TEXT}\n".encode())


async def test_who_is_not_logged_in_may_send_a_form_of_words_and_no_more():
    assert await post([b"x" * 10]) == (200, b"10")
    assert await post([b"x" * 10, b"x"]) == (413, f"{LOG_IN}\n".encode())


async def test_a_body_that_announces_its_size_is_refused_before_a_byte_of_it_is_read():
    assert await post([], headers=[(b"content-length", b"11")]) == (413, f"{LOG_IN}\n".encode())
    assert await post([], headers=[(b"content-length", b"101")], known=True) == (
        413,
        f"{TEXT}\n".encode(),
    )


async def test_callers_of_the_api_are_refused_in_their_own_form():
    status, body = await post([b"x" * 11], path="/api/v1/markets")

    assert (status, json.loads(body)) == (
        413,
        {
            "type": "about:blank",
            "title": "The request is too large",
            "status": 413,
            "detail": LOG_IN,
        },
    )


@pytest.mark.django_db(transaction=True)
async def test_the_sender_is_known_by_session_or_token_and_by_nothing_else():
    user = await sync_to_async(User.objects.create_user)("ann")
    client = Client()
    await sync_to_async(client.force_login)(user)
    session = f"x=y; sessionid={client.cookies['sessionid'].value}".encode()
    _, secret = await sync_to_async(token_create)(user=user, name="script")

    async def is_known(name: bytes, value: bytes) -> bool:
        return await known({"headers": [(name, value)]})

    assert await is_known(b"cookie", session)
    assert await is_known(b"authorization", f"Bearer {secret}".encode())
    assert not await is_known(b"authorization", b"Bearer lineage_guessed")
    assert not await is_known(b"cookie", b"sessionid=guessed")
    assert not await is_known(b"cookie", b"")
    await sync_to_async(client.logout)()
    assert not await is_known(b"cookie", session)


@pytest.mark.django_db(transaction=True)
async def test_a_stranger_s_upload_reaches_no_view_and_no_disk(monkeypatch):
    monkeypatch.setattr(ASGIHandler, "read_body", lambda *_: pytest.fail("spooled"))
    talk = ApplicationCommunicator(
        asgi.application,
        {
            "type": "http",
            "method": "POST",
            "path": "/markets/upload/",
            "headers": [(b"content-length", b"%d" % 2**25)],
            "query_string": b"",
        },
    )

    assert (await talk.receive_output(5))["status"] == 413


# Channels looks after its thread's connections, which Django forbids where no database was asked
# for
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "origin",
    [
        None,
        b"https://evil.example",
        b"http://localhost:1",
        b"https://localhost:8000",
        b"null",
        b"http://localhost.evil.example:8000",
    ],
)
async def test_a_socket_from_another_origin_is_refused(origin):
    headers = [(b"origin", origin)] if origin else []
    talk = ApplicationCommunicator(
        asgi.application,
        {"type": "websocket", "path": "/ws/", "headers": headers, "subprotocols": []},
    )

    await talk.send_input({"type": "websocket.connect"})

    assert (await talk.receive_output())["type"] == "websocket.close"


def test_our_own_origins_name_scheme_host_and_port():
    assert f"http://127.0.0.1:{settings.PORT}" in settings.ORIGINS
    assert not any("*" in origin for origin in settings.ORIGINS + settings.ALLOWED_HOSTS)


def test_an_unknown_host_is_refused(client: Client):
    assert client.get("/admin/login/", headers={"host": "evil.example"}).status_code == 400


def starts_of(sent):
    return [
        (message["status"], dict(message["headers"]))
        for message in sent
        if message["type"] == "http.response.start"
    ]


async def ask(app, path="/", **headers):
    """What was answered to a request."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": b""}

    async def send(message):
        sent.append(message)

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await app({"type": "http", "path": path, "headers": raw}, receive, send)
    return starts_of(sent)


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
    assert (status, headers[b"content-type"], headers[b"retry-after"]) == (
        429,
        b"application/problem+json",
        b"1",
    )

    slow.let.set()
    assert [await each for each in asked] == [[(200, {})]] * 5
    assert slow.most == 2


async def test_other_logins_and_nobodys_are_not_held_up():
    slow = Slow()
    gated = gate(slow, inside=1, outside=0)
    asked = [
        asyncio.create_task(ask(gated, **headers))
        for headers in ({"cookie": "a"}, {"cookie": "b"}, {"authorization": "a"}, {}, {})
    ]
    await asyncio.sleep(0)

    slow.let.set()
    assert [await each for each in asked] == [[(200, {})]] * 5
