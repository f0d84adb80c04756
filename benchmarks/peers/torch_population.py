"""A whole population in PyTorch: agents are the first axis of every tensor, layers are batched
products (bmm), one graph for all.

The replay is the compact one: private inputs, action and reward a slot; the public inputs are
gathered from the one feature table.
"""

import time

import torch
from torch import nn

from arena.prices.market.view import MarketView
from benchmarks import ledger
from benchmarks.work import WINDOW, epsilon, settings_of, window_start
from ml.networks.base import ACTIONS, INPUTS, PRIVATE

TAIL = -1


class PopulationNetwork(nn.Module):
    """[agents, rows, inputs] -> [agents, rows, actions], each agent by its own weights."""

    def __init__(self, agents: int, hidden: tuple[int, ...]):
        super().__init__()
        units = (INPUTS, *hidden, ACTIONS)
        pairs = list(zip(units[:-1], units[1:], strict=True))
        bounds = [(6.0 / (i + o)) ** 0.5 for i, o in pairs]
        drawn = [
            torch.empty(agents, i, o).uniform_(-bound, bound)
            for (i, o), bound in zip(pairs, bounds, strict=True)
        ]
        self.weights = nn.ParameterList(drawn)
        self.biases = nn.ParameterList(torch.zeros(agents, 1, o) for _, o in pairs)

    def forward(self, x):
        *layers, last = zip(self.weights, self.biases, strict=True)
        for weight, bias in layers:
            x = torch.relu(torch.baddbmm(bias, x, weight))
        return torch.baddbmm(last[1], x, last[0])


class TorchPopulation:
    """`agents` agents in step; `measure()` lets them practise on one more window."""

    def __init__(self, market: MarketView, hidden: tuple[int, ...], agents: int):
        torch.set_num_threads(1)
        torch.manual_seed(1)
        self.agents, self.settings = agents, settings_of(hidden, agents)
        learning, capacity = self.settings.learning, self.settings.learning.replay
        self.features = torch.from_numpy(market.features)
        self.opens, self.closes = market.prices.open[0].tolist(), market.prices.close[0].tolist()
        self.online, self.target = (
            PopulationNetwork(agents, hidden),
            PopulationNetwork(agents, hidden).requires_grad_(False),
        )
        self.target.load_state_dict(self.online.state_dict())
        self.optimizer = torch.optim.Adam(
            self.online.parameters(), lr=learning.learning_rate, fused=True
        )
        self.private = torch.zeros(agents, capacity, PRIVATE)
        self.action = torch.zeros(agents, capacity, dtype=torch.int8)
        self.reward = torch.zeros(agents, capacity)
        self.bar = torch.zeros(capacity, dtype=torch.int64)
        self.rows = torch.arange(agents)[:, None]
        self.money = torch.full((agents,), self.settings.life.endowment, dtype=torch.float64)
        self.head = self.filled = self.bars = self.windows = 0
        self.practise(0, 8)

    def measure(self) -> float:
        """Agent-steps per second over a window."""
        began = time.perf_counter()
        self.practise(window_start(self.windows), WINDOW)
        self.windows += 1
        return self.agents * WINDOW / (time.perf_counter() - began)

    def practise(self, start: int, bars: int) -> None:
        account = ledger.fresh(self.money)
        for t in range(start, start + bars):
            private = ledger.private_inputs(torch, account, self.closes[t]).float()
            action = self.act(torch.cat([self.features[t].expand(self.agents, -1), private], 1))
            account, reward = ledger.step(
                torch, account, action, self.opens[t + 1], self.closes[t + 1], self.settings.costs
            )
            self.remember(private, action, reward, t)
            self.bars += 1
            if self.bars % self.settings.learning.update_every == 0:
                self.learn()
        last = torch.full((self.agents,), TAIL)
        self.remember(
            ledger.private_inputs(torch, account, self.closes[start + bars]).float(),
            last,
            0.0,
            start + bars,
        )

    @torch.no_grad()
    def act(self, x):
        greedy = self.online(x[:, None]).squeeze(1).argmax(1)
        random = torch.rand(self.agents) < epsilon(self.settings, self.bars)
        return torch.where(random, torch.randint(ACTIONS, (self.agents,)), greedy)

    def remember(self, private, action, reward, t: int) -> None:
        at, capacity = self.head, len(self.bar)
        self.private[:, at], self.action[:, at], self.reward[:, at], self.bar[at] = (
            private,
            action,
            reward,
            t,
        )
        self.head, self.filled = (at + 1) % capacity, min(self.filled + 1, capacity)

    def gather(self, slots):
        return torch.cat([self.features[self.bar[slots]], self.private[self.rows, slots]], 2)

    def learn(self) -> None:
        learning, capacity = self.settings.learning, len(self.bar)
        if self.filled < 3:
            return
        slots = (
            self.head - 2 - torch.randint(self.filled - 2, (self.agents, learning.batch))
        ) % capacity
        # the last slot of a window is but a next state: the one before it serves
        slots = torch.where(self.action[self.rows, slots] == TAIL, (slots - 1) % capacity, slots)
        action = self.action[self.rows, slots].long()
        with torch.no_grad():
            best = self.target(self.gather((slots + 1) % capacity)).amax(2)
            aim = self.reward[self.rows, slots] + learning.gamma * best
        q = self.online(self.gather(slots)).gather(2, action[:, :, None]).squeeze(2)
        # a mean for each agent, a sum over agents: each gets the gradient it would get alone
        loss = nn.functional.smooth_l1_loss(q, aim, reduction="none").mean(1).sum()
        self.optimizer.zero_grad()
        loss.backward()
        self.clip(learning.gradient_clip)
        self.optimizer.step()
        if self.bars // learning.update_every % learning.target_every == 0:
            self.target.load_state_dict(self.online.state_dict())

    def clip(self, most: float) -> None:
        """Each agent's gradient on its own."""
        grads = [p.grad for p in self.online.parameters()]
        norm = torch.stack([g.square().sum((1, 2)) for g in grads]).sum(0).sqrt()
        scale = torch.clamp(most / norm, max=1.0)[:, None, None]
        for g in grads:
            g.mul_(scale)
