"""`python -m benchmarks.live.browser`: what the page of long experiments costs a browser's main
thread and the web server, in CPU time, in the folder of `benchmarks.live.page`.
"""

import json
import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from shutil import which
from statistics import median
from typing import Any

import django

django.setup()

from playwright.sync_api import CDPSession, Page, Route, WebSocketRoute, sync_playwright  # noqa: E402

from arena.models import Experiment  # noqa: E402
from arena.selectors.pages.snapshot import round_delta  # noqa: E402
from arena.wire import messages  # noqa: E402
from benchmarks.live.history import NAME  # noqa: E402
from benchmarks.live.site import Site  # noqa: E402
from benchmarks.live.soak import below  # noqa: E402
from benchmarks.work import QUICK  # noqa: E402

WIDTH, HEIGHT = 1440, 900
AGAIN = 3 if QUICK else 9
ROUNDS = 10 if QUICK else 300
QUIET_MS = 300
MIB = 2**20
# two frames after all that was asked for has come
SETTLED = """quiet => new Promise(done => {
  let last = performance.now();
  const watch = new PerformanceObserver(() => { last = performance.now(); });
  watch.observe({ type: "resource" });
  const look = () => performance.now() - last > quiet
    ? (watch.disconnect(), requestAnimationFrame(() => requestAnimationFrame(done)))
    : setTimeout(look, 50);
  look();
})"""
DRAWN = """() => document.querySelector("#relative .main-svg")
  && document.querySelector("[data-connection=online]")"""


def main() -> None:
    """[[size, what, figure, unit]]."""
    folder = Path(os.environ["VAR_DIR"])
    experiments = list(Experiment.objects.select_related("market").filter(name=NAME).order_by("pk"))
    # the browser's driver lets nobody ask the database
    closes = [round_delta(experiment=each, index=each.rounds_done - 1) for each in experiments]
    with ExitStack() as stack:
        site = Site(stack, folder)
        play = stack.enter_context(sync_playwright())
        browser = play.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or which("chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        stack.callback(browser.close)
        rows = []
        for experiment, close in zip(experiments, closes, strict=True):
            size = (
                f"{experiment.population:,} x {experiment.rounds_done:,},"
                f" {experiment.next_number - 1:,} ever"
            )
            visit = Visit(browser, site, experiment, close)
            rows += [[size, *row] for row in visit.measured()]
    print(json.dumps(rows))


class Visit:
    """A browser's page of an experiment, and what it costs. close: data of its last round's
    message.
    """

    def __init__(self, browser: Any, site: Site, experiment: Experiment, close: dict[str, Any]):
        self.experiment, self.close = experiment, close
        name, _, value = site.cookie.partition("=")
        address = f"http://127.0.0.1:{site.port}"
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
        context.add_cookies([{"name": name, "value": value, "url": address}])
        self.page: Page = context.new_page()
        self.line: WebSocketRoute | None = None
        self.page.route_web_socket("**/ws/**", self._between)
        self.address = f"{address}/experiments/{experiment.uuid}/"
        self.cdp: CDPSession = context.new_cdp_session(self.page)
        self.cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.web = next(
            pid
            for pid in below(site.launcher.pid)
            if b"lineage_site.server" in Path(f"/proc/{pid}/cmdline").read_bytes()
        )
        self.sent = 0

    def _between(self, line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        server.on_message(line.send)
        line.on_message(server.send)
        self.line = line

    def measured(self) -> list[list[Any]]:
        """[[what, figure, unit]]."""
        rows = self._painted()
        rows += [["round closes, on the Overview", self._rounds(), "ms"]]
        rows += [["tab", self._median(self._tabs), "ms"]]
        self._open("population")
        rows += [["round closes, on Population", self._rounds(), "ms"]]
        rows += [["sort", self._median(self._sort), "ms"]]
        rows += self._picks()
        rows += [["time step", self._median(self._step), "ms"]]
        rows += [["heap after 300 rounds, more", self._grown(), "MiB"]]
        self.page.context.close()
        return rows

    def _painted(self) -> list[list[Any]]:
        sizes: list[float] = []
        self.cdp.send("Network.enable")
        self.cdp.on("Network.loadingFinished", lambda one: sizes.append(one["encodedDataLength"]))
        costs, served = [], []
        for _ in range(AGAIN):
            sizes.clear()
            self.page.goto("about:blank")
            self.cdp.send("Network.clearBrowserCache")
            before = self._main(), _cpu(self.web)
            self.page.goto(self.address)
            self.page.wait_for_function(DRAWN)
            self.page.evaluate(SETTLED, QUIET_MS)
            costs.append(self._main() - before[0])
            served.append(_cpu(self.web) - before[1])
        return [
            ["page opened, browser", median(costs), "ms"],
            ["page opened, server", median(served), "ms"],
            ["page opened, both", median(map(sum, zip(costs, served, strict=True))), "ms"],
            ["page opened, everything sent", sum(sizes) / 1000, "kB"],
        ]

    def _main(self) -> float:
        """Milliseconds of CPU that the page's main thread has spent."""
        found = self.cdp.send("Performance.getMetrics")["metrics"]
        return 1000 * next(each["value"] for each in found if each["name"] == "TaskDuration")

    def _cost(self, deed: Callable[[], object]) -> float:
        before = self._main()
        deed()
        self.page.evaluate(SETTLED, QUIET_MS)
        return self._main() - before

    def _median(self, deed: Callable[[], object]) -> float:
        self._cost(deed)
        idle = self._cost(lambda: None)
        return median(self._cost(deed) - idle for _ in range(AGAIN))

    def _open(self, tab: str) -> None:
        self.page.click(f".tab-links [data-tab-link={tab}]")
        self.page.evaluate(SETTLED, QUIET_MS)

    def _tabs(self) -> None:
        is_first = self.page.locator("[data-page=overview]:visible").count()
        tab = "population" if is_first else "overview"
        self.page.click(f".tab-links [data-tab-link={tab}]")

    def _sort(self) -> None:
        self.page.locator("#leaderboard thead button").nth(1).click()

    def _step(self) -> None:
        self.page.keyboard.press(",")

    def _picks(self) -> list[list[Any]]:
        """What a pick marks at once, and what the agent's panel draws when its answer has come."""
        held: list[Route] = []
        marked, drawn = [], []

        def hold(route: Route) -> None:
            held.append(route)

        for place in range(AGAIN + 1):
            self.page.route("**/agents/**", hold)
            button = self.page.locator("#leaderboard tbody [data-agent]").nth(place)
            idle = self._cost(lambda: None)
            marked.append(self._cost(button.click) - idle)
            before = self._main()
            for route in held:
                route.continue_()
            held.clear()
            self.page.unroute("**/agents/**")
            self.page.evaluate(SETTLED, QUIET_MS)
            self.page.evaluate(SETTLED, QUIET_MS)
            drawn.append(self._main() - before - 2 * idle)
            self.page.keyboard.press("Escape")
        return [
            ["pick, what is marked", median(marked[1:]), "ms"],
            ["pick, the agent's panel", median(drawn[1:]), "ms"],
        ]

    def _rounds(self) -> float:
        idle = self._cost(lambda: None)
        self._close()
        return median(self._cost(self._close) - idle for _ in range(AGAIN))

    def _close(self) -> None:
        """The message of one more round, with the figures of the last that was played."""
        self.sent += 1
        index = self.experiment.rounds_done - 1
        data = self.close
        data["curves"]["rounds"] = data["heatmap"]["rounds"] = [index + self.sent]
        self.line.send(
            messages.Message(
                "round",
                str(self.experiment.uuid),
                messages.epoch(self.experiment),
                self.experiment.seq + self.sent,
                index + self.sent,
                data,
            ).encode()
        )

    def _grown(self) -> float:
        self.page.keyboard.press("l")
        before = self._heap()
        for _ in range(ROUNDS):
            self._close()
            time.sleep(0.02)
        self.page.evaluate(SETTLED, QUIET_MS)
        return self._heap() - before

    def _heap(self) -> float:
        self.cdp.send("HeapProfiler.collectGarbage")
        found = self.cdp.send("Performance.getMetrics")["metrics"]
        return next(each["value"] for each in found if each["name"] == "JSHeapUsedSize") / MIB


def _cpu(pid: int) -> float:
    """Milliseconds of CPU that a process has spent, in all threads it ever had; only Linux says."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return 1000 * sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
