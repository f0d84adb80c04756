"""The list of experiments: what 200 of them take of server and browser together, and whether a page
of 10,000 takes the server no more.
"""

import json
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.crew import answer, ask, helper
from benchmarks.live.painted import tab
from benchmarks.live.site import Site
from benchmarks.report import Goal, Result, result
from benchmarks.work import QUICK, ROUNDS

SHORT, LONG = (20, 60) if QUICK else (200, 10_000)
MOST = 0.5


def measure() -> list[Result]:
    """Seconds of the processor, queries and bytes; of the browser where there is one."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True)))
        site = Site(stack, folder)
        hand = helper(stack, "benchmarks.live.listed", env=site.env)
        short = listed(hand, SHORT)
        browser = painted(site)
        return [
            *both(short, browser),
            *of_server(short, SHORT),
            *of_server(listed(hand, LONG), LONG),
        ]


def listed(hand, count: int) -> dict:
    """What the server takes for so many experiments."""
    ask(hand, json.dumps(count))
    return answer(hand)


def painted(site: Site) -> list[float]:
    """Seconds of the browser's main thread, one a round; none where there is no browser."""
    address = f"http://127.0.0.1:{site.port}/"
    with tab() as page:
        if page is None:
            return []
        page.let_in(site.cookie, address)
        page.seconds(address)
        return [page.seconds(address) for _ in range(ROUNDS)]


def both(server: dict, browser: list[float]) -> list[Result]:
    name = f"the list of {SHORT} experiments, drawn"
    if not browser:
        return [result(f"{name}: no browser here", server["seconds"], "s")]
    sums = [one + other for one, other in zip(server["seconds"], browser, strict=True)]
    return [
        result(f"{name}: server and browser", sums, "s", goal=Goal("list", MOST, "<=", "value")),
        result(f"{name}: browser's main thread", browser, "s"),
    ]


def of_server(found: dict, count: int) -> list[Result]:
    name = f"a page of the list of {count:,} experiments"
    return [
        result(f"{name}: server", found["seconds"], "s"),
        result(f"{name}: queries", [float(found["queries"])], "queries"),
        result(f"{name}: before it is packed", [float(found["bytes"])], "bytes"),
    ]
