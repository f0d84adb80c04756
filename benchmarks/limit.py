"""How much of the machine's limit networks use: FLOP a second of their products' shapes, beside
sgemm in the same rounds.
"""

from benchmarks import sgemm
from benchmarks.ours import Population
from benchmarks.report import Goal, Result, result
from benchmarks.rounds import interleaved
from benchmarks.work import LAYERS, market

UNIT = "GFLOP/s"
PEER = "sgemm 1024x1024x1024"


def shares(cases: dict[tuple[str, str], Goal | None], agents: int) -> list[Result]:
    """Of each (kind of network, layer), a result whose ratio is its share of sgemm; its goal may be
    None.
    """
    prices = market()
    products = {PEER: sgemm.Products(*sgemm.LARGE)} | {
        f"sgemm {name}": sgemm.Products(*shape) for name, shape in sgemm.OWN.items()
    }
    names = {case: f"{case[0]}, {case[1]}, {agents} agents" for case in cases}
    systems = {
        names[kind, layer]: Population(prices, LAYERS[layer], agents, kind).measure_flops
        for kind, layer in cases
    }
    rates = interleaved(
        {name: product.measure for name, product in products.items()} | systems, UNIT
    )
    found = [
        result(names[case], rates[names[case]], UNIT, peer=PEER, against=rates[PEER], goal=goal)
        for case, goal in cases.items()
    ]
    found += [
        result(
            names[case],
            rates[names[case]],
            UNIT,
            peer=f"sgemm {shape}",
            against=rates[f"sgemm {shape}"],
        )
        for case in cases
        for shape in sgemm.OWN
        if case[0] == "q_net"
    ]
    return [*found, *(result(name, rates[name], UNIT) for name in products)]
