"""One GET: what a server may do wrong, and what a name may stand for, on real sockets."""

import socket
import threading
import time

import pytest

from arena.prices.providers import http_client
from arena.prices.providers.faults import Fault, Refused, TryAgain
from arena.prices.providers.http_client import get_json, is_public
from tests.arena.prices.providers.loopback import (
    cut_off,
    data,
    endless,
    hang_up,
    loopback,
    redirect,
    slow,
    text,
)


@pytest.fixture
def server():
    with loopback() as running:
        yield running


def get(server, **limits):
    return get_json(f"{server.url}/prices?of=bitcoin", {"X-Key": "k"}, private=True, **limits)


def test_json_is_read_with_status_headers_and_the_servers_clock(server):
    server.say(data({"a": [1, 2.5]}, Date="Thu, 01 Jan 2026 00:00:10 GMT"))

    answer = get(server)

    assert (answer.status, answer.data) == (200, {"a": [1, 2.5]})
    assert answer.clock_ms() == 1_767_225_610_000
    path, query, headers = server.asked[0]
    assert (path, query, headers["x-key"], headers["accept-encoding"]) == (
        "/prices",
        {"of": ["bitcoin"]},
        "k",
        "identity",
    )


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (text("<html>", kind="text/html"), "text/html instead of JSON"),
        (text("{}", kind=""), "no content type instead of JSON"),
        (text("<html>"), "JSON that cannot be read"),
        (text("[1, NaN]"), "JSON that cannot be read"),
        (text("[1, Infinity]"), "JSON that cannot be read"),
        (text("[1, 1e999]"), "JSON that cannot be read"),
        (text("[" * 100_000), "JSON that cannot be read"),
        (text(b'["\xff"]'), "JSON that cannot be read"),
        (text(""), "JSON that cannot be read"),
        (cut_off("[1, 2"), "cut its answer off"),
        (hang_up(), "cut its answer off"),
        (endless(), "more than 1 MiB"),
        (slow(5), "took too long"),
        (slow(5, first=" "), "took too long"),
    ],
)
def test_an_answer_that_is_no_answer_is_one_clear_line_and_may_be_asked_for_again(
    server, said, words
):
    server.say(said)

    with pytest.raises(TryAgain, match=words) as caught:
        get(server, seconds=0.6, most=2**20)

    assert str(caught.value).startswith("127.0.0.1 ")
    assert "\n" not in str(caught.value)


def test_an_errors_body_is_read_where_it_is_json_and_left_aside_where_it_is_not(server):
    server.say(
        data({"status": {"error_code": 10002}}, status=401),
        text("<h1>Bad Gateway</h1>", status=502, kind="text/html"),
    )

    assert get(server).data == {"status": {"error_code": 10002}}
    assert (get(server).status, get(server).data) == (502, None)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "place", ["http://169.254.169.254/latest", "https://example.com/", "/elsewhere"]
)
def test_a_redirect_is_followed_nowhere(server, status, place):
    server.say(redirect(place, status))

    with pytest.raises(Refused, match="not followed"):
        get(server)

    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.3.4",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "224.0.0.1",
        ),
        *(
            "255.255.255.255",
            "198.18.0.1",
            "192.0.2.1",
            "::1",
            "::",
            "fe80::1%eth0",
            "fc00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
        ),
        *(
            "::ffff:127.0.0.1",
            "2002:7f00:1::",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "2001:db8::1",
        ),
    ],
)
def test_an_address_that_is_not_public_is_recognised(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "104.18.32.7", "2606:4700::6810:1", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_a_public_address_is_recognised(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "name", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "127.1"]
)
def test_no_packet_reaches_a_private_address_however_it_is_written(name):
    reached = []
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=lambda: reached.append(door.accept()), daemon=True)
        thread.start()

        with pytest.raises(Fault, match="not a public one|no address"):
            get_json(f"https://{name}:{door.getsockname()[1]}/", {}, seconds=2)

        time.sleep(0.05)
        assert not reached


def test_a_name_that_turns_private_between_two_look_ups_is_looked_up_once(server, monkeypatch):
    port = int(server.url.rsplit(":", 1)[1])
    answers = [[(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("203.0.113.7", port))]]
    looked_up = []

    def look_up(host, *_, **__):
        looked_up.append(host)
        return (
            answers[0]
            if len(looked_up) == 1
            else [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        )

    monkeypatch.setattr(http_client.socket, "getaddrinfo", look_up)

    with pytest.raises(Refused, match=r"203\.0\.113\.7, which is not a public one"):
        get_json("https://rebinding.example/", {}, seconds=1)

    assert looked_up == ["rebinding.example"]
    assert server.asked == []


@pytest.mark.parametrize(
    "url", ["http://example.com/", "file:///etc/passwd", "ftp://example.com/", "gopher://x/"]
)
def test_only_https_leaves_the_house(url):
    with pytest.raises(Refused, match="not an https address"):
        get_json(url, {})


def test_nobody_at_home_is_said_plainly():
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]

    with pytest.raises(TryAgain, match="connection was refused"):
        get_json(f"http://127.0.0.1:{port}/", {}, private=True)
