"""What one learning step of one agent costs, without the market around it."""

import time

import numpy as np

from arena.engine.play import Desk
from arena.prices.market.view import MarketView
from benchmarks.ours import Population
from benchmarks.work import QUICK
from ml.kernels.compiled import bind, template
from ml.learning.algorithms import LEARNERS, Algorithm, algorithm_of
from ml.learning.contexts import Bench, Brain, Learner, Memory
from ml.learning.target_cache import forget_all
from ml.networks.base import View
from ml.networks.registry import NETWORKS

AGENTS = 8
TIMES = 20 if QUICK else 400
# updates between two copies into the target network, as by default
TARGET_EVERY = 250

# stands for a network's way of learning, to which `Updates` binds it
algorithm: Algorithm = LEARNERS["replay"]


@template
def many(
    random: np.ndarray,
    learner: Learner,
    brain: Brain,
    memory: Memory,
    step: int,
    view: View,
    sizes: np.ndarray,
    bench: Bench,
) -> None:
    """TIMES steps, one after another; what the target network says is forgotten as often as it
    would move.
    """
    for k in range(TIMES):
        if k % TARGET_EVERY == 0:
            forget_all(bench.answers)
        algorithm.learn(random, learner, brain, memory, step + k, view, sizes, bench)


class Updates:
    """A few agents whose memories hold a round; `measure()` lets each learn some more from them."""

    def __init__(self, market: MarketView, hidden: tuple[int, ...], kind: str):
        self.population = Population(market, hidden, AGENTS, kind)
        self.population.measure()
        self.many = bind(many, f"{kind}_bench", algorithm=algorithm_of(NETWORKS[kind]))
        self.desk = Desk(self.population.settings, market)
        self.measure()

    def measure(self) -> float:
        """Microseconds an update."""
        learning, block, desk = (
            self.population.settings.learning,
            self.population.blocks[0],
            self.desk,
        )
        by_priority = (learning.priority, learning.priority_beta, learning.priority_updates)
        steps = (
            learning.double,
            learning.gradient_clip,
            learning.weight_decay,
            learning.n_step,
            False,
        )
        learner = Learner(learning.learning_rate, learning.gamma, *steps, *by_priority)
        view, sizes = View(desk.market.features, True), desk.mind.sizes
        began = time.perf_counter()
        for i in range(AGENTS):
            agent = block.agents[i]
            memory = Memory(
                private=block.private[i, 0],
                action=block.action[i, 0],
                reward=block.reward[i, 0],
                row=block.bar[0],
                tree=desk.priorities["trees"][0],
                bounds=desk.priorities["bounds"][0],
                head=block.head,
                remembered=int(agent["remembered"]),
            )
            step = int(agent["updates"]) + 1
            self.many(
                agent["random"],
                learner,
                desk.brain_of(block, i),
                memory,
                step,
                view,
                sizes,
                desk.bench,
            )
        return (time.perf_counter() - began) / (AGENTS * TIMES) * 1e6
