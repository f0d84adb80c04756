"""The list of experiments: what 200 of them take of server and browser together, and what a page of
10,000 takes of the server.
"""

import json
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.crew import answer, ask, helper
from benchmarks.live.site import Site
from benchmarks.processes import said
from benchmarks.report import Goal, Result, result
from benchmarks.work import QUICK

SHORT, LONG = (20, 60) if QUICK else (200, 10_000)
MOST = Goal("list", 0.5, "<=", "value")


def measure() -> list[Result]:
    """Seconds of the processor, queries and bytes."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True)))
        site = Site(stack, folder)
        hand = helper(stack, "benchmarks.live.listed", env=site.env)
        short = listed(hand, SHORT)
        drawn = painted(site)
        return [*drawn, *of_server(short, SHORT), *of_server(listed(hand, LONG), LONG)]


def listed(hand, count: int) -> dict:
    """What the server takes for so many experiments."""
    ask(hand, json.dumps(count))
    return answer(hand)


def painted(site: Site) -> list[Result]:
    """Of the list as it stands, by a real server and a real browser."""
    address = f"http://127.0.0.1:{site.port}/"
    rows = said("benchmarks.live.painted", {}, address, site.cookie, str(site.launcher.pid))
    browser, server = zip(*rows, strict=True)
    name = f"the list of {SHORT} experiments, drawn"
    return [
        result(f"{name}: server and browser", [a + b for a, b in rows], "s", goal=MOST),
        result(f"{name}: browser's main thread", browser, "s"),
        result(f"{name}: web server", server, "s"),
    ]


def of_server(found: dict, count: int) -> list[Result]:
    """Of a page of the list alone, without its files and the line."""
    name = f"a page of the list of {count:,} experiments"
    return [
        result(f"{name}: view", found["seconds"], "s"),
        result(f"{name}: queries", [float(found["queries"])], "queries"),
        result(f"{name}: before it is packed", [float(found["bytes"])], "bytes"),
    ]
