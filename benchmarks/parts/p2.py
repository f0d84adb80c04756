"""P2: beside populations in JAX (vmap and scan) and in PyTorch (bmm), both with our compact replay,
in memory that one core must share.
"""

from statistics import median

from benchmarks.ours import Population
from benchmarks.peers.jax_population import JaxPopulation
from benchmarks.peers.torch_population import TorchPopulation
from benchmarks.report import Goal, Result, result
from benchmarks.rounds import interleaved
from benchmarks.work import LAYERS, POPULATION, QUICK, market

ASKED, ASKED_OF_BEST = {"L=1": 3.5, "L=2": 2.5}, 2.0
UNIT = "agent-steps/s"
# sizes of JAX's population, its best among them; too small a one wastes the call, too large a one
# the cache
JAX_SIZES = (16, POPULATION) if QUICK else (16, 32, 64, 128, POPULATION)


def measure() -> list[Result]:
    """Ours at one size, JAX at several, PyTorch at ours."""
    prices, results = market(), []
    for layer, hidden in LAYERS.items():
        ours, pytorch = (
            f"lineage, {POPULATION} agents, {layer}",
            f"PyTorch bmm, {POPULATION} agents, {layer}",
        )
        jax = {n: f"JAX vmap + scan, {n} agents, {layer}" for n in JAX_SIZES}
        systems = {
            ours: Population(prices, hidden, POPULATION).measure,
            pytorch: TorchPopulation(prices, hidden, POPULATION).measure,
        }
        rates = interleaved(
            systems | {name: JaxPopulation(prices, hidden, n).measure for n, name in jax.items()},
            UNIT,
        )
        best = max(jax.values(), key=lambda name: median(rates[name]))
        results += [
            result(ours, rates[ours], UNIT, peer=name, against=rates[name], goal=goal)
            for name, goal in (
                (jax[POPULATION], Goal("P2", ASKED[layer], ">=")),
                (best, Goal("P2", ASKED_OF_BEST, ">=")),
                (pytorch, None),
            )
        ]
        results += [result(name, rates[name], UNIT) for name in (*jax.values(), pytorch)]
    return results
