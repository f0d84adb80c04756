"""The page of an experiment: CPU time of server and browser, and bytes, for opening it, a step to
another round, a pick, a close, on experiments of several sizes, and by what law they grow.
"""

import tempfile
from itertools import groupby
from operator import itemgetter

from benchmarks.processes import said
from benchmarks.report import Goal, Result, result

# of the largest experiment
GOALS = {
    "first paint, compressed": Goal("S2", 600.0, "<=", "value"),
    "first paint made": Goal("S2", 20.0, "<=", "value"),
    "first paint stored": Goal("S2", 5.0, "<=", "value"),
    "step made": Goal("S3", 15.0, "<=", "value"),
    "page opened, both": Goal("S1", 500.0, "<=", "value"),
    "pick, what is marked": Goal("S3", 20.0, "<=", "value"),
    "pick, the agent's panel": Goal("S3", 100.0, "<=", "value"),
    "sort": Goal("S3", 20.0, "<=", "value"),
    "tab": Goal("S3", 20.0, "<=", "value"),
    "time step": Goal("S3", 40.0, "<=", "value"),
    "round closes, on the Overview": Goal("S3", 50.0, "<=", "value"),
    "round closes, on Population": Goal("S3", 50.0, "<=", "value"),
    "heap after 300 rounds, more": Goal("S3", 20.0, "<=", "value"),
}


def measure() -> list[Result]:
    """A line a figure and size; against that of the size before, which says how it grows."""
    with tempfile.TemporaryDirectory() as folder:
        measured = [
            *said("benchmarks.live.page", {"VAR_DIR": folder}),
            *said("benchmarks.live.browser", {"VAR_DIR": folder}),
        ]
    results = list[Result]()
    largest = measured[-1][0]
    for what, rows in groupby(sorted(measured, key=itemgetter(1)), key=itemgetter(1)):
        before: tuple[str, float] | None = None
        for size, _, figure, unit in sorted(rows, key=measured.index):
            goal = GOALS.get(what) if size == largest else None
            peer = {"peer": before[0], "against": [before[1]]} if before else {}
            results.append(result(f"{what}, {size}", [figure], unit, goal=goal, **peer))
            before = size, figure
    return results
