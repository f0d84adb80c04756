"""The money of one account: fills, costs, marks, margin. Everything float64, in the unit of the endowment (RULES section 3)."""

import numpy as np

from ml.compiled import finite, kernel

SIGNAL, REVERSAL, LIQUIDATION, WINDOW_END, DEATH = range(5)
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
        ("wins", np.int64),
        ("losses", np.int64),
        ("trades", np.int64),
        ("worst", np.float64),  # largest drawdown so far
        ("mean1", np.float64),  # moving means of returns and their squares, for the differential Sharpe ratio
        ("mean2", np.float64),
    ],
    align=True,
)

# What trading costs, as fractions; one record.
COSTS = np.dtype([("fee", np.float64), ("half_spread", np.float64), ("slippage", np.float64), ("funding", np.float64)], align=True)


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
def pay_for_fill(account, mid, quantity, side, costs, multiplier):
    """Book the costs of filling |quantity| on `side` (+1 buys) at `mid`; the price of the fill."""
    spread = costs.half_spread * multiplier
    slip = costs.slippage * multiplier
    price = mid * (1.0 + side * (spread + slip))
    fee = quantity * price * costs.fee * multiplier
    account.cash -= fee
    account.fee += fee
    account.spread_cost += quantity * mid * spread
    account.slippage_cost += quantity * mid * slip
    return price


@kernel
def open_position(account, bar, mid, side, leverage, costs, multiplier):
    """From flat to `leverage` equities on `side`, all costs affordable; False where there is nothing to trade with."""
    price = mid * (1.0 + side * (costs.half_spread + costs.slippage) * multiplier)
    quantity = account.cash * leverage / (price * (1.0 + costs.fee * multiplier))
    if not quantity > 0.0 or not finite(quantity):
        return False
    account.leverage = quantity * price / account.cash
    account.fee = 0.0
    account.spread_cost = 0.0
    account.slippage_cost = 0.0
    account.funding = 0.0
    price = pay_for_fill(account, mid, quantity, side, costs, multiplier)
    account.cash -= side * quantity * price
    account.quantity = side * quantity
    account.entry_bar = bar
    account.entry_mid = mid
    account.entry_price = price
    return True


@kernel
def close_position(account, bar, mid, costs, multiplier, reason, book, agent):
    """From a position to flat at `mid`; the trade goes into `book` (TRADE records) where it has room. The net profit."""
    side = 1.0 if account.quantity > 0.0 else -1.0
    quantity = abs(account.quantity)
    price = pay_for_fill(account, mid, quantity, -side, costs, multiplier)
    account.cash += side * quantity * price
    gross = side * quantity * (mid - account.entry_mid)
    net = gross - account.fee - account.spread_cost - account.slippage_cost - account.funding
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
def act_on(account, bar, mid, action, long_short, leverage, costs, multiplier, book, agent):
    """Carry out SELL 0, HOLD 1 or BUY 2 at `mid`. +1 where a trade was closed with a profit, -1 with a loss, 0 where none was closed."""
    if action == 1:
        return 0
    wanted = 1.0 if action == 2 else (-1.0 if long_short else 0.0)
    if account.quantity * wanted > 0.0:
        return 0
    result = 0
    if account.quantity != 0.0:
        reason = SIGNAL if wanted == 0.0 else REVERSAL
        result = 1 if close_position(account, bar, mid, costs, multiplier, reason, book, agent) > 0.0 else -1
    if wanted != 0.0:
        open_position(account, bar, mid, wanted, leverage, costs, multiplier)
    return result


@kernel
def liquidated(account, bar, low, high, costs, multiplier, book, agent):
    """Close at the bar's worst price where the margin no longer holds there; only borrowed or short positions have a margin."""
    if account.quantity == 0.0 or (account.quantity > 0.0 and account.leverage <= 1.0):
        return False
    worst = low if account.quantity > 0.0 else high
    initial_margin = abs(account.quantity) * account.entry_price / account.leverage
    if account.cash + account.quantity * worst >= MAINTENANCE * initial_margin:
        return False
    close_position(account, bar, worst, costs, multiplier, LIQUIDATION, book, agent)
    return True


@kernel
def mark(account, price, costs):
    """Charge funding for the bar and value the account at `price`; the equity."""
    if account.quantity != 0.0:
        charge = costs.funding * abs(account.quantity) * price
        account.cash -= charge
        account.funding += charge
    account.equity = account.cash + account.quantity * price
    account.peak = max(account.peak, account.equity)
    return account.equity


@kernel
def exposure_of(account, price):
    """Signed position over equity at `price`; 0 where nothing is left."""
    return account.quantity * price / account.equity if account.equity > 0.0 else 0.0
