"""Interleaved rounds: every system is measured once a round, so that a machine whose speed drifts
treats all alike.
"""

import sys
from collections.abc import Callable, Mapping

from benchmarks.work import ROUNDS

Rates = dict[str, list[float]]


def interleaved(systems: Mapping[str, Callable[[], float]], unit: str) -> Rates:
    """{system: [one figure a round]}; each system must be warm. Progress goes to standard error."""
    found: Rates = {name: [] for name in systems}
    for number in range(ROUNDS):
        for name, measure in systems.items():
            found[name].append(measure())
            sys.stderr.write(
                f"  round {number + 1}/{ROUNDS} {name}: {found[name][-1]:,.4g} {unit}\n"
            )
    return found
