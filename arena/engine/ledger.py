"""The money of one account: positions, marks, margin. Everything float64, in the unit of the endowment (RULES section 3)."""

import numpy as np

from arena.engine.costs import affordable, borrowed, pay_maker, pay_taker
from ml.compiled import finite, kernel

# why a trade closed; numbered as results.TRADE_REASONS names them
SIGNAL, REVERSAL, LIQUIDATION, WINDOW_END, DEATH, STOP_LOSS, TAKE_PROFIT = range(7)
NOT_CLOSED = -1
MAINTENANCE = 0.5

# One account with at most one open position; `quantity` is signed, entry_price is as filled, entry_mid without spread and slippage.
ACCOUNT = np.dtype(
    [
        ("cash", np.float64),
        ("quantity", np.float64),
        ("equity", np.float64),
        ("peak", np.float64),
        ("entry_bar", np.int64),
        ("entry_mid", np.float64),
        ("entry_price", np.float64),
        ("leverage", np.float64),
        ("fee", np.float64),  # of the open trade so far
        ("spread_cost", np.float64),
        ("slippage_cost", np.float64),
        ("funding", np.float64),
        ("borrow", np.float64),
        ("wins", np.int64),
        ("losses", np.int64),
        ("trades", np.int64),
        ("worst", np.float64),  # largest drawdown so far
        ("mean1", np.float64),  # moving means of returns and their squares, for the differential Sharpe ratio
        ("mean2", np.float64),
    ],
    align=True,
)


@kernel
def fresh(account, money):
    """A new account with nothing but cash."""
    account.cash = money
    account.quantity = 0.0
    account.equity = money
    account.peak = money
    account.wins = 0
    account.losses = 0
    account.trades = 0
    account.worst = 0.0
    account.mean1 = 0.0
    account.mean2 = 0.0


@kernel
def open_position(account, bar, mid, volume, side, leverage, costs, multiplier):
    """From flat to `leverage` equities on `side`, all costs affordable; False where there is nothing to trade with."""
    quantity = affordable(account.cash * leverage, mid, side, volume, costs, multiplier)
    if not quantity > 0.0 or not finite(quantity):
        return False
    before = account.cash
    account.fee = 0.0
    account.spread_cost = 0.0
    account.slippage_cost = 0.0
    account.funding = 0.0
    account.borrow = 0.0
    price = pay_taker(account, mid, quantity, side, volume, costs, multiplier)
    account.cash -= side * quantity * price
    account.leverage = quantity * price / before
    account.quantity = side * quantity
    account.entry_bar = bar
    account.entry_mid = mid
    account.entry_price = price
    return True


@kernel
def close_position(account, bar, mid, volume, costs, multiplier, reason, book, agent):
    """From a position to flat at `mid`; the trade goes into `book` (TRADE records) where it has room. The net profit.

    Only a TAKE_PROFIT had an order resting; everybody else trades at the market.
    """
    side = 1.0 if account.quantity > 0.0 else -1.0
    quantity = abs(account.quantity)
    if reason == TAKE_PROFIT:
        price = pay_maker(account, mid, quantity, costs, multiplier)
    else:
        price = pay_taker(account, mid, quantity, -side, volume, costs, multiplier)
    account.cash += side * quantity * price
    gross = side * quantity * (mid - account.entry_mid)
    net = gross - account.fee - account.spread_cost - account.slippage_cost - account.funding - account.borrow
    if account.trades < book.shape[0]:
        trade = book[account.trades]
        trade.agent = agent
        trade.sequence = account.trades
        trade.entry_bar = account.entry_bar
        trade.exit_bar = bar
        trade.side = int(side)
        trade.entry_price = account.entry_price
        trade.exit_price = price
        trade.quantity = quantity
        trade.leverage = account.leverage
        trade.gross_profit = gross
        trade.fee = account.fee
        trade.spread_cost = account.spread_cost
        trade.slippage_cost = account.slippage_cost
        trade.funding = account.funding
        trade.borrow = account.borrow
        trade.net_profit = net
        trade.reason = reason
    account.trades += 1
    if net > 0.0:
        account.wins += 1
    else:
        account.losses += 1
    account.quantity = 0.0
    account.equity = account.cash
    return net


@kernel
def act_on(account, bar, mid, volume, action, long_short, leverage, costs, multiplier, book, agent):
    """Carry out SELL 0, HOLD 1 or BUY 2 at `mid`."""
    if action == 1:
        return
    wanted = 1.0 if action == 2 else (-1.0 if long_short else 0.0)
    if account.quantity * wanted > 0.0:
        return
    if account.quantity != 0.0:
        reason = SIGNAL if wanted == 0.0 else REVERSAL
        close_position(account, bar, mid, volume, costs, multiplier, reason, book, agent)
    if wanted != 0.0:
        open_position(account, bar, mid, volume, wanted, leverage, costs, multiplier)


@kernel
def margin_gone(account, price):
    """Whether the margin no longer holds at `price`; only borrowed or short positions have one."""
    if account.quantity > 0.0 and account.leverage <= 1.0:
        return False
    initial_margin = abs(account.quantity) * account.entry_price / account.leverage
    return account.cash + account.quantity * price < MAINTENANCE * initial_margin


@kernel
def forced_out(account, bar, traded, rules, costs, multiplier, book, agent):
    """Close what does not outlive bar `bar`, whoever owns it; the reason, or NOT_CLOSED. traded = (open, high, low, volume) of the bar.

    Within a bar the worst comes first: a stop that still has its margin, else a margin call at the bar's worst price, and only then an
    order at the profit. Both levels are measured from the middle at entry, and filled at the open where the bar opens beyond them.
    What a call leaves below 0 is a debt: its owner dies of it, and the treasury bears it.
    """
    if account.quantity == 0.0:
        return NOT_CLOSED
    first, high, low, volume = traded
    side = 1.0 if account.quantity > 0.0 else -1.0
    worst, best = (low, high) if side > 0.0 else (high, low)
    reason, price = NOT_CLOSED, worst
    if rules.stop_loss > 0.0:
        level = account.entry_mid * (1.0 - side * rules.stop_loss)
        if side * (worst - level) <= 0.0:
            reason, price = STOP_LOSS, first if side * (first - level) <= 0.0 else level
    if margin_gone(account, price):
        reason, price = LIQUIDATION, worst
    if reason == NOT_CLOSED and rules.take_profit > 0.0:
        level = account.entry_mid * (1.0 + side * rules.take_profit)
        # touched is not traded: who stood first in the queue is not known
        if side * (best - level) > 0.0:
            reason, price = TAKE_PROFIT, first if side * (first - level) > 0.0 else level
    if reason != NOT_CLOSED:
        close_position(account, bar, price, volume, costs, multiplier, reason, book, agent)
    return reason


@kernel
def mark(account, price, costs):
    """Charge the bar's funding and borrowing and value the account at `price`; the equity."""
    if account.quantity != 0.0:
        funding = costs.funding * abs(account.quantity) * price
        borrow = costs.borrow * borrowed(account, price)
        account.cash -= funding + borrow
        account.funding += funding
        account.borrow += borrow
    account.equity = account.cash + account.quantity * price
    account.peak = max(account.peak, account.equity)
    return account.equity


@kernel
def exposure_of(account, price):
    """Signed position over equity at `price`; 0 where nothing is left."""
    return account.quantity * price / account.equity if account.equity > 0.0 else 0.0
