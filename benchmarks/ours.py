"""Agent-steps per second of our engine, learning on, one thread."""

import time

from arena.engine import flops
from arena.engine.generations.founders import founders
from arena.engine.play import fresh_block, play
from arena.engine.results import Block, RoundPlan
from arena.prices.market.view import MarketView
from benchmarks.work import WINDOW, settings_of, window_start

BLOCK = 64
# two bars in which to compete: the least there is, for the peers do not compete
COMPETITION = (5000, 5002)


class Population:
    """`agents` agents in blocks of 64, as a round plays them; `measure()` lets each practise for
    one more round.
    """

    def __init__(
        self,
        market: MarketView,
        hidden: tuple[int, ...],
        agents: int,
        kind: str = "q_net",
        episodes: int = 2,
    ):
        self.market, self.settings, self.episodes = (
            market,
            settings_of(hidden, agents, kind),
            episodes,
        )
        births = founders(self.settings)
        self.blocks: list[Block] = [
            fresh_block(births[i : i + BLOCK], self.settings, 1) for i in range(0, agents, BLOCK)
        ]
        self.rounds = 0
        # compile, or load
        self.measure(self.blocks[:1])
        self.blocks[0] = fresh_block(births[:BLOCK], self.settings, 1)
        self.rounds = 0
        self.gflop_per_second = 0.0

    def measure(self, blocks: list[Block] | None = None) -> float:
        """Agent-steps per second over a round's practice of every agent."""
        starts = [window_start(self.rounds * self.episodes + k) for k in range(self.episodes)]
        plan = RoundPlan(
            self.rounds, COMPETITION, tuple((start, start + WINDOW) for start in starts), False
        )
        began = time.perf_counter()
        steps = sum(
            play(block, self.market, plan, self.settings).agent_steps
            for block in blocks or self.blocks
        )
        seconds = time.perf_counter() - began
        bars = self.episodes * (WINDOW - 1)
        flop = flops.practice(
            self.settings, before=self.rounds * bars, bars=bars, window=WINDOW - 1
        )
        self.gflop_per_second = flop * self.settings.population / seconds / 1e9
        self.rounds += 1
        return steps / seconds

    def measure_flops(self) -> float:
        """The same, as GFLOP of its matrix products a second."""
        self.measure()
        return self.gflop_per_second
