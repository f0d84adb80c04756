"""The page's data: bytes and the server's CPU time for a first paint, a step to another round and a
close, on experiments of several sizes, and by what law they grow.
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
}


def measure() -> list[Result]:
    """A line a figure and size; against that of the size before, which says how it grows."""
    with tempfile.TemporaryDirectory() as folder:
        measured = said("benchmarks.live.page", {"VAR_DIR": folder})
    largest, results = measured[-1][0], list[Result]()
    for what, rows in groupby(sorted(measured, key=itemgetter(1)), key=itemgetter(1)):
        before: tuple[str, float] | None = None
        for size, _, figure, unit in sorted(rows, key=measured.index):
            goal = GOALS.get(what) if size == largest else None
            peer = {"peer": before[0], "against": [before[1]]} if before else {}
            results.append(result(f"{what}, {size}", [figure], unit, goal=goal, **peer))
            before = size, figure
    return results
