"""P7: what the other networks cost, beside the plain one and beside the machine's limit."""

from benchmarks.limit import shares
from benchmarks.report import Goal, Result, result
from benchmarks.rounds import interleaved
from benchmarks.updates import Updates
from benchmarks.work import LAYERS, QUICK, market

MOST_OF_ATTENTION = 3.5
ASKED = {"lstm": 0.5, "dueling": 0.6, "policy": 0.6, "attention": None}
COMPARED = ("dueling", "attention", "lstm")
# they are slow: a quarter of the plain network's
AGENTS = 8 if QUICK else 64
UNIT = "us/update"


def measure() -> list[Result]:
    """Cost of an update beside the plain network's; share of sgemm at each network's own FLOP
    count.
    """
    prices, results = market(), []
    for layer, hidden in LAYERS.items():
        names = {kind: f"{kind} update, {layer}" for kind in ("q_net", *COMPARED)}
        costs = interleaved(
            {name: Updates(prices, hidden, kind).measure for kind, name in names.items()}, UNIT
        )
        plain = names["q_net"]
        for kind in COMPARED:
            goal = Goal("P7", MOST_OF_ATTENTION, "<=") if kind == "attention" else None
            results.append(
                result(
                    names[kind],
                    costs[names[kind]],
                    UNIT,
                    peer=plain,
                    against=costs[plain],
                    goal=goal,
                )
            )
        results.append(result(plain, costs[plain], UNIT))
    cases = {
        (kind, layer): Goal("P7", asked, ">=") if asked else None
        for kind, asked in ASKED.items()
        for layer in LAYERS
    }
    return results + shares(cases, AGENTS)
