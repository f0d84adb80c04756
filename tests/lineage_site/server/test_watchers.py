"""A websocket whose other end is gone holds nothing for long."""

import asyncio
import socket

from lineage_site.server import progress, watchers
from tests.lineage_site.server.running import serving

UPGRADE = (
    b"GET /ws HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


async def silent(scope, receive, send) -> None:
    """Accepts, and waits for the end."""
    await receive()
    await send({"type": "websocket.accept"})
    await receive()


async def gone(server, seconds: float) -> bool:
    """Whether the server holds no connection within that time."""
    for _ in range(int(seconds / 0.05)):
        await asyncio.sleep(0.05)
        if not server.server_state.connections and not server.server_state.tasks:
            return True
    return False


async def test_who_takes_nothing_of_what_waits_is_dropped_with_it(monkeypatch):
    monkeypatch.setattr(progress, "STUCK_SECONDS", 0.3)
    monkeypatch.setattr(watchers, "LOOK_SECONDS", 0.05)
    async with serving() as (port, server):
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(UPGRADE)

            await asyncio.sleep(0.2)
            assert await gone(server, 3)


async def test_who_answers_no_ping_is_dropped_though_its_line_stands(monkeypatch):
    async with serving(silent, ws_ping_interval=0.2, ws_ping_timeout=0.2) as (port, server):
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(UPGRADE)
            await asyncio.sleep(0.1)
            assert server.server_state.connections

            assert await gone(server, 3)
