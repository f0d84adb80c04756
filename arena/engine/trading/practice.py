"""One agent practises on one window of bars: it learns, and nothing of its money is booked.

Decided for every symbol at the close of bar t, on the same marks; filled at the open of t + 1, one
symbol after another. Where an update is due, one is made from each symbol's part of the memory.
`practise` is a template: `arena.engine.trading.walk` binds it to each network and its way of
learning.
"""

from typing import Any

import numpy as np

from agents.life.lifecycle import DIVERGED, OVERFLOW
from arena.engine.trading.contexts import Lanes, Mind, Pupil, Span, Station
from arena.engine.trading.ledger import (
    act_on,
    equity_of_symbol,
    forced_out,
    fresh,
    mark,
    next_bar,
    uncountable,
)
from arena.engine.trading.observation import observe, private_inputs
from arena.engine.trading.rewards import reward_of
from arena.engine.trading.windows import WIN, books_of, cap_of, lane, remember
from arena.prices.market.view import Market
from ml.kernels.compiled import copy, kernel, template
from ml.learning.algorithms import LEARNERS, Algorithm
from ml.learning.bench import lane_of
from ml.learning.contexts import Learner
from ml.learning.exploration import NO_ACTION, bound_of, epsilon_now
from ml.learning.replay import ENDED, TAIL
from ml.learning.target_cache import answers_of, forget, forget_all
from ml.networks.base import Network, Seen, View
from ml.networks.q_net import Q_NET

network: Network = Q_NET
algorithm: Algorithm = LEARNERS[Q_NET.learner]


@kernel
def follow(target, online, tau, target_every, step, before):
    """Move the target network: a little after every update where tau > 0, else a copy every
    target_every updates. Whether it moved.
    """
    if tau > 0.0:
        for i in range(target.shape[0]):
            target[i] += np.float32(tau) * (online[i] - target[i])
        return True
    if step // target_every > before // target_every:
        copy(online, target)
        return True
    return False


@template
def update(
    agent: Any,
    station: Station,
    learner: Learner,
    pupil: Pupil,
    lanes: Lanes,
    head: int,
    view: View,
    sizes: np.ndarray,
) -> bool:
    """An update from each symbol's part of the memory; False where one was refused, see `learn`."""
    brain, bench, rules, sums = pupil.brain, pupil.bench, station.rules[0], station.sums[0]
    symbols = lanes.action.shape[0]
    for s in range(symbols):
        memory, part = lane(lanes, s, head, agent.remembered), lane_of(bench, s, symbols)
        loss, steps = algorithm.learn(
            agent.random, learner, brain, memory, agent.updates + 1, view, sizes, part
        )
        if np.isnan(loss):
            return False
        updates = agent.updates + steps
        if steps > 0 and follow(
            brain.target, brain.online, rules.tau, rules.target_every, updates, agent.updates
        ):
            forget_all(bench.answers)
        agent.updates += steps
        sums.updates += steps
        sums.loss += loss * steps
    return True


@kernel
def terms_of(agent: Any, rules: Any) -> Learner:
    """How an agent learns: a trait of its own, and what the settings say."""
    return Learner(
        agent.learning_rate,
        agent.gamma,
        rules.double != 0,
        rules.gradient_clip,
        rules.weight_decay,
        rules.n_step,
        rules.squared != 0,
        rules.priority,
        rules.priority_beta,
        rules.priority_updates,
    )


@template
def practise(
    agents: Any,
    span: Span,
    station: Station,
    market: Market,
    lanes: Lanes,
    head: int,
    mind: Mind,
    pupil: Pupil,
) -> int:
    """The one of agents, AGENT [1], learns from the bars of `span` with a fresh account; the new
    head of memory.

    mind.weights are the pupil's online network. The station's sums collect; the agent explores,
    and may turn out DIVERGED or at OVERFLOW.
    """
    agent, rules, sums = agents[0], station.rules[0], station.sums[0]
    account, positions = station.accounts.account[0], station.accounts.positions
    prices, features, bench = market.prices, market.features, pupil.bench
    symbols, bars = prices.close.shape
    mind.carried[:] = np.float32(0.0)
    capacity = lanes.action.shape[1]
    view, learner = View(features, agent.scars == 0), terms_of(agent, rules)
    bound = bound_of(rules.largest_reward, agent.gamma)
    books = books_of(agent, station)
    fresh(account, positions, agent.equity)
    forget_all(bench.answers)
    for t in range(span.start, span.stop - 1):
        slot = head
        next_bar(account, positions, prices.close, t)
        drawdown = 1.0 - account.equity / account.peak
        reach = (
            agent.epsilon_start,
            rules.epsilon_end,
            agent.practice_bars,
            agent.epsilon_bars,
            rules.exponential,
        )
        agent.epsilon = epsilon_now(*reach, agent.win_factor, drawdown)
        for s in range(symbols):
            position, row, private = positions[s], s * bars + t, lanes.private[s, slot]
            forget(answers_of(bench.answers, s, symbols), slot)
            private_inputs(account, position, prices.close[s, t], agent.cost_multiplier, private)
            observe(features, row, private, view.premium, mind.x)
            network.act(
                mind.weights,
                mind.sizes,
                Seen(mind.x, row, view),
                mind.carried[s],
                mind.work,
                mind.q[s],
            )
            position.choice = algorithm.explore(
                mind.q[s], bound, agent.epsilon, rules.temperature, agent.random
            )
            if position.choice == NO_ACTION:
                agent.state = DIVERGED
                return head
        wins = account.wins
        act_on(books, t + 1, prices, rules.long_short, cap_of(agent, rules))
        forced_out(books, t + 1, prices, rules)
        for _ in range(account.wins - wins):
            agent.win_factor *= WIN
        equity = mark(books, t + 1, prices.close)
        if uncountable(equity):
            agent.state = OVERFLOW
            return head
        ended = equity < rules.bankrupt_at * agent.equity
        total = 0.0
        for s in range(symbols):
            position = positions[s]
            own_equity = equity_of_symbol(account, positions, s, prices.close, t + 1)
            reward = reward_of(rules.reward, account, position, own_equity)
            choice = position.choice + ENDED if ended else position.choice
            remember(lane(lanes, s, head, agent.remembered), slot, choice, reward, s * bars + t)
            total += reward
        sums.reward += total
        head = slot + 1 if slot + 1 < capacity else 0
        agent.remembered = min(agent.remembered + 1, capacity)
        agent.practice_bars += 1
        sums.bars += 1
        ripe = rules.learning and agent.remembered >= min(rules.starts, capacity)
        due = ripe and agent.practice_bars % algorithm.period(rules.update_every, bench) == 0
        if due and not update(agent, station, learner, pupil, lanes, head, view, mind.sizes):
            agent.state = DIVERGED
            return head
        if ended:
            fresh(account, positions, agent.equity)
    for s in range(symbols):
        forget(answers_of(bench.answers, s, symbols), head)
        private_inputs(
            account,
            positions[s],
            prices.close[s, span.stop - 1],
            agent.cost_multiplier,
            lanes.private[s, head],
        )
        remember(lane(lanes, s, head, agent.remembered), head, TAIL, 0.0, s * bars + span.stop - 1)
    agent.remembered = min(agent.remembered + 1, capacity)
    return head + 1 if head + 1 < capacity else 0
