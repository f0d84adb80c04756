"""stable-baselines3's DQN on the same market, observation, ledger, network and update rate."""

import time

import gymnasium
import numpy as np
import torch
from stable_baselines3 import DQN

from arena.engine.evaluate import begin, carry_out, look
from arena.engine.ledger import ACCOUNT
from arena.engine.play import MarketView, costs_of, rules_of
from arena.engine.results import TRADE
from arena.engine.windows import WINDOW as SUMS
from arena.settings_schema import Settings
from benchmarks.work import WINDOW, settings_of
from ml.networks.base import ACTIONS, INPUTS


class Trading(gymnasium.Env):
    """One agent on windows of the market; the ledger and the observation are the engine's own kernels."""

    action_space = gymnasium.spaces.Discrete(ACTIONS)
    observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (INPUTS,), np.float32)

    def __init__(self, market: MarketView, settings: Settings):
        self.market, self.settings = market, settings
        self.account, self.sums, self.book = np.zeros(1, ACCOUNT), np.zeros(1, SUMS), np.zeros(WINDOW, TRADE)
        self.costs, self.rules, self.bars = costs_of(settings), rules_of(settings), market.bars
        self.x = np.zeros(INPUTS, np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.t = self.start = int(self.np_random.integers(200, 4000))
        begin(self.account, self.settings.life.endowment)
        return self._look(), {}

    def step(self, action):
        before = self.account["equity"][0]
        last = self.t == self.start + WINDOW - 2
        carry_out(self.account, self.sums, self.t, self.bars, int(action), self.rules, 1.0, self.costs, self.book, last)
        self.t += 1
        return self._look(), 100.0 * float(np.log(self.account["equity"][0] / before)), False, last, {}

    def _look(self):
        look(self.account, self.market.features, self.t, self.market.prices[3][self.t], self.x)
        return self.x.copy()


class StableBaselines:
    """One DQN agent, as its library trains it, on one thread."""

    def __init__(self, market: MarketView, hidden: tuple[int, ...]):
        torch.set_num_threads(1)
        settings = settings_of(hidden, 2)
        learning = settings.learning
        self.model = DQN(
            "MlpPolicy",
            Trading(market, settings),
            learning_rate=learning.learning_rate,
            gamma=learning.gamma,
            batch_size=learning.batch,
            buffer_size=learning.replay,
            train_freq=learning.update_every,
            gradient_steps=1,
            target_update_interval=learning.target_every * learning.update_every,
            learning_starts=learning.batch,
            max_grad_norm=learning.gradient_clip,
            exploration_fraction=1.0,
            policy_kwargs={"net_arch": list(hidden)},
            device="cpu",
            seed=1,
        )
        self.model.learn(500)

    def measure(self, steps: int = 2000) -> float:
        """Agent-steps per second over `steps` more steps."""
        began = time.perf_counter()
        self.model.learn(steps, reset_num_timesteps=False)
        return steps / (time.perf_counter() - began)
