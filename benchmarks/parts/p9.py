"""P9: how long a bare machine compiles, and how long a worker's process takes to start where that
was done before.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.processes import said
from benchmarks.report import Goal, Result, result
from benchmarks.work import ROUNDS

UNIT = "s"


def measure() -> list[Result]:
    """Both from new processes: of the engine alone, and of a worker's process from its first line
    until it is ready.
    """
    cold, warm, whole = [], [], []
    for _ in range(ROUNDS):
        with TemporaryDirectory() as folder:
            env = {"VAR_DIR": folder, "NUMBA_CACHE_DIR": str(Path(folder) / "kernels")}
            cold.append(said("benchmarks.start", env)["warm"])
            seconds = said("benchmarks.start", env)
            warm.append(seconds["warm"])
            whole.append(seconds["whole"])
    return [
        result(
            "compile all that a worker needs, nothing cached",
            cold,
            UNIT,
            goal=Goal("P9", 15.0, "<=", "value"),
        ),
        result(
            "load all that a worker needs from the cache",
            warm,
            UNIT,
            goal=Goal("P9", 1.5, "<=", "value"),
        ),
        result("the same from the first line of a new process, imports included", whole, UNIT),
    ]
