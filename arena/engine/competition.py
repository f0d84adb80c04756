"""One agent competes on one window of bars with its own money: everything is booked, nothing is learnt, and losses leave scars.

Decided at the close of bar t, filled at the open of t + 1. `compete` is a template: `act` stands for a network's kernel until
`arena.engine.walk` binds it.
"""

from typing import Any

import numpy as np

from agents.life.scars import FRESH_PEAK, cause_of, cut, severity_due
from arena.engine.ledger import (
    DEATH,
    LIQUIDATION,
    NOT_CLOSED,
    STOP_LOSS,
    WINDOW_END,
    act_on,
    close_position,
    exposure_of,
    forced_out,
    fresh,
    mark,
)
from arena.engine.observation import observe, private_inputs
from arena.engine.rewards import reward_of, scar_penalty
from arena.engine.windows import ACTIVE, BANKRUPT, DIVERGED, SCARRED_OUT, WIN, cap_of, count_bar, remember
from ml.compiled import kernel
from ml.learning.exploration import NO_ACTION, greedy
from ml.learning.replay import TAIL
from ml.rng import below, uniform

act: Any = None


@kernel
def take_in(agent, account, booked, book):
    """Add the trades closed since `booked` to the agent's lifetime sums; the number closed so far."""
    while booked < account.trades:
        trade = book[booked]
        agent.gross_profit += trade.gross_profit
        agent.fee += trade.fee
        agent.spread_cost += trade.spread_cost
        agent.slippage_cost += trade.slippage_cost
        agent.funding += trade.funding
        agent.borrow += trade.borrow
        agent.trades += 1
        if trade.net_profit > 0.0:
            agent.win_factor *= WIN
        booked += 1
    return booked


@kernel
def spent(agent, account):
    """All costs paid in competition so far, the open position's included."""
    total = agent.fee + agent.spread_cost + agent.slippage_cost + agent.funding + agent.borrow
    if account.quantity != 0.0:
        total += account.fee + account.spread_cost + account.slippage_cost + account.funding + account.borrow
    return total


@kernel
def earned(agent, account, price):
    """Gross profit of competition so far, the open position's included."""
    return agent.gross_profit + account.quantity * (price - account.entry_mid)


@kernel
def scar_if_due(agent, account, t, price, bar_return, forced, choice, q, scars, sums):
    """Follow the peak; cut a scar where the next step of the ladder is passed, or a position was liquidated.

    forced: why the bar closed a position by force, or NOT_CLOSED.
    """
    if account.equity > agent.peak:
        agent.peak = account.equity
        agent.peak_costs = spent(agent, account)
        agent.peak_gross = earned(agent, account, price)
        if agent.ladder_step > 0 and agent.peak >= FRESH_PEAK * agent.ladder_peak:
            agent.ladder_step = 0
    drawdown = 1.0 - account.equity / agent.peak
    agent.max_drawdown = max(agent.max_drawdown, drawdown)
    severity = severity_due(drawdown, agent.ladder_step)
    if forced == LIQUIDATION and severity == 0:
        severity = max(severity_due(drawdown, 0), 1)
    if severity == 0:
        return
    if sums.scars < scars.shape[0]:
        scar = scars[sums.scars]
        scar.agent = agent.number
        scar.sequence = sums.scars
        scar.severity = severity
        lost = earned(agent, account, price) - agent.peak_gross
        paid = spent(agent, account) - agent.peak_costs
        scar.cause = cause_of(forced == LIQUIDATION, forced == STOP_LOSS, bar_return, lost, paid)
        scar.drawdown = drawdown
        scar.bar = t
        open_trade = account.trades if account.quantity != 0.0 else account.trades - 1
        scar.trade = open_trade
        scar.action = choice
        for a in range(3):
            scar.q[a] = q[a]
        scar.weight_damage = 0.0
        sums.scars += 1
    cut(agent, severity)
    agent.ladder_step = max(severity, agent.ladder_step)
    agent.ladder_peak = agent.peak


@kernel
def fill(agent, account, t, prices, choice, rules, costs, book):
    """Carry out at the open of bar t + 1 what was chosen at the close of t, and mark the account; why a position was forced out.

    prices = (open, high, low, close, volume). Equity below what the rules allow leaves the agent BANKRUPT.
    """
    opens, highs, lows, closes, volumes = prices
    cap, number, multiplier = cap_of(agent, rules), agent.number, agent.cost_multiplier
    traded = (opens[t + 1], highs[t + 1], lows[t + 1], volumes[t + 1])
    act_on(account, t + 1, opens[t + 1], volumes[t + 1], choice, rules.long_short, cap, costs, multiplier, book, number)
    forced = forced_out(account, t + 1, traded, rules, costs, multiplier, book, number)
    if mark(account, closes[t + 1], costs) < rules.bankrupt_at * agent.endowment and rules.scarring:
        agent.state = BANKRUPT
    return forced


@kernel
def settle(agent, account, t, prices, before, choice, q, forced, rules, costs, book, booked, scars, sums, last):
    """Book bar t + 1 after `fill`, from an equity of `before` on: close a position on the `last` bar and at a death, cut a scar where due.

    Returns the number of trades booked so far, and the exposure before anything was closed.
    """
    _, _, _, closes, volumes = prices
    exposure = exposure_of(account, closes[t + 1])
    if account.quantity != 0.0 and (last or agent.state != ACTIVE):
        reason = WINDOW_END if agent.state == ACTIVE else DEATH
        bar = t + 1 if agent.state != DIVERGED else t
        close_position(account, bar, closes[bar], volumes[bar], costs, agent.cost_multiplier, reason, book, agent.number)
        if rules.scarring and agent.state == ACTIVE and account.equity < rules.bankrupt_at * agent.endowment:
            agent.state = BANKRUPT
    booked = take_in(agent, account, booked, book)
    count_bar(sums, before, account.equity, exposure)
    if rules.scarring and agent.state != DIVERGED:
        scar_if_due(agent, account, t + 1, closes[t + 1], closes[t + 1] / closes[t] - 1.0, forced, choice, q, scars, sums)
        if agent.state == ACTIVE and agent.severe_scars >= rules.max_scars:
            agent.state = SCARRED_OUT
            if account.quantity != 0.0:
                more = agent.cost_multiplier
                close_position(account, t + 1, closes[t + 1], volumes[t + 1], costs, more, DEATH, book, agent.number)
                booked = take_in(agent, account, booked, book)
                # the price of getting out belongs to the last bar lived
                sums.max_drawdown = max(sums.max_drawdown, 1.0 - account.equity / sums.peak)
    return booked, exposure


def compete(
    agents, n, accounts, start, stop, prices, features, memory, head, brain, sizes, scratch, rule, cost, window, book, scars, path, track
):
    """Trade bars start .. stop - 1 with the agent's own money, greedily and without learning; the new head of memory.

    As `practise`; closed trades go to `book` (TRADE), scars to `scars` (SCAR), actions to `path` uint8 [stop - start] (NONE where none).
    track: float64 [stop - start, 2], equity and exposure after each bar; [0, 2] where nobody asks.
    """
    agent, account, rules, costs, sums = agents[n], accounts[0], rule[0], cost[0], window[0]
    closes = prices[3]
    online, _, _, _ = brain
    x, q, carried, work = scratch
    carried[:] = np.float32(0.0)
    capacity = memory[1].shape[0]
    fresh(account, agent.equity)
    account.peak = agent.peak
    booked = 0
    for t in range(start, stop - 1):
        slot = head
        multiplier = agent.cost_multiplier
        private_inputs(account, closes[t], multiplier, memory[0][slot])
        observe(features, t, memory[0][slot], agent.scars == 0, x)
        act(online, sizes, x, t, features, agent.scars == 0, carried, work, q)
        choice = greedy(q)
        before = account.equity
        if choice == NO_ACTION:
            agent.state = DIVERGED
        elif rules.epsilon_compete > 0.0 and uniform(agent.random) < rules.epsilon_compete:
            choice = below(agent.random, 3)
        forced = NOT_CLOSED
        if agent.state == ACTIVE:
            path[t - start] = choice
            forced = fill(agent, account, t, prices, choice, rules, costs, book)
            remember(memory, slot, choice, reward_of(rules.reward, account, before, account.equity), t)
            head = slot + 1 if slot + 1 < capacity else 0
            agent.remembered = min(agent.remembered + 1, capacity)
            if t == stop - 2:
                # remembered as it stands before it is closed: the window ends here, not what the position is worth
                private_inputs(account, closes[t + 1], multiplier, memory[0][head])
        scarred, last = agent.scars, t == stop - 2
        booked, exposure = settle(agent, account, t, prices, before, choice, q, forced, rules, costs, book, booked, scars, sums, last)
        if agent.scars > scarred:
            memory[2][slot] -= np.float32(scar_penalty(rules.reward))
        if track.shape[0] > 0:
            track[t - start, 0] = account.equity
            track[t - start, 1] = exposure
        if agent.state != ACTIVE:
            break
    sums.log_growth = np.log(max(account.equity, 1e-9 * agent.equity) / agent.equity)
    agent.equity = account.equity
    if agent.state == ACTIVE:
        remember(memory, head, TAIL, 0.0, stop - 1)
        agent.remembered = min(agent.remembered + 1, capacity)
        head = head + 1 if head + 1 < capacity else 0
    return head
