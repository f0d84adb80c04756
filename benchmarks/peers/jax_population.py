"""A whole population in JAX: one agent is written down, `vmap` makes it many, `scan` walks the
bars, XLA compiles all of it at once.

The replay is the compact one: private inputs, action and reward a slot; the public inputs are
gathered from the one feature table.
"""

import time
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax, random

from arena.prices.market.view import MarketView
from benchmarks import ledger
from benchmarks.work import WINDOW, settings_of, window_start
from ml.learning.optimizer import BETA1, BETA2, EPSILON
from ml.networks.base import ACTIONS, INPUTS, PRIVATE

TAIL = -1


class Brain(NamedTuple):
    """A list of (weights, biases) each; [agents, …]."""

    online: Any
    target: Any
    moment1: Any
    moment2: Any


class Replay(NamedTuple):
    """[agents, capacity, …]; bars [capacity] are shared."""

    private: Any
    action: Any
    reward: Any
    bar: Any


class State(NamedTuple):
    brain: Brain
    replay: Replay
    account: ledger.Account
    head: Any
    filled: Any
    bars: Any
    key: Any


def born(key, units: tuple[int, ...]):
    """One network."""
    layers = []
    for i, o in zip(units[:-1], units[1:], strict=True):
        key, own = random.split(key)
        bound = (6.0 / (i + o)) ** 0.5
        layers.append((random.uniform(own, (i, o), minval=-bound, maxval=bound), jnp.zeros(o)))
    return layers


def forward(theta, x):
    """Action values of one agent's network, x [inputs] or [batch, inputs]."""
    *layers, (w_last, b_last) = theta
    for w, b in layers:
        x = jax.nn.relu(x @ w + b)
    return x @ w_last + b_last


def loss_of(theta, x, action, aim):
    """Mean Huber loss of one agent's batch."""
    error = jnp.take_along_axis(forward(theta, x), action[:, None], 1)[:, 0] - aim
    size = jnp.abs(error)
    return jnp.where(size <= 1.0, 0.5 * error * error, size - 0.5).mean()


def adam(theta, grad, moment1, moment2, step, rate, clip):
    """One agent's clipped step."""
    norm = jnp.sqrt(sum(jnp.sum(g * g) for g in jax.tree.leaves(grad)))
    grad = jax.tree.map(lambda g: g * jnp.minimum(1.0, clip / norm), grad)
    moment1 = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, moment1, grad)
    moment2 = jax.tree.map(lambda m, g: BETA2 * m + (1 - BETA2) * g * g, moment2, grad)
    first, second = 1.0 - BETA1**step, 1.0 - BETA2**step
    theta = jax.tree.map(
        lambda t, m, v: t - rate * (m / first) / (jnp.sqrt(v / second) + EPSILON),
        theta,
        moment1,
        moment2,
    )
    return theta, moment1, moment2


class JaxPopulation:
    """`agents` agents in step; `measure()` lets them practise on one more window."""

    def __init__(self, market: MarketView, hidden: tuple[int, ...], agents: int):
        self.agents, self.settings, self.windows = agents, settings_of(hidden, agents), 0
        self.features = jnp.asarray(market.features)
        self.opens, self.closes = (
            jnp.asarray(each[0], jnp.float32) for each in (market.prices.open, market.prices.close)
        )
        self.state = self.newborn((INPUTS, *hidden, ACTIONS))
        self.measure()

    def newborn(self, units: tuple[int, ...]) -> State:
        capacity, n = self.settings.learning.replay, self.agents
        online = jax.vmap(partial(born, units=units))(random.split(random.key(1), n))
        zeros = jax.tree.map(jnp.zeros_like, online)
        brain = Brain(
            online, jax.tree.map(jnp.array, online), zeros, jax.tree.map(jnp.array, zeros)
        )
        replay = Replay(
            private=jnp.zeros((n, capacity, PRIVATE)),
            action=jnp.zeros((n, capacity), jnp.int8),
            reward=jnp.zeros((n, capacity)),
            bar=jnp.zeros(capacity, jnp.int32),
        )
        return State(
            brain, replay, self.accounts(), jnp.int32(0), jnp.int32(0), jnp.int32(0), random.key(2)
        )

    def accounts(self) -> ledger.Account:
        return ledger.Account(
            *(
                jnp.array(part)
                for part in ledger.fresh(
                    jnp.full(self.agents, self.settings.life.endowment, jnp.float32)
                )
            )
        )

    def measure(self) -> float:
        """Agent-steps per second over a window."""
        began = time.perf_counter()
        self.state = jax.block_until_ready(self.window(self.state, window_start(self.windows)))
        self.windows += 1
        return self.agents * WINDOW / (time.perf_counter() - began)

    @partial(jax.jit, static_argnums=0, donate_argnums=1)
    def window(self, state: State, start) -> State:
        """WINDOW bars, learning after every few."""
        every = self.settings.learning.update_every

        def stretch(state: State, first):
            for k in range(every):
                state = self.bar(state, first + k)
            return self.learn(state), None

        state = state._replace(account=self.accounts())
        state, _ = lax.scan(stretch, state, start + every * jnp.arange(WINDOW // every))
        private = ledger.private_inputs(jnp, state.account, self.closes[start + WINDOW])
        nothing = jnp.zeros(self.agents)
        return self.remember(state, private, jnp.full(self.agents, TAIL), nothing, start + WINDOW)

    def bar(self, state: State, t) -> State:
        learning = self.settings.learning
        key, chance, choice = random.split(state.key, 3)
        private = ledger.private_inputs(jnp, state.account, self.closes[t])
        x = jnp.concatenate(
            [jnp.broadcast_to(self.features[t], (self.agents, INPUTS - PRIVATE)), private], 1
        )
        greedy = jnp.argmax(jax.vmap(forward)(state.brain.online, x), 1)
        share = jnp.minimum(state.bars / learning.epsilon_bars, 1.0)
        epsilon = jnp.minimum(
            learning.epsilon_start + (learning.epsilon_end - learning.epsilon_start) * share, 0.9
        )
        drawn = random.randint(choice, (self.agents,), 0, ACTIONS)
        action = jnp.where(random.uniform(chance, (self.agents,)) < epsilon, drawn, greedy)
        account, reward = ledger.step(
            jnp, state.account, action, self.opens[t + 1], self.closes[t + 1], self.settings.costs
        )
        state = self.remember(state, private, action, reward, t)
        return state._replace(account=account, bars=state.bars + 1, key=key)

    def remember(self, state: State, private, action, reward, t) -> State:
        replay, at, capacity = state.replay, state.head, self.settings.learning.replay
        replay = Replay(
            private=replay.private.at[:, at].set(private),
            action=replay.action.at[:, at].set(action.astype(jnp.int8)),
            reward=replay.reward.at[:, at].set(reward),
            bar=replay.bar.at[at].set(t),
        )
        return state._replace(
            replay=replay, head=(at + 1) % capacity, filled=jnp.minimum(state.filled + 1, capacity)
        )

    def learn(self, state: State) -> State:
        learning, brain = self.settings.learning, state.brain
        key, own = random.split(state.key)
        back = random.randint(
            own, (self.agents, learning.batch), 0, jnp.maximum(state.filled - 2, 1)
        )
        slots = (state.head - 2 - back) % learning.replay
        step = state.bars // learning.update_every
        private, action, reward, bar = state.replay
        each = jax.vmap(partial(self.learn_one, bar, step))
        online, moment1, moment2 = each(brain, private, action, reward, slots)
        copied = lax.cond(step % learning.target_every == 0, lambda: online, lambda: brain.target)
        return state._replace(brain=Brain(online, copied, moment1, moment2), key=key)

    def learn_one(self, bar, step, brain: Brain, private, action, reward, slots):
        """One agent's update."""
        learning = self.settings.learning
        # the last slot of a window is but a next state: the one before it serves
        slots = jnp.where(action[slots] == TAIL, (slots - 1) % learning.replay, slots)
        nexts = (slots + 1) % learning.replay
        now = jnp.concatenate([self.features[bar[slots]], private[slots]], 1)
        after = jnp.concatenate([self.features[bar[nexts]], private[nexts]], 1)
        aim = reward[slots] + learning.gamma * forward(brain.target, after).max(1)
        grad = jax.grad(loss_of)(
            brain.online, now, action[slots].astype(jnp.int32), lax.stop_gradient(aim)
        )
        return adam(
            brain.online,
            grad,
            brain.moment1,
            brain.moment2,
            step,
            learning.learning_rate,
            learning.gradient_clip,
        )
