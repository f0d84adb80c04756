"""How much a live connection holds, how fast a message reaches all of them, and how soon all are
back after the web server was killed: `python -m benchmarks.sockets [SOCKETS]`, two minutes.

A site of its own, as `make run` starts it, one web process, and as many browsers' connections from
this one, all at the same experiment. The clock is the machine's monotonic one, which the sender
writes into the message itself. The processor time of both sides is printed, so that a tired client
is not taken for a slow server. No figure is judged, for they depend on the machine.
"""

import asyncio
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from arena.wire.messages import decode
from benchmarks.live.site import Site
from benchmarks.live.soak import ROOT, below

RATE, SECONDS = 2.0, 20.0
# while connecting: so many at a time
AT_ONCE = 50
TICKS = os.sysconf("SC_CLK_TCK")
# a cookie and an experiment; then messages of 2 KiB as often as asked, with their time inside
SENDER = """
import json, sys, time
from arena.wire import messages, publish
from arena.models import Experiment
from benchmarks.live.hand import draft, session
from django.contrib.auth import get_user_model
user = get_user_model().objects.get(username="admin")
row = draft(user, 2)
print(json.dumps([session(user), str(row.uuid)]), flush=True)
for line in sys.stdin:
    message = messages.progress(row, 0, 0.5, time.monotonic())
    event = messages.event(message)
    event["frame"] += messages.message("state", row, -1, {"experiment": {}, "feed": "x" * 1800}
        ).encode()
    publish._send(messages.group(row.uuid), event)
"""


class Crowd:
    """Browsers at one experiment that come back as the page does."""

    def __init__(self, url: str, origin: str, cookie: str):
        self.url, self.options = url, {"origin": origin, "additional_headers": {"Cookie": cookie}}
        self.lines: dict[int, ClientConnection] = {}
        self.late: deque[float] = deque()
        self.over, self.gate = False, asyncio.Semaphore(AT_ONCE)
        self.tasks: list[asyncio.Task] = []

    async def grow(self, count: int) -> None:
        """Until so many are connected."""
        first = len(self.tasks)
        self.tasks += [asyncio.create_task(self._live(each)) for each in range(first, count)]
        await until(lambda: len(self.lines) == count)

    async def _live(self, number: int) -> None:
        attempt = 0
        while not self.over:
            with suppress(OSError, TimeoutError, WebSocketException):
                async with self.gate:
                    line = await connect(self.url, max_size=None, open_timeout=60, **self.options)
                self.lines[number], attempt = line, 0
                await self._hear(line)
            self.lines.pop(number, None)
            await asyncio.sleep(backoff(attempt))
            attempt += 1

    async def _hear(self, line: ClientConnection) -> None:
        async for frame in line:
            now = time.monotonic()
            sent = [
                message.data["agent_steps_per_second"]
                for message in decode(frame)
                if message.type == "progress"
            ]
            self.late.extend(now - each for each in sent)

    async def leave(self) -> None:
        """All of them."""
        self.over = True
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


def backoff(attempt: int) -> float:
    """Seconds before a page tries again, as static/js/socket.js has them."""
    return min(30.0, 0.5 * 2 ** min(attempt, 16)) * (0.5 + random.random() / 2)  # noqa: S311


async def until(ready: Callable[[], bool], seconds: float = 180.0) -> float:
    """Seconds it took; TimeoutError after so many."""
    began = time.monotonic()
    while not ready():
        if time.monotonic() - began > seconds:
            raise TimeoutError
        await asyncio.sleep(0.05)
    return time.monotonic() - began


def web_of(launcher: int) -> int:
    """The web process."""
    return next(
        pid
        for pid in below(launcher)
        if b"lineage_site.server" in Path(f"/proc/{pid}/cmdline").read_bytes()
    )


def held(pid: int) -> float:
    """KiB in memory."""
    text = Path(f"/proc/{pid}/status").read_text()
    return float(text.split("VmRSS:")[1].split()[0])


def spent(pid: int) -> float:
    """Seconds of processors that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def memory(crowd: Crowd, web: int, count: int) -> None:
    """KiB a socket, from a tenth of them to all."""
    await crowd.grow(count // 10)
    await asyncio.sleep(5)
    before = held(web)
    took = time.monotonic()
    await crowd.grow(count)
    took = time.monotonic() - took
    await asyncio.sleep(5)
    each = (held(web) - before) / (count - count // 10)
    print(f"{count} sockets: {each:.0f} KiB each, {took:.1f} s to connect nine tenths", flush=True)


async def fan_out(crowd: Crowd, web: int, sender: subprocess.Popen, count: int) -> None:
    """Milliseconds from the sender to the browsers, and what was lost."""
    crowd.late.clear()
    before, messages, began = (
        (spent(web), time.process_time()),
        int(RATE * SECONDS),
        time.monotonic(),
    )
    for number in range(messages):
        sender.stdin.write("\n")
        sender.stdin.flush()
        await asyncio.sleep(max(began + (number + 1) / RATE - time.monotonic(), 0))
    await asyncio.sleep(5)
    late = sorted(crowd.late)
    middle, high = (1e3 * late[int(share * (len(late) - 1))] for share in (0.5, 0.99))
    lost = 1 - len(late) / (messages * count)
    print(
        f"{RATE:.0f} messages a second: median {middle:.0f} ms, 99 % {high:.0f} ms,"
        f" {lost:.2%} merged into a newer one or lost; processor seconds:"
        f" server {spent(web) - before[0]:.1f}, browsers {time.process_time() - before[1]:.1f}"
        f" of {SECONDS:.0f}",
        flush=True,
    )


async def storm(crowd: Crowd, launcher: int, web: int, count: int) -> None:
    """Seconds until all are back after a kill -9 of the web server."""
    os.kill(web, signal.SIGKILL)
    await until(lambda: len(crowd.lines) < count // 2)
    took = await until(lambda: len(crowd.lines) == count)
    print(f"killed: all {count} are back after {took:.1f} s", flush=True)


async def measure(site: Site, sender: subprocess.Popen, count: int) -> None:
    """A line for each of the three."""
    cookie, uuid = json.loads(sender.stdout.readline())
    here = f"127.0.0.1:{site.port}"
    crowd = Crowd(f"ws://{here}/ws/experiments/{uuid}/", f"http://{here}", cookie)
    web = web_of(site.launcher.pid)
    await memory(crowd, web, count)
    await fan_out(crowd, web, sender, count)
    await storm(crowd, site.launcher.pid, web, count)
    await crowd.leave()


def main(count: int) -> None:
    """Everything, with a site of its own."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(2 * count + 500, hard), hard))
    with TemporaryDirectory() as folder, ExitStack() as stack:
        site = Site(stack, Path(folder))
        sender = subprocess.Popen(
            [sys.executable, "manage.py", "shell", "-v0", "-c", SENDER],
            cwd=ROOT,
            env=site.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        stack.callback(sender.kill)
        asyncio.run(measure(site, sender, count))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
