"""One agent practises on one window of bars: it learns, and nothing of its money is booked.

Decided for every symbol at the close of bar t, on the same marks; filled at the open of t + 1, one symbol after another. Where an update is
due, one is made from each symbol's part of the memory. `practise` is a template: `act`, `learn`, `explore` and `period` stand for a
network's kernels until `arena.engine.walk` binds them.
"""

from typing import Any

import numpy as np

from agents.life.lifecycle import DIVERGED, OVERFLOW
from arena.engine.ledger import act_on, equity_alone, forced_out, fresh, mark, next_bar, uncountable
from arena.engine.observation import observe, private_inputs
from arena.engine.rewards import reward_of
from arena.engine.windows import WIN, cap_of, lane, remember
from ml.compiled import copy, kernel
from ml.learning.exploration import NO_ACTION, bound_of, epsilon_now
from ml.learning.replay import ENDED, TAIL
from ml.learning.target_cache import forget, forget_all, lane_of

act: Any = None
learn: Any = None
explore: Any = None
period: Any = None


@kernel
def follow(target, online, tau, target_every, step, before):
    """Move the target network: a little after every update where tau > 0, else a copy every target_every updates. Whether it moved."""
    if tau > 0.0:
        for i in range(target.shape[0]):
            target[i] += np.float32(tau) * (online[i] - target[i])
        return True
    if step // target_every > before // target_every:
        copy(online, target)
        return True
    return False


def practise(agents, n, accounts, start, stop, prices, features, memory, head, brain, sizes, scratch, table, rule, cost, window, book):
    """Learn from bars start .. stop - 1 of the market with a fresh account; the new head of memory.

    accounts = (ACCOUNT [1], POSITION [S]); prices = (open, high, low, close, volume), [S, n] each; features [S * n, 20];
    memory = (private, action, reward, row, (trees, bounds)), [S, capacity, …] each, a lane a symbol;
    brain = (online, target, moment1, moment2); scratch = (x, q [S, 3], carried [S, any], work).
    `window[0]` collects sums; agents[n] learns, explores, and may turn out DIVERGED or at OVERFLOW.
    """
    agent, rules, costs, sums = agents[n], rule[0], cost[0], window[0]
    account, positions = accounts[0][0], accounts[1]
    closes = prices[3]
    symbols, bars = closes.shape
    online, target, moment1, moment2 = brain
    x, q, carried, work = scratch
    carried[:] = np.float32(0.0)
    capacity = memory[1].shape[1]
    premium = agent.scars == 0
    by_priority = (rules.priority, rules.priority_beta, rules.priority_updates)
    steps = (rules.double != 0, rules.gradient_clip, rules.weight_decay, rules.n_step, rules.squared != 0)
    learner = (agent.learning_rate, agent.gamma, *steps, by_priority)
    bound = bound_of(rules.largest_reward, agent.gamma)
    fresh(account, positions, agent.equity)
    forget_all(table)
    for t in range(start, stop - 1):
        slot = head
        next_bar(account, positions, closes, t)
        drawdown = 1.0 - account.equity / account.peak
        span = (agent.epsilon_start, rules.epsilon_end, agent.practice_bars, agent.epsilon_bars, rules.exponential)
        agent.epsilon = epsilon_now(*span, agent.win_factor, drawdown)
        for s in range(symbols):
            position, row, private = positions[s], s * bars + t, memory[0][s, slot]
            forget(lane_of(table, s, symbols), slot)
            private_inputs(account, position, closes[s, t], agent.cost_multiplier, private)
            observe(features, row, private, premium, x)
            act(online, sizes, x, row, features, premium, carried[s], work, q[s])
            position.choice = explore(q[s], bound, agent.epsilon, rules.temperature, agent.random)
            if position.choice == NO_ACTION:
                agent.state = DIVERGED
                return head
        multiplier = agent.cost_multiplier
        wins, cap, number = account.wins, cap_of(agent, rules), agent.number
        act_on(account, positions, t + 1, prices, rules.long_short, cap, costs, multiplier, book, number)
        forced_out(account, positions, t + 1, prices, rules, costs, multiplier, book, number)
        for _ in range(account.wins - wins):
            agent.win_factor *= WIN
        equity = mark(account, positions, t + 1, closes, costs)
        if uncountable(equity):
            agent.state = OVERFLOW
            return head
        ended = equity < rules.bankrupt_at * agent.equity
        total = 0.0
        for s in range(symbols):
            position = positions[s]
            reward = reward_of(rules.reward, account, position, equity_alone(account, positions, s, closes, t + 1))
            choice = position.choice + ENDED if ended else position.choice
            remember(lane(memory, s), slot, choice, reward, s * bars + t)
            total += reward
        sums.reward += total
        head = slot + 1 if slot + 1 < capacity else 0
        agent.remembered = min(agent.remembered + 1, capacity)
        agent.practice_bars += 1
        sums.bars += 1
        if (
            rules.learning
            and agent.remembered >= min(rules.starts, capacity)
            and agent.practice_bars % period(rules.update_every, table) == 0
        ):
            state = (agent.random, learner, online, target, moment1, moment2)
            for s in range(symbols):
                where = (lane(memory, s), head, agent.remembered, agent.updates + 1)
                loss, steps = learn(*state, *where, premium, features, sizes, lane_of(table, s, symbols))
                if np.isnan(loss):
                    agent.state = DIVERGED
                    return head
                if steps > 0 and follow(target, online, rules.tau, rules.target_every, agent.updates + steps, agent.updates):
                    forget_all(table)
                agent.updates += steps
                sums.updates += steps
                sums.loss += loss * steps
        if ended:
            fresh(account, positions, agent.equity)
    for s in range(symbols):
        forget(lane_of(table, s, symbols), head)
        private_inputs(account, positions[s], closes[s, stop - 1], agent.cost_multiplier, memory[0][s, head])
        remember(lane(memory, s), head, TAIL, 0.0, s * bars + stop - 1)
    agent.remembered = min(agent.remembered + 1, capacity)
    return head + 1 if head + 1 < capacity else 0
