"""P1: beside libraries that train one agent; a population of N costs them N times as much, so rates
compare agent-step by agent-step.
"""

from benchmarks.ours import Population
from benchmarks.peers.cleanrl import CleanRL
from benchmarks.peers.stable_baselines import StableBaselines
from benchmarks.report import Goal, Result, result
from benchmarks.rounds import interleaved
from benchmarks.work import LAYERS, POPULATION, QUICK, market

ASKED = {"L=1": 200.0, "L=2": 80.0}
SIZES = (POPULATION,) if QUICK else (64, POPULATION, 1024)
UNIT = "agent-steps/s"
PEER, LOOP = "stable-baselines3 DQN", "CleanRL-style DQN loop"


def measure() -> list[Result]:
    """Ours at each size and both libraries, for one and for two hidden layers; the goal is about
    the middle size.
    """
    prices, results = market(), []
    for layer, hidden in LAYERS.items():
        ours = {f"lineage, {n:,} agents, {layer}": n for n in SIZES}
        systems = {name: Population(prices, hidden, n).measure for name, n in ours.items()}
        systems |= {
            PEER: StableBaselines(prices, hidden).measure,
            LOOP: CleanRL(prices, hidden).measure,
        }
        rates = interleaved(systems, UNIT)
        for name, n in ours.items():
            goal = Goal("P1", ASKED[layer], ">=") if n == POPULATION else None
            results.append(
                result(name, rates[name], UNIT, peer=PEER, against=rates[PEER], goal=goal)
            )
            results.append(result(name, rates[name], UNIT, peer=LOOP, against=rates[LOOP]))
        results += [result(f"{name}, 1 agent, {layer}", rates[name], UNIT) for name in (PEER, LOOP)]
    return results
