"""P8: back-tests of a population with its networks, beside backtesting.py with the network in
`next()` and vectorbt given signals.
"""

import time

import numpy as np

from arena.engine.judging.evaluate import evaluate
from arena.engine.play import Desk, memory_of, records
from benchmarks.ours import Population
from benchmarks.peers.backtesting_py import Backtesting
from benchmarks.peers.vectorbt_signals import Vectorbt
from benchmarks.report import Goal, Result, result
from benchmarks.rounds import interleaved
from benchmarks.work import BARS, FIRST, LAYERS, QUICK, market

AGENTS = 8 if QUICK else 64
STRETCH = (FIRST, BARS - 200)
# peers leave the last position open, or close it a bar earlier
MOST_APART = 0.02
UNIT = "agent-bars/s"
ONE, SIGNALS = "backtesting.py, network in next()", "vectorbt, signals given"
UNASKED = "vectorbt, signals given and no figure asked for"


class Ours:
    """A population that has practised for a round, and its actions for who needs them given."""

    def __init__(self, hidden: tuple[int, ...]):
        self.population = Population(market(), hidden, AGENTS)
        self.population.measure()
        self.blocks, self.settings, self.market = (
            self.population.blocks,
            self.population.settings,
            self.population.market,
        )

    def measure(self) -> float:
        """Agent-bars per second of `evaluate`."""
        began = time.perf_counter()
        for block in self.blocks:
            evaluate(block.online, block.agents, self.market, STRETCH, self.settings)
        return AGENTS * (STRETCH[1] - STRETCH[0]) / (time.perf_counter() - began)

    def returns(self) -> list[float]:
        """Of each agent."""
        block = self.blocks[0]
        return [
            figures["return"]
            for figures in evaluate(block.online, block.agents, self.market, STRETCH, self.settings)
        ]

    def actions(self) -> np.ndarray:
        """uint8 [bars, agents]: what each decides at each bar's close."""
        block, desk = self.blocks[0], Desk(self.settings, self.market, for_real=False)
        paths = np.zeros((AGENTS, 1, STRETCH[1] - STRETCH[0]), np.uint8)
        agents = records(block.agents.copy())
        for i in range(AGENTS):
            desk.compete(agents, i, STRETCH, memory_of(1, 2), 0, block.online[i], paths[i])
        return paths[:, 0].T


def same_work(theirs: list[float], ours: list[float], who: str) -> None:
    """ValueError where a peer's returns are not ours: it would have been timed at something
    else.
    """
    furthest = max(abs(a - b) for a, b in zip(theirs, ours, strict=False))
    if furthest > MOST_APART:
        raise ValueError(
            f"{who}: a return is {furthest:.1%} away from ours, more than the last bar explains"
        )


def measure() -> list[Result]:
    """For one and for two hidden layers."""
    results = []
    for layer, hidden in LAYERS.items():
        ours, name = Ours(hidden), f"lineage evaluate, {AGENTS} agents, {layer}"
        one = Backtesting(ours.market, STRETCH, ours.settings, ours.blocks[0].online[0])
        signals = Vectorbt(ours.market, STRETCH, ours.settings, ours.actions())
        same_work(one.returns(), ours.returns(), ONE)
        same_work(signals.returns(), ours.returns(), SIGNALS)
        peers = {
            ONE: one.measure,
            SIGNALS: lambda signals=signals: signals.rate(signals.figures),
            UNASKED: lambda signals=signals: signals.rate(signals.portfolio),
        }
        rates = interleaved({name: ours.measure, **peers}, UNIT)
        results += [
            result(
                name,
                rates[name],
                UNIT,
                peer=peer,
                against=rates[peer],
                goal=Goal("P8", asked, ">="),
            )
            for peer, asked in ((ONE, 80.0), (SIGNALS, 1.2))
        ]
        results.append(result(name, rates[name], UNIT, peer=UNASKED, against=rates[UNASKED]))
        results += [result(f"{peer}, {layer}", rates[peer], UNIT) for peer in peers]
    return results
