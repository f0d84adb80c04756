"""A DQN loop in the style of CleanRL: one file, one agent, plain PyTorch, every step of the
algorithm in sight.
"""

import time

import numpy as np
import torch
from torch import nn

from arena.prices.market.view import MarketView
from benchmarks.peers.trading import Trading
from benchmarks.work import epsilon, settings_of


class QNetwork(nn.Module):
    """Observation -> ReLU layers -> action values."""

    def __init__(self, inputs: int, hidden: tuple[int, ...], actions: int):
        super().__init__()
        layers: list[nn.Module] = []
        for width in hidden:
            layers += [nn.Linear(inputs, width), nn.ReLU()]
            inputs = width
        self.network = nn.Sequential(*layers, nn.Linear(inputs, actions))

    def forward(self, x):
        return self.network(x)


class ReplayBuffer:
    """The last `size` transitions, whole observations and all."""

    def __init__(self, size: int, inputs: int, rng: np.random.Generator):
        self.observations, self.next_observations = np.zeros((2, size, inputs), np.float32)
        self.actions, self.rewards, self.dones = (
            np.zeros(size, np.int64),
            np.zeros(size, np.float32),
            np.zeros(size, np.float32),
        )
        self.size, self.position, self.filled, self.rng = size, 0, 0, rng

    def add(self, observation, next_observation, action, reward, done) -> None:
        at = self.position
        self.observations[at], self.next_observations[at] = observation, next_observation
        self.actions[at], self.rewards[at], self.dones[at] = action, reward, done
        self.position, self.filled = (at + 1) % self.size, min(self.filled + 1, self.size)

    def sample(self, batch: int) -> list[torch.Tensor]:
        picks = self.rng.integers(0, self.filled, batch)
        arrays = (self.observations, self.next_observations, self.actions, self.rewards, self.dones)
        return [torch.from_numpy(array[picks]) for array in arrays]


class CleanRL:
    """One agent; `measure()` lets it go on."""

    def __init__(self, market: MarketView, hidden: tuple[int, ...]):
        torch.set_num_threads(1)
        torch.manual_seed(1)
        self.rng = np.random.default_rng(1)
        self.settings = settings_of(hidden, 2)
        self.env = Trading(market, self.settings)
        inputs, actions = self.env.observation_space.shape[0], int(self.env.action_space.n)
        self.q_network, self.target_network = (
            QNetwork(inputs, hidden, actions),
            QNetwork(inputs, hidden, actions),
        )
        self.target_network.load_state_dict(self.q_network.state_dict())
        self.optimizer = torch.optim.Adam(
            self.q_network.parameters(), lr=self.settings.learning.learning_rate
        )
        self.buffer = ReplayBuffer(self.settings.learning.replay, inputs, self.rng)
        self.obs, _ = self.env.reset(seed=1)
        self.global_step = 0
        self.measure(500)

    def measure(self, steps: int = 2000) -> float:
        """Agent-steps per second over `steps` more steps."""
        began = time.perf_counter()
        for _ in range(steps):
            self.step()
        return steps / (time.perf_counter() - began)

    def step(self) -> None:
        learning = self.settings.learning
        if self.rng.random() < epsilon(self.settings, self.global_step):
            action = int(self.rng.integers(self.env.action_space.n))
        else:
            with torch.no_grad():
                action = int(self.q_network(torch.from_numpy(self.obs)).argmax())
        next_obs, reward, terminated, truncated, _ = self.env.step(action)
        self.buffer.add(self.obs, next_obs, action, reward, terminated)
        self.obs = self.env.reset()[0] if terminated or truncated else next_obs
        self.global_step += 1
        if self.global_step % learning.update_every == 0 and self.buffer.filled >= learning.batch:
            self.learn()
        if self.global_step % (learning.target_every * learning.update_every) == 0:
            self.target_network.load_state_dict(self.q_network.state_dict())

    def learn(self) -> None:
        learning = self.settings.learning
        observations, next_observations, actions, rewards, dones = self.buffer.sample(
            learning.batch
        )
        with torch.no_grad():
            target_max = self.target_network(next_observations).max(1).values
            td_target = rewards + learning.gamma * target_max * (1.0 - dones)
        old_val = self.q_network(observations).gather(1, actions[:, None]).squeeze(1)
        loss = nn.functional.smooth_l1_loss(old_val, td_target)
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.q_network.parameters(), learning.gradient_clip)
        self.optimizer.step()
