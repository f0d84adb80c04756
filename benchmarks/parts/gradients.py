"""Learning must survive every speed-up: hand-written gradients against PyTorch's automatic ones,
float32.
"""

from benchmarks.gradients import errors
from benchmarks.report import Goal, Result, result

MOST = 5e-6


def measure() -> list[Result]:
    """The greatest relative error of each network."""
    return [
        result(
            f"{kind} gradient, worst of all sizes",
            [error],
            "relative error",
            goal=Goal("learn", MOST, "<=", "value"),
        )
        for kind, error in errors().items()
    ]
