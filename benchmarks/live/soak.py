"""Twenty minutes of ten pages a second beside the demo: what each process holds, and how long pages
take, minute by minute.

    python -m benchmarks.live.soak [SECONDS] [PAGES A SECOND]

Starts a site of its own in a temporary folder, with a browser's socket at the demo all along, and
prints a table. Curves that do not level off are the finding; no figure is judged, for they depend
on the machine. Only Linux tells the memory of processes.
"""

import http.client
import http.cookiejar
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from websockets.sync.client import connect

from lineage_site.environment.kernels import cache_folder

ROOT = Path(__file__).resolve().parents[2]
ROLES = {"lineage_site.server": "web", " worker": "worker", " beat": "timer", "valkey": "redis"}
WIDTH = 8
OUTSTANDING = 32


def main(seconds: float, rate: float) -> None:
    """Prints a row a minute, and what came of all requests at the end."""
    with tempfile.TemporaryDirectory() as folder, site(Path(folder)) as (process, port, password):
        cookie = login(port, password)
        experiment = re.search(r"/experiments/[0-9a-f-]{36}/", get(port, "/", cookie)[2])[0]
        pages = [
            "/",
            experiment,
            f"{experiment}snapshot",
            f"{experiment}agents/1/",
            f"{experiment}waterfall.json",
        ]
        pages += [
            "/markets/",
            "/experiments/new/",
            "/proof/",
            "/terms/",
            "/static/js/pages/live.js",
        ]
        over = threading.Event()
        threading.Thread(target=watch, args=(port, experiment, cookie, over), daemon=True).start()
        run(process.pid, port, cookie, pages, seconds, rate)
        over.set()


def run(pid: int, port: int, cookie: str, pages: list[str], seconds: float, rate: float) -> None:
    """Asks for one page after another, no faster than that rate and OUTSTANDING at a time, and
    prints what each minute brought.
    """
    names = sorted(memory(pid))
    print(
        "minute",
        *(f"{name:>{WIDTH}}" for name in [*names, "p50 ms", "p95 ms", "pages", "failed"]),
        flush=True,
    )
    answers: queue.SimpleQueue[tuple[float, int]] = queue.SimpleQueue()
    room = threading.Semaphore(OUTSTANDING)
    began, minutes = time.monotonic(), 0
    following = cycle(pages)
    with ThreadPoolExecutor(OUTSTANDING) as pool:
        while minutes < seconds / 60:
            if time.monotonic() - began >= 60 * (minutes + 1):
                minutes += 1
                held = memory(pid)
                figures = [
                    *(f"{held.get(name, 0):.0f}" for name in names),
                    *latency([answers.get() for _ in range(answers.qsize())]),
                ]
                print(f"{minutes:6}", *(f"{figure:>{WIDTH}}" for figure in figures), flush=True)
            if room.acquire(timeout=1):
                pool.submit(ask, answers, room, port, next(following), cookie)
            time.sleep(1 / rate)


def ask(
    answers: queue.SimpleQueue, room: threading.Semaphore, port: int, page: str, cookie: str
) -> None:
    """Notes how long a page took, and its status."""
    answers.put(get(port, page, cookie)[:2])
    room.release()


def latency(minute: list[tuple[float, int]]) -> list[str]:
    """p50 and p95 in ms, how many, how many of them failed."""
    ranked = sorted(spent * 1e3 for spent, _ in minute) or [0.0]
    middle, high = ranked[len(ranked) // 2], ranked[int(len(ranked) * 0.95)]
    return [
        f"{middle:.0f}",
        f"{high:.0f}",
        str(len(minute)),
        str(sum(status != 200 for _, status in minute)),
    ]


def get(port: int, path: str, cookie: str) -> tuple[float, int, str]:
    """(seconds, status, text) of a page on a line of its own; status 0 where there is no answer."""
    began = time.monotonic()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        line.request("GET", path, headers={"Cookie": cookie})
        answer = line.getresponse()
        text = answer.read().decode(errors="replace")
        return time.monotonic() - began, answer.status, text
    except OSError:
        return time.monotonic() - began, 0, ""
    finally:
        line.close()


def watch(port: int, experiment: str, cookie: str, over: threading.Event) -> None:
    """A browser that watches all along, and comes back."""
    while not over.is_set():
        try:
            address = f"ws://127.0.0.1:{port}/ws{experiment}"
            with connect(
                address,
                additional_headers={"Cookie": cookie},
                origin=f"http://127.0.0.1:{port}",
                max_size=None,
            ) as line:
                for _ in line:
                    pass
        except Exception as problem:
            if not over.is_set():
                print(f"       socket: {type(problem).__name__}", flush=True)
        time.sleep(1)


def memory(pid: int) -> dict[str, float]:
    """MiB that each process below `pid` has in memory, by its role; those of one role are numbered
    by age.
    """
    found: dict[str, float] = {}
    for each in sorted(below(pid)):
        try:
            command = Path(f"/proc/{each}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            held = (
                int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{each}/status").read_text())[1])
                / 1024
            )
        except (OSError, TypeError):
            continue
        role = next((role for part, role in ROLES.items() if part in command), None)
        if role:
            found[
                next(
                    name
                    for name in (role, *(f"{role} {number}" for number in range(2, 99)))
                    if name not in found
                )
            ] = held
    return found


def below(pid: int) -> set[int]:
    """Every process that descends from it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found: set[int] = set()
    layer = {pid}
    while layer := {child for child, parent in parents.items() if parent in layer}:
        found |= layer
    return found


@contextmanager
def site(folder: Path) -> Iterator[tuple[subprocess.Popen, int, str]]:
    """(process, port, password of admin) of a launcher with the demo running, which is ended
    whatever happens.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kernels = os.environ.get("NUMBA_CACHE_DIR") or str(
        cache_folder(ROOT, Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve())
    )
    environment = {
        "VAR_DIR": str(folder),
        "NUMBA_CACHE_DIR": kernels,
        "PORT": str(port),
        "LIMITS": "0",
        "DEMO": "1",
    }
    command = [sys.executable, "-m", "lineage_site.launcher"]
    process = subprocess.Popen(
        command,
        env=dict(os.environ) | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        said = ""
        for line in process.stdout:
            said += line
            if "Ready after" in line:
                break
        yield process, port, re.search(r"password (\S+)", said)[1]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def login(port: int, password: str) -> str:
    """The cookies of admin."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    address = f"http://127.0.0.1:{port}/login/"
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', browser.open(address).read().decode())[
        1
    ]
    form = {"csrfmiddlewaretoken": token, "username": "admin", "password": password}
    browser.open(address, urllib.parse.urlencode(form).encode()).read()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


if __name__ == "__main__":
    main(*(float(word) for word in (*sys.argv[1:], *("1200", "10")[len(sys.argv) - 1 :])))
