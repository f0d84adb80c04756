"""P4: what an agent-step costs does not depend on how many agents there are."""

from benchmarks.ours import Population
from benchmarks.report import Goal, Result, result
from benchmarks.rounds import interleaved
from benchmarks.work import LAYERS, QUICK, market

MIDDLE = 64 if QUICK else 256
OTHERS = (16, 128) if QUICK else (16, 4096)
MOST = 1.10
UNIT = "us/agent-step"


def measure() -> list[Result]:
    """Cost at each size, beside that at the middle one; one practice window a round."""
    prices, results = market(), []
    for layer, hidden in LAYERS.items():
        names = {n: f"lineage, {n:,} agents, {layer}" for n in (MIDDLE, *OTHERS)}
        systems = {
            name: _cost(Population(prices, hidden, n, episodes=1)) for n, name in names.items()
        }
        costs = interleaved(systems, UNIT)
        middle = names[MIDDLE]
        results += [
            result(
                names[n],
                costs[names[n]],
                UNIT,
                peer=middle,
                against=costs[middle],
                goal=Goal("P4", MOST, "<="),
            )
            for n in OTHERS
        ]
        results.append(result(middle, costs[middle], UNIT))
    return results


def _cost(population: Population):
    return lambda: 1e6 / population.measure()
