"""One agent competes on one window of bars with its own money: everything is booked, nothing is
learnt, and losses leave scars.

Decided for every symbol at the close of bar t, on the same marks; filled at the open of t + 1, one
symbol after another. `compete` is a template: `arena.engine.trading.walk` binds it to each network.
"""

from typing import Any

import numpy as np

from agents.life.lifecycle import ACTIVE, BANKRUPT, DIVERGED, OVERFLOW, SCARRED_OUT
from agents.life.scars import FRESH_PEAK, cause_of, cut, severity_due
from arena.engine.trading.contexts import Books, Lanes, Mind, Span, Station, Trail
from arena.engine.trading.ledger import (
    DEATH,
    LEAST_SHARE,
    LIQUIDATION,
    LOG_TWO,
    STOP_LOSS,
    WINDOW_END,
    act_on,
    close_all,
    equity_of_symbol,
    exposure,
    forced_out,
    fresh,
    lost_most,
    mark,
    next_bar,
    rebase,
    uncountable,
)
from arena.engine.trading.observation import observe, private_inputs
from arena.engine.trading.rewards import reward_of, scar_penalty
from arena.engine.trading.windows import WIN, books_of, cap_of, count_bar, lane, remember
from arena.prices.market.view import Market, Prices
from ml.kernels.compiled import kernel, template
from ml.learning.exploration import NO_ACTION, bound_of, greedy
from ml.learning.replay import TAIL
from ml.networks.base import Network, Seen, View
from ml.networks.q_net import Q_NET
from ml.rng import below, uniform

network: Network = Q_NET


@kernel
def take_in(agent, account, booked, book):
    """Add the trades closed since `booked` to the agent's lifetime sums; the number closed so
    far.
    """
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
def spent(agent, positions):
    """All costs paid in competition so far, those of open positions included."""
    total = agent.fee + agent.spread_cost + agent.slippage_cost + agent.funding + agent.borrow
    for s in range(positions.shape[0]):
        position = positions[s]
        if position.quantity != 0.0:
            total += (
                position.fee
                + position.spread_cost
                + position.slippage_cost
                + position.funding
                + position.borrow
            )
    return total


@kernel
def earned(agent, positions, closes, bar):
    """Gross profit of competition so far, that of open positions included."""
    total = agent.gross_profit
    for s in range(positions.shape[0]):
        total += positions[s].quantity * (closes[s, bar] - positions[s].entry_mid)
    return total


@kernel
def liquidated(positions):
    """Whether the bar closed a position at a margin call."""
    called = False
    for s in range(positions.shape[0]):
        called = called or positions[s].forced == LIQUIDATION
    return called


@kernel
def scar_if_due(agent: Any, station: Station, bar: int, closes: np.ndarray, q: np.ndarray) -> None:
    """Follow the peak of an AGENT record; cut a scar where the next step of the ladder is passed,
    or a position was liquidated. It names the symbol that lost most in the bar.

    closes: float64 [S, n]; q: float32 [S, 3].
    """
    account, positions = station.accounts.account[0], station.accounts.positions
    ladder, scars, sums = station.rules[0].ladder, station.scars, station.sums[0]
    if account.equity > agent.peak:
        agent.peak = account.equity
        agent.peak_costs = spent(agent, positions)
        agent.peak_gross = earned(agent, positions, closes, bar)
        if agent.ladder_step > 0 and agent.peak >= FRESH_PEAK * agent.ladder_peak:
            agent.ladder_step = 0
    drawdown = 1.0 - account.equity / agent.peak
    agent.max_drawdown = max(agent.max_drawdown, drawdown)
    severity, called = severity_due(drawdown, agent.ladder_step, ladder), liquidated(positions)
    if called and severity == 0:
        severity = max(severity_due(drawdown, 0, ladder), 1)
    if severity == 0:
        return
    if sums.scars < scars.shape[0]:
        worst = lost_most(positions, closes, bar)
        scar, position = scars[sums.scars], positions[worst]
        scar.agent = agent.number
        scar.sequence = sums.scars
        scar.symbol = worst
        scar.severity = severity
        lost = earned(agent, positions, closes, bar) - agent.peak_gross
        paid = spent(agent, positions) - agent.peak_costs
        bar_return = closes[worst, bar] / closes[worst, bar - 1] - 1.0
        scar.cause = cause_of(called, position.forced == STOP_LOSS, bar_return, lost, paid)
        scar.drawdown = drawdown
        scar.bar = bar
        scar.trade = position.sequence
        scar.action = position.choice
        for a in range(3):
            scar.q[a] = q[worst, a]
        scar.weight_damage = 0.0
        sums.scars += 1
    cut(agent, severity)
    agent.ladder_step = max(severity, agent.ladder_step)
    agent.ladder_peak = agent.peak


@kernel
def fill(agent: Any, books: Books, t: int, prices: Prices, rules: Any) -> None:
    """Carry out at the open of bar t + 1 what was chosen at the close of t, and mark the account.

    Equity that is uncountable leaves the agent at OVERFLOW, below what the rules allow BANKRUPT;
    who is only evaluated is so where next to nothing is left.
    """
    act_on(books, t + 1, prices, rules.long_short, cap_of(agent, rules))
    forced_out(books, t + 1, prices, rules)
    equity = mark(books, t + 1, prices.close)
    if uncountable(equity):
        agent.state = OVERFLOW
    elif equity < (rules.bankrupt_at if rules.for_real else LEAST_SHARE) * agent.endowment:
        agent.state = BANKRUPT


@kernel
def settle(
    agent: Any, station: Station, t: int, prices: Prices, q: np.ndarray, booked: int, last: bool
) -> tuple[int, float]:
    """Book bar t + 1 after `fill`: close positions on the `last` bar and at a death, cut a scar
    where due. agent: an AGENT record; q: float32 [S, 3], of its network.

    Returns the number of trades booked so far, and the exposure before anything was closed.
    """
    rules, sums, book = station.rules[0], station.sums[0], station.book
    books = books_of(agent, station)
    account = books.account
    exposed = exposure(account, books.positions, prices.close, t + 1)
    if last or agent.state != ACTIVE:
        reason = WINDOW_END if agent.state == ACTIVE else DEATH
        bar = t + 1 if agent.state != DIVERGED else t
        close_all(books, bar, prices, reason)
        if (
            rules.for_real
            and agent.state == ACTIVE
            and account.equity < rules.bankrupt_at * agent.endowment
        ):
            agent.state = BANKRUPT
    booked = take_in(agent, account, booked, book)
    count_bar(sums, account.before, account.equity, exposed)
    if rules.for_real and agent.state != DIVERGED:
        scar_if_due(agent, station, t + 1, prices.close, q)
        if agent.state == ACTIVE and agent.severe_scars >= rules.max_scars:
            agent.state = SCARRED_OUT
            close_all(books_of(agent, station), t + 1, prices, DEATH)
            booked = take_in(agent, account, booked, book)
            # the price of getting out belongs to the last bar lived
            sums.max_drawdown = max(sums.max_drawdown, 1.0 - account.equity / sums.peak)
    return booked, exposed


@template
def compete(
    agents: Any,
    span: Span,
    station: Station,
    market: Market,
    lanes: Lanes,
    head: int,
    mind: Mind,
    trail: Trail,
) -> int:
    """Trade the bars of `span` with the own money of the one of agents, AGENT [1], greedily and
    without learning; the new head of memory.

    As `practise`; closed trades go to the station's book, scars to its scars, what it did on each
    bar to `trail`. Who is only evaluated is never stopped by its own growth: see `rebase`.
    """
    agent, rules, sums = agents[0], station.rules[0], station.sums[0]
    account, positions = station.accounts.account[0], station.accounts.positions
    prices, track = market.prices, trail.track
    symbols, bars = prices.close.shape
    mind.carried[:] = np.float32(0.0)
    capacity = lanes.action.shape[1]
    bound = bound_of(rules.largest_reward, agent.gamma)
    fresh(account, positions, agent.equity)
    account.peak = agent.peak
    booked = 0
    for t in range(span.start, span.stop - 1):
        slot = head
        multiplier = agent.cost_multiplier
        next_bar(account, positions, prices.close, t)
        for s in range(symbols):
            position, row, private = positions[s], s * bars + t, lanes.private[s, slot]
            private_inputs(account, position, prices.close[s, t], multiplier, private)
            observe(market.features, row, private, agent.scars == 0, mind.x)
            seen = Seen(mind.x, row, View(market.features, agent.scars == 0))
            network.act(mind.weights, mind.sizes, seen, mind.carried[s], mind.work, mind.q[s])
            position.choice = greedy(mind.q[s], bound)
            if position.choice == NO_ACTION:
                agent.state = DIVERGED
            elif rules.epsilon_compete > 0.0 and uniform(agent.random) < rules.epsilon_compete:
                position.choice = below(agent.random, 3)
        last = t == span.stop - 2
        if agent.state == ACTIVE:
            fill(agent, books_of(agent, station), t, prices, rules)
            for s in range(symbols):
                trail.path[s, t - span.start] = positions[s].choice
            if rules.for_real:
                head = slot + 1 if slot + 1 < capacity else 0
                agent.remembered = min(agent.remembered + 1, capacity)
                for s in range(symbols):
                    position = positions[s]
                    own_equity = equity_of_symbol(account, positions, s, prices.close, t + 1)
                    reward = reward_of(rules.reward, account, position, own_equity)
                    remember(
                        lane(lanes, s, head, agent.remembered),
                        slot,
                        position.choice,
                        reward,
                        s * bars + t,
                    )
                    if last:
                        # remembered as it stands before it is closed: the window ends here, not
                        # what the position is worth
                        private_inputs(
                            account,
                            position,
                            prices.close[s, t + 1],
                            multiplier,
                            lanes.private[s, head],
                        )
        scarred = agent.scars
        booked, exposed = settle(agent, station, t, prices, mind.q, booked, last)
        if agent.scars > scarred:
            lanes.reward[lost_most(positions, prices.close, t + 1), slot] -= np.float32(
                scar_penalty(rules.reward)
            )
        if track.shape[0] > 0:
            track[t - span.start, 0] = account.equity / account.before - 1.0
            track[t - span.start, 1] = exposed
        if agent.state != ACTIVE:
            break
        if not rules.for_real:
            sums.peak *= rebase(account, positions, agent.equity)
    sums.log_growth = (
        np.log(max(account.equity, LEAST_SHARE * agent.equity) / agent.equity)
        + account.halvings * LOG_TWO
    )
    agent.equity = account.equity
    if agent.state == ACTIVE and rules.for_real:
        for s in range(symbols):
            remember(
                lane(lanes, s, head, agent.remembered), head, TAIL, 0.0, s * bars + span.stop - 1
            )
        agent.remembered = min(agent.remembered + 1, capacity)
        head = head + 1 if head + 1 < capacity else 0
    return head
