"""stable-baselines3's DQN and PPO in a world whose law is known, for as many steps as an agent of
ours lives.
"""

from typing import Any

import numpy as np
import torch
from stable_baselines3 import DQN, PPO

from agents.strategies.rules import Rule
from arena.engine.judging.evaluate import follow
from arena.prices.market.features import WARMUP
from arena.settings_schema import Settings
from benchmarks.peers.trading import Trading
from benchmarks.shares import Judge
from benchmarks.work import WINDOW


class Greedy(Rule):
    """A model's best action at every close."""

    def __init__(self, name: str, model: Any):
        self.name, self.model = name, model

    def decide(self, observation: np.ndarray) -> int:
        return int(self.model.predict(observation, deterministic=True)[0])


def steps_of(settings: Settings) -> int:
    """Bars that an agent practises or competes on from the first round to the last."""
    return settings.rounds * (settings.learning.episodes + 1) * settings.round_bars


def earned(judge: Judge) -> dict[str, tuple[float, float]]:
    """{library and algorithm: (in expectation, through the ledger)}, log growth on the vault."""
    torch.set_num_threads(1)
    settings, learning = judge.settings, judge.settings.learning
    last = judge.stretch[0] - settings.evaluation.embargo - WINDOW
    world = Trading(judge.market, settings, WARMUP, last)
    layers = {"net_arch": list(settings.network.hidden)}
    shared = {
        "gamma": learning.gamma,
        "learning_rate": learning.learning_rate,
        "policy_kwargs": layers,
    }
    dqn = DQN(
        "MlpPolicy",
        world,
        batch_size=learning.batch,
        buffer_size=learning.replay,
        train_freq=learning.update_every,
        gradient_steps=1,
        target_update_interval=learning.target_every * learning.update_every,
        learning_starts=learning.starts,
        max_grad_norm=learning.gradient_clip,
        exploration_fraction=learning.epsilon_bars / steps_of(settings),
        exploration_final_eps=learning.epsilon_end,
        device="cpu",
        seed=settings.seed,
        **shared,
    )
    ppo = PPO("MlpPolicy", world, device="cpu", seed=settings.seed, **shared)
    found = {}
    for name, model in (("stable-baselines3 DQN", dqn), ("stable-baselines3 PPO", ppo)):
        model.learn(steps_of(settings))
        run, path = follow([Greedy(name, model)], judge.market, judge.stretch, settings)
        found[name] = (judge.of(path[0]), float(run.window["log_growth"]))
    return found
