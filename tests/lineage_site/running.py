"""Starts the real launcher on a free port with a folder of its own, and watches it from outside."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import SystemRandom

# the kernels are compiled once for all tests, not once for each folder
CACHE = os.environ["NUMBA_CACHE_DIR"]


# below those that connections are given: tests that run beside this one make many before a site
# listens
PORTS = range(20_000, 30_000)


def free_port() -> int:
    """A port on which nothing listens right now."""
    while True:
        port = SystemRandom().choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def environment(folder: Path, **more: str) -> dict[str, str]:
    """A bare environment plus what the test says; no demo unless asked for."""
    return {
        "PATH": os.environ["PATH"],
        "VAR_DIR": str(folder),
        "NUMBA_CACHE_DIR": CACHE,
        "WORKERS": "1",
        "DEMO": "0",
    } | more


class Launcher:
    """A started launcher; `lines` is what it has said so far."""

    def __init__(self, folder: Path, *arguments: str, **more: str):
        self.env = environment(folder, **more)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lineage_site.launcher", *arguments],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []

    def read_until(self, text: str) -> str:
        """The first line that holds `text`; AssertionError with everything it said where it ends
        before.
        """
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if text in line:
                return self.lines[-1]
        raise AssertionError(f"it ended without saying {text!r}:\n" + "\n".join(self.lines))

    def ready(self) -> str:
        """Waits for the address and returns it."""
        self.address = re.search(r"http://\S+", self.read_until("Ready after"))[0]
        return self.address

    def settled(self, seconds: float = 180) -> str:
        """Waits until a worker is there as well, and returns the address."""
        address = self.ready()
        until = time.monotonic() + seconds
        while status(address + "readyz") != 200:
            assert time.monotonic() < until, f"no worker within {seconds} seconds"
            time.sleep(0.1)
        return address

    def password(self) -> str:
        """The one it printed on first start."""
        return next(
            found[1] for line in self.lines if (found := re.search(r"password (\S+)", line))
        )

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Sends the signal, waits, and returns the exit code."""
        self.process.send_signal(number)
        return self.process.wait(30)


def status(url: str) -> int:
    """The status of a page, redirects followed; 0 without an answer."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as problem:
        return problem.code
    except OSError:
        return 0


@contextmanager
def launched(folder: Path, *arguments: str, **more: str) -> Iterator[Launcher]:
    """A launcher that is ended, and its children with it, whatever the test does."""
    launcher = Launcher(folder, *arguments, **more)
    try:
        yield launcher
    finally:
        if launcher.process.poll() is None:
            launcher.end()
        launcher.process.stdout.close()


def descendants(pid: int) -> set[int]:
    """Every process below this one, from /proc."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(text.rpartition(")")[2].split()[1])
    found, layer = set(), {pid}
    while layer := {child for child, parent in parents.items() if parent in layer}:
        found |= layer
    return found


def command_of(pid: int) -> str:
    """What a process was started with; nothing where it ended meanwhile."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def alive(pids: set[int]) -> set[int]:
    """Those that still run; a zombie does not."""
    found = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            found.add(pid)
    return found


def all_gone(pids: set[int], seconds: float) -> bool:
    """Whether they all end within that time."""
    until = time.monotonic() + seconds
    while alive(pids) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(pids)
