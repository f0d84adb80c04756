"""A client that dawdles is cut off, one that is only slow is not, and others notice neither."""

import asyncio
import socket
from contextlib import suppress
from itertools import chain
from math import isfinite
from pathlib import Path

import pytest

from lineage_site.server import patience, progress
from tests.lineage_site.server.running import CALL, LARGE, ask, served, serving, talk

EACH = 75
HEAD = b"POST /login/ HTTP/1.1\r\nhost: localhost\r\n"
BODY = HEAD + b"content-length: 60000\r\n\r\n"
DAWDLERS = {
    "says nothing": (b"", b""),
    "drips a head": (HEAD, b"x-more: of it\r\n"),
    "drips a body": (BODY, b"of little\n"),
    "keeps a connection": (CALL, b""),
}


@pytest.fixture
def short(monkeypatch):
    """Everything may take a fraction of a second, for a test cannot wait as long as a stranger
    may.
    """
    for name, seconds in {
        "IDLE_SECONDS": 0.3,
        "HEAD_SECONDS": 0.6,
        "BODY_SECONDS": 0.6,
        "LOOK_SECONDS": 0.05,
    }.items():
        monkeypatch.setattr(patience, name, seconds)
    monkeypatch.setattr(progress, "STUCK_SECONDS", 0.5)


async def crowd(port: int, every: float) -> tuple[dict[str, list[tuple[float, bytes]]], int]:
    """(how each of EACH dawdlers of a kind fared, how many ordinary requests were answered beside
    them).
    """
    words = chain.from_iterable([each] * EACH for each in DAWDLERS.values())
    there = asyncio.gather(*(talk(port, first, drip=drip, every=every) for first, drip in words))
    beside = 0
    while not there.done():
        await asyncio.sleep(0.2)
        await ask(port)
        beside += 1
    found = iter(there.result())
    return {kind: [next(found) for _ in range(EACH)] for kind in DAWDLERS}, beside


def held(fared: dict[str, list[tuple[float, bytes]]], beside: int) -> None:
    """All were let go, each with its answer, and others were answered meanwhile."""
    assert all(isfinite(seconds) for seconds, _ in chain.from_iterable(fared.values()))
    assert {answer for _, answer in fared["says nothing"]} == {b""}
    assert all(
        answer.startswith(b"HTTP/1.1 408 ")
        for _, answer in fared["drips a head"] + fared["drips a body"]
    )
    assert all(answer.startswith(b"HTTP/1.1 200 ") for _, answer in fared["keeps a connection"])
    assert beside


async def test_three_hundred_dawdlers_are_let_go_and_nobody_else_waits(short):
    async with serving(timeout_keep_alive=1) as (port, server):
        fared, beside = await crowd(port, every=0.1)

        held(fared, beside)
        await until(lambda: not server.server_state.connections)
        assert dict(patience.PatientProtocol.of_address) == {}


@pytest.mark.full
async def test_three_hundred_dawdlers_at_the_site_itself(tmp_path: Path):
    with served(tmp_path) as port:
        held(*await crowd(port, every=3.0))


async def test_a_slow_honest_body_is_taken_and_what_comes_too_slowly_is_not(short):
    async with serving() as (port, _):
        slow, answer = await talk(
            port, HEAD + b"connection: close\r\ncontent-length: 60000\r\n\r\n", drip=b"x" * 4000
        )
        _, refusal = await talk(port, BODY, drip=b"x" * 40)

    assert slow > 1.2 and answer.endswith(b"60000")
    assert refusal.startswith(b"HTTP/1.1 408 ")


async def test_who_asks_and_does_not_take_the_answer_is_let_go(short):
    async with serving() as (port, server):
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(CALL.replace(b"/healthz", b"/large"))
            await until(lambda: server.server_state.connections)
            await until(lambda: not server.server_state.connections)

            assert 0 < taken(line) < LARGE


async def until(true, seconds: float = 30.0) -> None:
    """Waits until `true()`; TimeoutError where it takes longer."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


def taken(line: socket.socket) -> int:
    """Bytes that lie ready, up to the end."""
    size = 0
    with suppress(ConnectionError):
        while piece := line.recv(2**20):
            size += len(piece)
    return size


async def test_who_takes_a_large_answer_slowly_gets_all_of_it(short):
    async with serving() as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(CALL.replace(b"/healthz", b"/large"))
        found = 0
        while found < LARGE:
            found += len(await reader.readexactly(min(4 * 2**20, LARGE - found)))
            await asyncio.sleep(0.1)
        writer.close()


async def test_an_address_has_so_many_connections_and_no_more(short, monkeypatch):
    monkeypatch.setattr(patience, "OF_LOOPBACK", 5)
    async with serving() as (port, _):
        first = [asyncio.create_task(talk(port, b"GET / HTTP/1.1\r\n")) for _ in range(5)]
        await asyncio.sleep(0.1)

        _, refusal = await talk(port, CALL)

        assert refusal.startswith(b"HTTP/1.1 429 ")
        await asyncio.gather(*first)
        # their places are free again
        await ask(port)


@pytest.mark.parametrize(
    ("name", "value"), [("trusted", frozenset({"127.0.0.1"})), ("unlimited", True)]
)
async def test_a_trusted_proxy_has_no_such_bound(short, monkeypatch, name, value):
    monkeypatch.setattr(patience, "OF_LOOPBACK", 1)
    monkeypatch.setattr(patience.PatientProtocol, name, value)
    async with serving(timeout_keep_alive=1) as (port, _):
        stories = await asyncio.gather(*(talk(port, CALL) for _ in range(20)))

    assert all(answer.startswith(b"HTTP/1.1 200 ") for _, answer in stories)


async def test_patience_is_shorter_in_a_crowd(monkeypatch):
    monkeypatch.setattr(patience, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(patience, "IDLE_SECONDS", 5.0)
    async with serving() as (quiet, _), serving(limit_concurrency=20) as (port, _):
        single = asyncio.create_task(talk(quiet, b""))
        crowd = [asyncio.create_task(talk(port, b"")) for _ in range(18)]

        # until no more than three quarters of all places are taken
        await until(lambda: sum(each.done() for each in crowd) >= 3)

        assert not single.done()
        for each in (single, *crowd):
            each.cancel()
