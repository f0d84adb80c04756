"""P1: beside libraries that train one agent; a population of N costs them N times as much, so rates compare agent-step by agent-step."""

from benchmarks.ours import Population
from benchmarks.peers.cleanrl import CleanRL
from benchmarks.peers.stable_baselines import StableBaselines
from benchmarks.report import Goal, Result, result
from benchmarks.rounds import interleaved
from benchmarks.work import LAYERS, POPULATION, market

ASKED = {"L=1": 200.0, "L=2": 80.0}
UNIT = "agent-steps/s"
PEER, LOOP = "stable-baselines3 DQN", "CleanRL-style DQN loop"


def measure() -> list[Result]:
    """Ours and both libraries, for one and for two hidden layers."""
    prices, results = market(), []
    for layer, hidden in LAYERS.items():
        ours = f"lineage, {POPULATION} agents, {layer}"
        systems = {
            ours: Population(prices, hidden, POPULATION).measure,
            PEER: StableBaselines(prices, hidden).measure,
            LOOP: CleanRL(prices, hidden).measure,
        }
        rates = interleaved(systems, UNIT)
        goal = Goal("P1", ASKED[layer], ">=")
        results += [
            result(ours, rates[ours], UNIT, peer=PEER, against=rates[PEER], goal=goal),
            result(ours, rates[ours], UNIT, peer=LOOP, against=rates[LOOP]),
            *(result(f"{name}, 1 agent, {layer}", rates[name], UNIT) for name in (PEER, LOOP)),
        ]
    return results
