"""uvicorn with our protocols on a port of its own, in this process or in one like the launcher's,
and clients over raw sockets.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from uvicorn import Config, Server

from lineage_site.server.patience import PatientProtocol
from lineage_site.server.watchers import WatcherProtocol
from tests.lineage_site.running import environment, free_port, status

CALL = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"
LARGE = 64 * 2**20


async def application(scope, receive, send) -> None:
    """Reads the body and says how long it was; /large answers with LARGE bytes, a websocket gets as
    much again and again.
    """
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while True:
            await send({"type": "websocket.send", "bytes": bytes(2**20)})
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    body = bytes(LARGE) if scope["path"] == "/large" else str(size).encode()
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", str(len(body)).encode())],
        }
    )
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def serving(app=application, **options) -> AsyncIterator[tuple[int, Server]]:
    """(port, server) of `app` behind our protocols, in this process."""
    port = free_port()
    config = Config(
        app,
        port=port,
        http=PatientProtocol,
        ws=WatcherProtocol,
        lifespan="off",
        log_config=None,
        **options,
    )
    server = Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield port, server
    finally:
        server.force_exit = True
        await server.shutdown()


@contextmanager
def served(folder: Path, **more: str) -> Iterator[int]:
    """The port of a web process as the launcher starts it."""
    port = free_port()
    with (folder / "web.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "lineage_site.server"],
            env=environment(folder, PORT=str(port), **more),
            stdout=log,
            stderr=log,
        )
    try:
        until = time.monotonic() + 60
        while status(f"http://127.0.0.1:{port}/healthz") != 200:
            assert process.poll() is None and time.monotonic() < until, (
                folder / "web.log"
            ).read_text()
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


async def talk(
    port: int, first: bytes, *, drip: bytes = b"", every: float = 0.1, patience: float = 60.0
) -> tuple[float, bytes]:
    """(seconds until the server ended it, what it had answered) to a client that says `first` and
    then `drip` every so often.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.monotonic()
    writer.write(first)
    dripping = asyncio.create_task(_drip(writer, drip, every)) if drip else None
    try:
        answer = await asyncio.wait_for(_whole(reader), patience)
    except TimeoutError:
        return float("inf"), b""
    finally:
        if dripping:
            dripping.cancel()
        writer.close()
    return time.monotonic() - began, answer


async def _whole(reader: asyncio.StreamReader) -> bytes:
    """Everything up to the end, which may come as a reset."""
    found = b""
    try:
        while piece := await reader.read(65536):
            found += piece
    except ConnectionError:
        pass
    return found


async def _drip(writer: asyncio.StreamWriter, drip: bytes, every: float) -> None:
    while not writer.is_closing():
        await asyncio.sleep(every)
        writer.write(drip)


async def ask(port: int) -> None:
    """An ordinary request; AssertionError where it is not answered with 200."""
    _, answer = await talk(
        port, CALL.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"), patience=10
    )
    assert answer.startswith(b"HTTP/1.1 200 ")
