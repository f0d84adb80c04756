"""Whatever a visitor sends, the site answers, and never with 500: every address with values that no
page of ours would send.
"""

import logging
import re

import pytest
from asgiref.testing import ApplicationCommunicator
from django.db import transaction
from django.test import Client

from lineage_site import asgi
from lineage_site.logs import NoFaultOfOurs
from lineage_site.web import health
from tests.doors import table, visitors
from tests.doors.test_routes import API, filled, pages, row_of

pytestmark = pytest.mark.django_db
LONG = "9" * 5000
HUGE = 2**70
FORM = "application/x-www-form-urlencoded"
NONSENSE = (
    "",
    "-1",
    "0",
    "1e400",
    "NaN",
    "²",
    LONG,
    "\x00",
    "\ud800".encode("utf-8", "replace").decode(),
    "=cmd()",
    "<b>",
    "../../etc/passwd",
)
FIELDS = (
    "round",
    "bar",
    "symbol",
    "page",
    "bars",
    "preset",
    "series",
    "next",
    "q",
    "o",
    "p",
    "revoke",
    "session",
    "name",
    "code",
    "days",
)
FIELDS += (
    "username",
    "password",
    "old_password",
    "scopes",
    "market",
    "population",
    "parts",
    "after_round",
    "timeframe",
    "start",
    "stop",
)


@pytest.fixture
def stage(settings, monkeypatch):
    settings.LIMITS = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for part in health.CHECKS:
        monkeypatch.setitem(health.CHECKS, part, lambda: True)
    return visitors.stage()


def unbroken(user):
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def addresses(stage):
    """(name, methods, path) with the numbers of the stage and with some that no row has."""
    for name, place in pages():
        if place.startswith("admin/") and "object_id" not in place and name not in table.ROUTES:
            continue
        for number in (2, HUGE):
            values = stage.values | {
                "number": number,
                "market_id": number if number == HUGE else stage.market.pk,
                "id": number,
            }
            values |= {"object_id": LONG if number == HUGE else 1, "content_type_id": number}
            yield name, row_of(name, place)[0], table.PATHS.get(name) or filled(place, values, None)
            if "<" not in place:
                break


def sent(client, method, path, **how):
    """The status of the answer, of which nothing stays."""
    with transaction.atomic():
        status = getattr(client, method.lower())(path, **how).status_code
        transaction.set_rollback(True)
    return status


@pytest.mark.slow
def test_no_number_word_or_header_breaks_a_page(stage):
    client, broken = unbroken(stage.users["superuser"]), []
    for place, (name, methods, path) in enumerate(addresses(stage)):
        value = NONSENSE[place % len(NONSENSE)]
        fields = dict.fromkeys(FIELDS, value)
        requests = [
            ("get", {"data": fields}),
            (
                "get",
                {
                    "headers": {
                        "origin": "http://[::1",
                        "accept-language": LONG,
                        "referer": "http://[",
                        "cookie": "sessionid=;;=\x01",
                    }
                },
            ),
            *(
                [
                    ("post", {"data": fields}),
                    (
                        "post",
                        {"data": b"\xff\xfe{", "content_type": "multipart/form-data; boundary=x"},
                    ),
                    (
                        "post",
                        {
                            "data": b"a=1",
                            "content_type": FORM,
                            "CONTENT_TYPE": f"{FORM}; charset=nothing",
                        },
                    ),
                ]
                if "POST" in methods
                else []
            ),
        ]
        broken += [
            f"{name} {method} {how}"[:200]
            for method, how in requests
            if sent(client, method, path, **how) >= 500
        ]

    assert broken == []


@pytest.mark.slow
def test_no_body_or_number_breaks_an_operation_of_the_api(stage):
    client, broken = unbroken(stage.users["owner"]), []
    bodies = (
        b"",
        b"{",
        b"\xff",
        b"null",
        b"[]",
        b'{"name": 1e999, "market": 99999999999999999999, "settings": {"rounds": "\\u0000"}}',
    )
    for operation in table.OPERATIONS:
        method, path = operation.split()
        for values in (stage.values, stage.values | {"number": HUGE, "market_id": LONG}):
            where = API + re.sub(
                r"{(\w+)}", lambda found, values=values: str(values[found[1]]), path
            )
            requests = [
                {"data": body, "content_type": kind}
                for body in bodies
                for kind in ("application/json", "text/plain")
            ]
            if method == "GET":
                requests = [
                    {
                        "data": {
                            "limit": value,
                            "offset": value,
                            "round": value,
                            "agent": value,
                            "alive": value,
                        }
                    }
                    for value in NONSENSE
                ]
            broken += [
                f"{operation} {how}"[:200]
                for how in requests
                if sent(client, method, where, **how) >= 500
            ]

    assert broken == []


@pytest.mark.parametrize("raw", [LONG, "1" * 5000, "²", "99999999999", "-1"])
def test_a_number_without_end_on_the_page_of_tokens_is_no_token(stage, raw):
    client = unbroken(stage.users["owner"])

    assert sent(client, "post", "/tokens/", data={"revoke": raw}) == 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "origin",
    [
        b"http://[::1",
        b"http://a:b",
        b"http://localhost:99999",
        b"\xff\xfe",
        b"http://[",
        b"//",
        b"",
    ],
)
async def test_an_origin_that_is_none_is_refused_at_the_socket(origin):
    scope = {
        "type": "websocket",
        "path": "/ws/",
        "headers": [(b"origin", origin)],
        "subprotocols": [],
    }
    talk = ApplicationCommunicator(asgi.application, scope)

    await talk.send_input({"type": "websocket.connect"})

    assert (await talk.receive_output())["type"] == "websocket.close"


@pytest.mark.parametrize(
    ("path", "how"),
    [
        ("/", {"headers": {"host": "evil.example"}}),
        ("/login/", {"data": b"\xff", "content_type": "multipart/form-data; boundary="}),
        ("/nothing/", {}),
        ("/api/v1/experiments", {"data": b"{", "content_type": "application/json"}),
    ],
)
def test_a_visitors_mistake_leaves_no_traceback_in_the_log(stage, caplog, path, how):
    client = unbroken(stage.users["owner"])

    with caplog.at_level(logging.DEBUG):
        assert sent(client, "post", path, **how) < 500

    for record in caplog.records:
        NoFaultOfOurs().filter(record)
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


def test_a_fault_of_ours_keeps_its_traceback():
    error = ValueError("a fault")
    ours = logging.LogRecord(
        "django.request", logging.ERROR, "", 1, "broke", (), (ValueError, error, None)
    )
    theirs = logging.LogRecord(
        "uvicorn.error",
        logging.ERROR,
        "",
        1,
        "left",
        (),
        (ConnectionResetError, ConnectionResetError(), None),
    )

    assert NoFaultOfOurs().filter(ours) and NoFaultOfOurs().filter(theirs)
    assert ours.exc_info is not None and theirs.exc_info is None
    assert theirs.getMessage() == "left: ConnectionResetError"
