"""One agent practises on one window of bars: it learns, and nothing of its money is booked.

Decided at the close of bar t, filled at the open of t + 1. `practise` is a template: `act`, `learn`, `explore` and `period` stand
for a network's kernels until `arena.engine.walk` binds them.
"""

from typing import Any

import numpy as np

from arena.engine.ledger import act_on, forced_out, fresh, mark
from arena.engine.observation import observe, private_inputs
from arena.engine.rewards import reward_of
from arena.engine.windows import DIVERGED, WIN, cap_of, remember
from ml.compiled import copy, kernel
from ml.learning.exploration import NO_ACTION, epsilon_now
from ml.learning.replay import ENDED, TAIL
from ml.learning.target_cache import forget, forget_all

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

    prices = (open, high, low, close, volume); memory = (private, action, reward, bar, (tree, bounds));
    brain = (online, target, moment1, moment2); scratch = (x, q, carried, work).
    `window[0]` collects sums; agents[n] learns, explores, and may turn out DIVERGED.
    """
    agent, account, rules, costs, sums = agents[n], accounts[0], rule[0], cost[0], window[0]
    opens, highs, lows, closes, volumes = prices
    online, target, moment1, moment2 = brain
    x, q, carried, work = scratch
    carried[:] = np.float32(0.0)
    capacity = memory[1].shape[0]
    premium = agent.scars == 0
    by_priority = (rules.priority, rules.priority_beta, rules.priority_updates)
    learner = (agent.learning_rate, agent.gamma, rules.double != 0, rules.gradient_clip, rules.n_step, rules.squared != 0, by_priority)
    fresh(account, agent.equity)
    forget_all(table)
    for t in range(start, stop - 1):
        slot = head
        forget(table, slot)
        private_inputs(account, closes[t], agent.cost_multiplier, memory[0][slot])
        observe(features, t, memory[0][slot], premium, x)
        act(online, sizes, x, t, features, premium, carried, work, q)
        drawdown = 1.0 - account.equity / account.peak
        span = (agent.epsilon_start, rules.epsilon_end, agent.practice_bars, agent.epsilon_bars, rules.exponential)
        agent.epsilon = epsilon_now(*span, agent.win_factor, drawdown)
        choice = explore(q, agent.epsilon, rules.temperature, agent.random)
        if choice == NO_ACTION:
            agent.state = DIVERGED
            return head
        before = account.equity
        multiplier = agent.cost_multiplier
        wins, cap, number = account.wins, cap_of(agent, rules), agent.number
        traded = (opens[t + 1], highs[t + 1], lows[t + 1], volumes[t + 1])
        act_on(account, t + 1, opens[t + 1], volumes[t + 1], choice, rules.long_short, cap, costs, multiplier, book, number)
        forced_out(account, t + 1, traded, rules, costs, multiplier, book, number)
        for _ in range(account.wins - wins):
            agent.win_factor *= WIN
        reward = reward_of(rules.reward, account, before, mark(account, closes[t + 1], costs))
        ended = account.equity < rules.bankrupt_at * agent.equity
        remember(memory, slot, choice + ENDED if ended else choice, reward, t)
        head = slot + 1 if slot + 1 < capacity else 0
        agent.remembered = min(agent.remembered + 1, capacity)
        agent.practice_bars += 1
        sums.bars += 1
        sums.reward += reward
        if rules.learning and agent.practice_bars % period(rules.update_every, table) == 0:
            state = (agent.random, learner, online, target, moment1, moment2)
            loss, steps = learn(*state, memory, head, agent.remembered, agent.updates + 1, premium, features, sizes, table)
            if np.isnan(loss):
                agent.state = DIVERGED
                return head
            if steps > 0 and follow(target, online, rules.tau, rules.target_every, agent.updates + steps, agent.updates):
                forget_all(table)
            agent.updates += steps
            sums.updates += steps
            sums.loss += loss * steps
        if ended:
            fresh(account, agent.equity)
    forget(table, head)
    private_inputs(account, closes[stop - 1], agent.cost_multiplier, memory[0][head])
    remember(memory, head, TAIL, 0.0, stop - 1)
    agent.remembered = min(agent.remembered + 1, capacity)
    return head + 1 if head + 1 < capacity else 0
