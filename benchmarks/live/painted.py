"""What a page takes of a browser's main thread: headless chromium through its own debugging
protocol.
"""

import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from websockets.sync.client import ClientConnection, connect

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0")
# once a page has been quiet for so long, it is painted
QUIET_SECONDS = 1.5
PATIENCE = 30.0
LISTENING = re.compile(r"ws://\S+")


class Tab:
    """One tab of a browser, in which nothing was opened yet."""

    def __init__(self, socket: ClientConnection):
        self.socket, self.numbers = socket, count(1)
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        self.ask("Performance.enable", timeDomain="threadTicks")
        self.ask("Page.enable")

    session = ""

    def ask(self, method: str, **params: Any) -> Any:
        """The answer to a command; what the browser tells meanwhile is passed over."""
        number = next(self.numbers)
        wanted = {"id": number, "method": method, "params": params}
        if self.session:
            wanted["sessionId"] = self.session
        self.socket.send(json.dumps(wanted))
        while True:
            said = json.loads(self.socket.recv(timeout=PATIENCE))
            if said.get("id") == number:
                return said["result"]

    def seconds(self, address: str) -> float:
        """Of the main thread's processor for loading a page until it is quiet."""
        self.ask("Page.navigate", url="about:blank")
        before = self._busy()
        self.ask("Page.navigate", url=address)
        time.sleep(QUIET_SECONDS)
        return self._busy() - before

    def let_in(self, cookie: str, address: str) -> None:
        """Log in by the cookie of a session."""
        name, _, value = cookie.partition("=")
        self.ask("Network.setCookie", name=name, value=value, url=address)

    def _busy(self) -> float:
        found = self.ask("Performance.getMetrics")["metrics"]
        return next(each["value"] for each in found if each["name"] == "TaskDuration")


@contextmanager
def tab() -> Iterator[Tab | None]:
    """A fresh tab; None where there is no browser."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        yield None
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [program, *FLAGS, f"--user-data-dir={folder}", "about:blank"]
        browser = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            with connect(_address(browser), max_size=None) as socket:
                yield Tab(socket)
        finally:
            browser.terminate()
            browser.wait(PATIENCE)


def _address(browser: subprocess.Popen[str]) -> str:
    """Where it listens, which it says on its standard error."""
    for line in browser.stderr or ():
        if found := LISTENING.search(line):
            return found[0]
    raise RuntimeError("the browser has ended before it listened")
