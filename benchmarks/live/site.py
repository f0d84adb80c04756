"""The whole site as `make run` starts it, on a free port with a folder of its own: web server,
workers, timer and Redis.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.crew import CORES, answer, ask, helper
from benchmarks.processes import all_cores

PATIENCE = 180.0


class Site:
    """A running site without experiments; ended with the stack."""

    def __init__(self, stack: ExitStack, folder: Path):
        self.port = free_port()
        kept = {name: os.environ[name] for name in ("PATH", "NUMBA_CACHE_DIR")}
        self.env = kept | {
            "VAR_DIR": str(folder),
            "PORT": str(self.port),
            "WORKERS": str(CORES),
            "DEMO": "0",
            "LIMITS": "0",
        }
        log = stack.enter_context((folder / "launcher.log").open("wb"))
        arguments = all_cores({}) | {"env": self.env, "text": False}
        command = [sys.executable, "-m", "lineage_site.launcher"]
        self.launcher = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **arguments
        )
        stack.callback(self.end)
        self.wait_until_ready()
        self.hand = helper(stack, "benchmarks.live.hand", env=self.env)
        self.cookie = answer(self.hand)

    def wait_until_ready(self) -> None:
        """Web server, database, Redis and a worker all answer."""
        until = time.monotonic() + PATIENCE
        while not self.ready():
            if self.launcher.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the site is not ready; see {self.env['VAR_DIR']}")
            time.sleep(0.2)

    def ready(self) -> bool:
        web = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            web.request("GET", "/readyz")
            return web.getresponse().status == 200
        except OSError:
            return False
        finally:
            web.close()

    def rate(self, agents: int, rounds: int, *, watched: bool) -> float:
        """Agent-steps per second of a new experiment's first rounds, from opening the first to
        closing the last.
        """
        with ExitStack() as stack:
            ask(self.hand, f"[{agents}, {rounds}]")
            uuid = answer(self.hand)
            if watched:
                url, origin = (
                    f"ws://127.0.0.1:{self.port}/ws/experiments/{uuid}/",
                    f"http://127.0.0.1:{self.port}",
                )
                answer(helper(stack, "benchmarks.live.viewer", url, origin, self.cookie))
            ask(self.hand, "go")
            steps, seconds = answer(self.hand)
        return steps / seconds

    def end(self) -> None:
        """As Ctrl-C does."""
        if self.launcher.poll() is None:
            self.launcher.send_signal(signal.SIGINT)
            self.launcher.wait(30)


def free_port() -> int:
    """A port that is free right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
