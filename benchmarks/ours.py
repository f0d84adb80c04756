"""Agent-steps per second of our engine, learning on, one thread."""

import time

from arena.engine.founders import founders
from arena.engine.play import MarketView, fresh_block, play
from arena.engine.results import Block, RoundPlan
from benchmarks.work import WINDOW, settings_of

BLOCK = 64


class Population:
    """`agents` agents in blocks of 64, as a round plays them; `measure()` lets each practise for one more round."""

    def __init__(self, market: MarketView, hidden: tuple[int, ...], agents: int):
        self.market, self.settings = market, settings_of(hidden, agents)
        births = founders(self.settings)
        self.blocks: list[Block] = [fresh_block(births[i : i + BLOCK], self.settings) for i in range(0, agents, BLOCK)]
        self.rounds = 0
        self.measure()

    def measure(self) -> float:
        """Agent-steps per second over a round's practice of every agent; competing is left out, for the peers do not compete."""
        starts = [200 + (self.rounds * 97 + k * 1777) % 4000 for k in range(self.settings.learning.episodes)]
        plan = RoundPlan(self.rounds, (5000, 5002), tuple((start, start + WINDOW) for start in starts), False)
        began = time.perf_counter()
        steps = sum(play(block, self.market, plan, self.settings).agent_steps for block in self.blocks)
        self.rounds += 1
        return steps / (time.perf_counter() - began)
