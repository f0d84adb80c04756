"""`python -m benchmarks.live.painted ADDRESS COOKIE PID`: what a page takes of a browser's main
thread, and of the web server below the launcher PID, in seconds of the processor; a pair a round.
"""

import json
import os
import sys
from pathlib import Path
from shutil import which

from playwright.sync_api import sync_playwright

from benchmarks.live.soak import below
from benchmarks.work import ROUNDS

SIZE = {"width": 1440, "height": 900}
# once a page has been quiet for so long, it is drawn
QUIET_MS = 1000


def main(address: str, cookie: str, launcher: str) -> None:
    """The first load fills the cache of the browser and is not counted."""
    name, _, value = cookie.partition("=")
    web = web_server(int(launcher))
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or which("chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        context = browser.new_context(viewport=SIZE)
        context.add_cookies([{"name": name, "value": value, "url": address}])
        page = context.new_page()
        cdp = context.new_cdp_session(page)
        cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
        rows = []
        for _ in range(ROUNDS + 1):
            page.goto("about:blank")
            before = busy(cdp), cpu(web)
            page.goto(address)
            page.wait_for_timeout(QUIET_MS)
            rows.append([busy(cdp) - before[0], cpu(web) - before[1]])
        browser.close()
    print(json.dumps(rows[1:]))


def web_server(launcher: int) -> int:
    """The process that serves pages."""
    return next(
        pid
        for pid in below(launcher)
        if b"lineage_site.server" in Path(f"/proc/{pid}/cmdline").read_bytes()
    )


def busy(cdp) -> float:
    """Seconds that the page's main thread has spent."""
    found = cdp.send("Performance.getMetrics")["metrics"]
    return next(each["value"] for each in found if each["name"] == "TaskDuration")


def cpu(pid: int) -> float:
    """Seconds that a process has spent, threads that have ended among them; only Linux says."""
    # behind the name, which may hold spaces: user and system time are the 12th and the 13th
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(*sys.argv[1:4])
