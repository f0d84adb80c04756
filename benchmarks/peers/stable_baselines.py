"""stable-baselines3's DQN on the same market, observation, ledger, network and update rate."""

import time

import torch
from stable_baselines3 import DQN

from arena.prices.market.view import MarketView
from benchmarks.peers.trading import Trading
from benchmarks.work import settings_of


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
