"""The money of one account with a position in each symbol: fills, marks, margin.

Cash is shared, exposure is not: of S symbols each may take an S-th of what the account may.
Everything is float64, in the unit of the endowment.

The rules: docs/RULES.md#trading, #costs and #money.
"""

from typing import Any

import numpy as np

from agents.life.costs import COSTS
from arena.engine.trading.contexts import Books, Quote
from arena.engine.trading.costs import affordable, borrowed, rest, take
from arena.prices.market.view import Prices
from ml.kernels.compiled import as_written, finite, kernel

# why a trade closed; numbered as results.TRADE_REASONS names them
SIGNAL, REVERSAL, LIQUIDATION, WINDOW_END, DEATH, STOP_LOSS, TAKE_PROFIT = range(7)
# these close at a bar's close, so that the position stood until then; all others end before it
AT_CLOSE = (WINDOW_END, DEATH)
NOT_CLOSED = -1
MAINTENANCE = 0.5
# of what a symbol may take: for less than that, where others have left no more cash, no agent
# trades
LEAST_ORDER = 0.01
# of equity: who keeps no more than this share of it has lost everything; a bar that took more
# counts as having left this
LEAST_SHARE = 1e-9
# money beyond which cents are lost to rounding, either way
MOST_MONEY = 1e15
# what a halving takes off the logarithm of an amount
LOG_TWO = float(np.log(2.0))

# What all positions have in common.
ACCOUNT = np.dtype(
    [
        ("cash", np.float64),
        ("equity", np.float64),  # as last marked
        ("before", np.float64),  # when the bar began
        ("peak", np.float64),
        ("wins", np.int64),
        ("losses", np.int64),
        ("opened", np.int64),
        ("trades", np.int64),  # closed
        ("halvings", np.int64),  # of all its money, by `rebase`
    ],
    align=True,
)

# What an account has to do with one symbol; `quantity` is signed, 0 where nothing is held,
# entry_price is as filled, entry_mid without spread and slippage.
POSITION = np.dtype(
    [
        ("symbol", np.int64),
        ("quantity", np.float64),
        ("sequence", np.int64),  # of the trade that is open, or was last; -1 before the first
        ("entry_bar", np.int64),
        ("entry_mid", np.float64),
        ("entry_price", np.float64),
        ("leverage", np.float64),
        *((name, np.float64) for name in COSTS),  # of the open trade so far
        # of the bar: what was chosen at the close before it, why it closed a position by force,
        # what was held then, and cash since
        ("choice", np.int64),
        ("forced", np.int64),
        ("value", np.float64),
        ("flow", np.float64),
        # what its rewards follow: the largest drawdown so far, moving means of returns and their
        # squares
        ("worst", np.float64),
        ("mean1", np.float64),
        ("mean2", np.float64),
    ],
    align=True,
)


@kernel
def fresh(account, positions, money):
    """A new account with nothing but cash."""
    account.cash = money
    account.equity = money
    account.peak = money
    account.wins = 0
    account.losses = 0
    account.opened = 0
    account.trades = 0
    account.halvings = 0
    for s in range(positions.shape[0]):
        position = positions[s]
        position.symbol = s
        position.quantity = 0.0
        position.sequence = -1
        position.worst = 0.0
        position.mean1 = 0.0
        position.mean2 = 0.0


@kernel
def next_bar(account, positions, closes, t):
    """From here on it is counted what the bar after t brings: to the account, and to each
    symbol.
    """
    account.before = account.equity
    for s in range(positions.shape[0]):
        position = positions[s]
        position.forced = NOT_CLOSED
        position.value = position.quantity * closes[s, t]
        position.flow = 0.0


@kernel
def equity_of(account, positions, prices, bar):
    """Cash and all that is held at prices [S, n] of a bar."""
    equity = account.cash
    for s in range(positions.shape[0]):
        equity += positions[s].quantity * prices[s, bar]
    return equity


@kernel
def gained(position, price):
    """What its symbol earned in the bar that closed at `price`, net of its costs."""
    return position.flow + position.quantity * price - position.value


@kernel
def equity_of_symbol(account, positions, symbol, closes, bar):
    """Equity at the close of a bar in which no other symbol had gained or lost anything."""
    equity = account.equity
    for s in range(positions.shape[0]):
        if s != symbol:
            equity -= gained(positions[s], closes[s, bar])
    return equity


@kernel
def lost_most(positions, closes, bar):
    """The symbol that gained least in a bar; the first of equals."""
    worst = 0
    for s in range(1, positions.shape[0]):
        if gained(positions[s], closes[s, bar]) < gained(positions[worst], closes[worst, bar]):
            worst = s
    return worst


@kernel
def open_position(
    books: Books, position: Any, quote: Quote, side: float, money: float, equity: float
) -> bool:
    """From flat to what `money` pays for on `side` (+1 buys, -1 sells short), all costs included;
    False where there is nothing to trade with. position: a POSITION record.
    """
    account, costs, multiplier = books.account, books.costs, books.multiplier
    quantity = affordable(money, quote.mid, side, quote.volume, costs, multiplier)
    if not quantity > 0.0 or not finite(quantity):
        return False
    position.fee = 0.0
    position.spread_cost = 0.0
    position.slippage_cost = 0.0
    position.funding = 0.0
    position.borrow = 0.0
    price, fee = take(position, quote.mid, quantity, side, quote.volume, costs, multiplier)
    position.quantity = side * quantity
    paid = position.quantity * price + fee
    account.cash -= paid
    position.flow -= paid
    position.leverage = quantity * price / equity
    position.sequence = account.opened
    position.entry_bar = quote.bar
    position.entry_mid = quote.mid
    position.entry_price = price
    account.opened += 1
    return True


@as_written
def net_of(position, gross):
    """What is left of a trade's gross profit."""
    return gross - (
        position.borrow
        + (position.funding + (position.fee + (position.slippage_cost + position.spread_cost)))
    )


@kernel
def close_position(books: Books, position: Any, quote: Quote, reason: int) -> float:
    """From a position, a POSITION record, to flat; the trade goes into the book where it has room.
    The net profit.

    Only a TAKE_PROFIT had an order resting; everybody else trades at the market.
    """
    account, book, mid = books.account, books.book, quote.mid
    side = 1.0 if position.quantity > 0.0 else -1.0
    quantity = abs(position.quantity)
    if reason == TAKE_PROFIT:
        price, fee = rest(position, mid, quantity, books.costs, books.multiplier)
    else:
        price, fee = take(
            position, mid, quantity, -side, quote.volume, books.costs, books.multiplier
        )
    before = account.cash
    account.cash = before - fee + position.quantity * price
    position.flow += account.cash - before
    # a short that ends where it began has gained 0 and not -0, whose sign SQLite forgets
    gross = quantity * (mid - position.entry_mid if side > 0.0 else position.entry_mid - mid)
    net = net_of(position, gross)
    if account.trades < book.shape[0]:
        trade = book[account.trades]
        trade.agent = books.owner
        trade.sequence = position.sequence
        trade.symbol = position.symbol
        trade.entry_bar = position.entry_bar
        trade.exit_bar = quote.bar
        trade.side = int(side)
        trade.entry_price = position.entry_price
        trade.exit_price = price
        trade.quantity = quantity
        trade.leverage = position.leverage
        trade.gross_profit = gross
        trade.fee = position.fee
        trade.spread_cost = position.spread_cost
        trade.slippage_cost = position.slippage_cost
        trade.funding = position.funding
        trade.borrow = position.borrow
        trade.net_profit = net
        trade.reason = reason
    account.trades += 1
    if net > 0.0:
        account.wins += 1
    else:
        account.losses += 1
    position.quantity = 0.0
    return net


@kernel
def close_all(books: Books, bar: int, prices: Prices, reason: int) -> None:
    """From whatever is held to flat at the close of a bar."""
    positions = books.positions
    for s in range(positions.shape[0]):
        if positions[s].quantity != 0.0:
            quote = Quote(bar, prices.close[s, bar], prices.volume[s, bar])
            close_position(books, positions[s], quote, reason)
    books.account.equity = books.account.cash


@kernel
def act_on(books: Books, bar: int, prices: Prices, long_short: int, cap: float) -> None:
    """Carry out at the open of a bar what was chosen for each symbol, SELL 0, HOLD 1 or BUY 2, one
    symbol after another.

    cap: largest exposure of the account, in equities. Each symbol has an equal share of it,
    whatever the others hold, or one could starve another.
    """
    account, positions = books.account, books.positions
    symbols = positions.shape[0]
    for s in range(symbols):
        position = positions[s]
        if position.choice == 1:
            continue
        wanted = 1.0 if position.choice == 2 else (-1.0 if long_short else 0.0)
        if position.quantity * wanted > 0.0:
            continue
        quote = Quote(bar, prices.open[s, bar], prices.volume[s, bar])
        if position.quantity != 0.0:
            close_position(books, position, quote, SIGNAL if wanted == 0.0 else REVERSAL)
        if wanted != 0.0:
            equity = equity_of(account, positions, prices.open, bar)
            share = equity * (cap / symbols)
            # what others have gained cannot be spent, unless it is borrowed
            money = min(share, account.cash) if cap <= 1.0 else share
            if money >= LEAST_ORDER * share:
                open_position(books, position, quote, wanted, money, equity)


@kernel
def stopped(position, first, worst, rules):
    """Whether a bar that opens at `first` and comes to `worst` reaches the stop, and the price it
    leaves at: the stop's, else the worst.
    """
    if rules.stop_loss > 0.0:
        side = 1.0 if position.quantity > 0.0 else -1.0
        level = position.entry_mid * (1.0 - side * rules.stop_loss)
        if side * (worst - level) <= 0.0:
            return True, first if side * (first - level) <= 0.0 else level
    return False, worst


@kernel
def margin_gone(books: Books, bar: int, prices: Prices, rules: Any) -> bool:
    """Whether equity no longer holds the margin of all that is borrowed or sold short, every symbol
    at its worst at the same moment. rules: a RULES record.

    A position is financed by its symbol's share of the equity it was opened with, an S-th: that
    share is its margin, and what it costs beyond that is borrowed. Who is `uncalled` needs none: it
    is out when nothing is left.
    """
    positions = books.positions
    maintenance = 0.0 if rules.uncalled else MAINTENANCE
    equity, margin = books.account.cash, 0.0
    for s in range(positions.shape[0]):
        position = positions[s]
        if position.quantity != 0.0:
            worst = prices.low[s, bar] if position.quantity > 0.0 else prices.high[s, bar]
            _, price = stopped(position, prices.open[s, bar], worst, rules)
            equity += position.quantity * price
            geared = position.leverage * positions.shape[0]
            if position.quantity < 0.0 or geared > 1.0:
                margin += abs(position.quantity) * position.entry_price / geared
    return margin > 0.0 and equity < maintenance * margin


@kernel
def forced_out(books: Books, bar: int, prices: Prices, rules: Any) -> None:
    """Close what does not outlive a bar, in every account; why is left in each position's `forced`.
    rules: a RULES record.

    Within a bar the worst comes first: stops that still have their margin, else a margin call that
    closes everything at the bar's worst prices, and only then orders at the profit. Both levels are
    measured from the middle at entry, and filled at the open where the bar opens beyond them. What
    a call leaves below 0 is a debt: its owner dies of it, and the treasury pays it.
    """
    positions = books.positions
    called = margin_gone(books, bar, prices, rules)
    for s in range(positions.shape[0]):
        position = positions[s]
        if position.quantity == 0.0:
            continue
        first, side = prices.open[s, bar], 1.0 if position.quantity > 0.0 else -1.0
        low, high = prices.low[s, bar], prices.high[s, bar]
        worst, best = (low, high) if side > 0.0 else (high, low)
        hit, price = stopped(position, first, worst, rules)
        if called:
            position.forced, price = LIQUIDATION, worst
        elif hit:
            position.forced = STOP_LOSS
        elif rules.take_profit > 0.0:
            level = position.entry_mid * (1.0 + side * rules.take_profit)
            # touched is not traded: who stood first in the queue is not known
            if side * (best - level) > 0.0:
                position.forced, price = (
                    TAKE_PROFIT,
                    first if side * (first - level) > 0.0 else level,
                )
        if position.forced != NOT_CLOSED:
            close_position(
                books, position, Quote(bar, price, prices.volume[s, bar]), position.forced
            )


@kernel
def mark(books: Books, bar: int, closes: np.ndarray) -> float:
    """Charge the bar's funding and borrowing and value the account at the closes, float64 [S, n];
    the equity.
    """
    account, positions, costs = books.account, books.positions, books.costs
    for s in range(positions.shape[0]):
        position = positions[s]
        if position.quantity != 0.0:
            funding = costs.funding * abs(position.quantity) * closes[s, bar]
            borrow = costs.borrow * borrowed(position, closes[s, bar], positions.shape[0])
            account.cash -= funding + borrow
            position.flow -= funding + borrow
            position.funding += funding
            position.borrow += borrow
    account.equity = equity_of(account, positions, closes, bar)
    account.peak = max(account.peak, account.equity)
    return account.equity


@kernel
def uncountable(equity):
    """Whether an account is beyond what its books can hold, or no number at all."""
    return not abs(equity) <= MOST_MONEY


@kernel
def rebase(account, positions, money):
    """Halve all money of an account that began with `money` until it is worth about that again,
    once it has come half of the way, in logarithms, to what books can hold; the factor that
    everything was multiplied by, 1 where nothing was done.

    For replays, which have no end to their growth. A power of two loses no bit, so returns stay
    what they are; impact alone, which grows with what is traded, begins anew.
    """
    factor = 1.0
    if account.equity * account.equity > money * MOST_MONEY and not uncountable(account.equity):
        while account.equity * factor > 2.0 * money:
            factor *= 0.5
            account.halvings += 1
        account.cash *= factor
        account.equity *= factor
        account.before *= factor
        account.peak *= factor
        for s in range(positions.shape[0]):
            position = positions[s]
            position.quantity *= factor
            position.fee *= factor
            position.spread_cost *= factor
            position.slippage_cost *= factor
            position.funding *= factor
            position.borrow *= factor
            position.value *= factor
            position.flow *= factor
    return factor


@kernel
def exposure_of(position, price, equity):
    """Signed position over equity at `price`; 0 where nothing is left."""
    return position.quantity * price / equity if equity > 0.0 else 0.0


@kernel
def exposure(account, positions, closes, bar):
    """Sizes of all positions over equity, whichever way they go; 0 where nothing is left."""
    size = 0.0
    for s in range(positions.shape[0]):
        size += abs(positions[s].quantity) * closes[s, bar]
    return size / account.equity if account.equity > 0.0 else 0.0
