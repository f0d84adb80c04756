"""What one learning step of one agent costs, without the market around it."""

import time
from typing import Any

from arena.engine.play import Desk, MarketView
from benchmarks.ours import Population
from benchmarks.work import QUICK
from ml.compiled import bind
from ml.learning.target_cache import forget_all
from ml.learning.ways import learner_of
from ml.networks.registry import NETWORKS

AGENTS = 8
TIMES = 20 if QUICK else 400

# stands for a network's way of learning until `bind` puts it in place
learn: Any = None


def many(times, target_every, random, learner, brain, memory, head, remembered, step, features, sizes, table):
    """`times` steps, one after another; what the target network says is forgotten as often as it would move."""
    online, target, moment1, moment2 = brain
    for k in range(times):
        if k % target_every == 0:
            forget_all(table)
        learn(random, learner, online, target, moment1, moment2, memory, head, remembered, step + k, True, features, sizes, table)


class Updates:
    """A few agents whose memories hold a round; `measure()` lets each learn some more from them."""

    def __init__(self, market: MarketView, hidden: tuple[int, ...], kind: str):
        self.population = Population(market, hidden, AGENTS, kind)
        self.population.measure()
        network = NETWORKS[kind]
        self.many = bind(many, f"{kind}_bench", learn=learner_of(network))
        self.desk = Desk(self.population.settings, market)
        self.measure()

    def measure(self) -> float:
        """Microseconds an update."""
        learning, block, desk = self.population.settings.learning, self.population.blocks[0], self.desk
        by_priority = (learning.priority, learning.priority_beta, learning.priority_updates)
        steps = (learning.double, learning.gradient_clip, learning.weight_decay, learning.n_step, False)
        learner = (learning.learning_rate, learning.gamma, *steps, by_priority)
        began = time.perf_counter()
        for i in range(AGENTS):
            agent = block.agents[i]
            tree, bounds = (part[0] for part in desk.priorities)
            memory = (block.private[i, 0], block.action[i, 0], block.reward[i, 0], block.bar[0], (tree, bounds))
            told = (memory, block.head, int(agent["remembered"]), int(agent["updates"]) + 1)
            brain, seen = desk.brain_of(block, i), (desk.market.features, desk.sizes, desk.table)
            self.many(TIMES, learning.target_every, agent["random"], learner, brain, *told, *seen)
        return (time.perf_counter() - began) / (AGENTS * TIMES) * 1e6
