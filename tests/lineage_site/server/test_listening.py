"""Several web processes share a port, and one alone does not let another in."""

import socket
import sys

import pytest

from lineage_site.server.__main__ import config, listening
from tests.lineage_site.running import free_port


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux deals connections out")
def test_connections_are_dealt_out_among_processes_that_share_the_port():
    port = free_port()
    sharers = [
        *listening("127.0.0.1", port, shared=True),
        *listening("127.0.0.1", port, shared=True),
    ]
    for each in sharers:
        each.listen(100)
        each.setblocking(False)
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]

    got = [accepted(each) for each in sharers]

    assert sum(got) == 100 and min(got) >= 20
    for each in (*clients, *sharers):
        each.close()


def accepted(listener: socket.socket) -> int:
    """How many connections wait for it."""
    count = 0
    while True:
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def test_a_process_alone_has_its_port_for_itself():
    port = free_port()
    [single] = listening("127.0.0.1", port, shared=False)
    single.listen()

    with single, pytest.raises(OSError, match="in use"):
        listening("127.0.0.1", port, shared=False)


@pytest.mark.parametrize(("proxy", "believed"), [("", False), ("10.0.0.2", True)])
def test_where_a_request_comes_from_is_believed_of_named_proxies_alone(settings, proxy, believed):
    settings.PROXY = proxy

    found = config()

    assert found.proxy_headers is believed
    assert found.http.trusted == ({proxy} if proxy else set())
