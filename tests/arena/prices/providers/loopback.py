"""A real HTTP server on loopback whose answers a test writes: the outside world of the tests."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

Say = Callable[[BaseHTTPRequestHandler], None]


class Loopback:
    """`say` answers the next requests, one each, the last of them for ever; `asked`: (path, query,
    headers) of each request.
    """

    def __init__(self, url: str):
        self.url = url
        self.asked: list[tuple[str, dict[str, list[str]], dict[str, str]]] = []
        self._lines: list[Say] = [text("no answer was given", status=500)]

    def say(self, *lines: Say) -> None:
        self._lines = list(lines)

    def next(self) -> Say:
        return self._lines.pop(0) if len(self._lines) > 1 else self._lines[0]


@contextmanager
def loopback() -> Iterator[Loopback]:
    """A server on a free port, closed afterwards."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            served.asked.append(
                (
                    parts.path,
                    parse_qs(parts.query),
                    {name.lower(): value for name, value in self.headers.items()},
                )
            )
            try:
                served.next()(self)
            except OSError:
                # the client had enough
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Not into the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Loopback(f"http://127.0.0.1:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def text(
    body: str | bytes, *, status: int = 200, kind: str = "application/json", **headers: str
) -> Say:
    """A whole answer; header names with underscores for hyphens."""
    raw = body.encode() if isinstance(body, str) else body

    def say(to: BaseHTTPRequestHandler) -> None:
        _head(to, status, kind, headers)
        to.send_header("Content-Length", str(len(raw)))
        to.end_headers()
        to.wfile.write(raw)

    return say


def data(content: Any, *, status: int = 200, **headers: str) -> Say:
    """A whole answer in JSON, NaN as Python would write it."""
    return text(json.dumps(content), status=status, **headers)


def cut_off(body: str, missing: int = 50) -> Say:
    """The connection ends before the length that was announced."""

    def say(to: BaseHTTPRequestHandler) -> None:
        _head(to, 200, "application/json", {})
        to.send_header("Content-Length", str(len(body) + missing))
        to.end_headers()
        to.wfile.write(body.encode())
        to.close_connection = True

    return say


def slow(seconds: float, *, first: str = "") -> Say:
    """Nothing, or a byte now and then, for so long."""

    def say(to: BaseHTTPRequestHandler) -> None:
        _head(to, 200, "application/json", {})
        to.send_header("Content-Length", "1000000")
        to.end_headers()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            to.wfile.write(first.encode())
            time.sleep(0.05)

    return say


def endless() -> Say:
    """Megabytes without end."""

    def say(to: BaseHTTPRequestHandler) -> None:
        _head(to, 200, "application/json", {})
        to.send_header("Connection", "close")
        to.end_headers()
        while True:
            to.wfile.write(b" " * 65_536)

    return say


def hang_up() -> Say:
    """The connection ends without a word."""

    def say(to: BaseHTTPRequestHandler) -> None:
        to.connection.shutdown(socket.SHUT_RDWR)
        to.close_connection = True

    return say


def redirect(to_url: str, status: int = 302) -> Say:
    """Somewhere else."""
    return text("", status=status, Location=to_url)


def _head(to: BaseHTTPRequestHandler, status: int, kind: str, headers: dict[str, str]) -> None:
    to.send_response_only(status)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    if "Date" not in names:
        to.send_header("Date", to.date_time_string())
    if kind:
        to.send_header("Content-Type", kind)
    for name, value in names.items():
        to.send_header(name, value)
