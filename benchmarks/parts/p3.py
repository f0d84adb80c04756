"""P3: the plain network's share of the machine's limit, counted from the shapes of its products."""

from benchmarks.limit import shares
from benchmarks.report import Goal, Result
from benchmarks.work import POPULATION

ASKED = {"L=1": 0.75, "L=2": 0.85}


def measure() -> list[Result]:
    """`q_net` with one and with two hidden layers."""
    return shares(
        {("q_net", layer): Goal("P3", asked, ">=") for layer, asked in ASKED.items()}, POPULATION
    )
