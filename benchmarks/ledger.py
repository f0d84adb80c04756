"""The engine's ledger once more for peers that hold a whole population in arrays: long or flat, all
of the money, costs as in the engine.

`xp` is the peer's own array library: numpy, torch or jax.numpy. Every field is an array [agents],
or a number under JAX's vmap.
"""

from typing import Any, NamedTuple

from arena.settings_schema import Costs

SELL, BUY = 0, 2


class Account(NamedTuple):
    """One account each."""

    cash: Any
    quantity: Any
    entry_price: Any
    equity: Any
    peak: Any


def fresh(money: Any) -> Account:
    """Nothing but cash."""
    return Account(money, 0.0 * money, 0.0 * money + 1.0, money, money)


def private_inputs(xp: Any, account: Account, close: Any) -> Any:
    """[…, 4]: exposure, 10 x unrealised return, drawdown, cost multiplier - 1, each within [-5,
    5].
    """
    held = account.quantity > 0.0
    unrealised = xp.where(held, 10.0 * (close / account.entry_price - 1.0), 0.0 * account.cash)
    parts = (
        account.quantity * close / account.equity,
        unrealised,
        1.0 - account.equity / account.peak,
        0.0 * account.cash,
    )
    return xp.clip(xp.stack(parts, -1), -5.0, 5.0)


def step(
    xp: Any, account: Account, action: Any, opens: Any, closes: Any, costs: Costs
) -> tuple[Account, Any]:
    """Fill `action` at the next bar's open and mark at its close; the account then, and the reward:
    100 x the log growth of equity.
    """
    away = costs.half_spread + costs.slippage
    held = account.quantity > 0.0
    buys, sells = (action == BUY) & ~held, (action == SELL) & held
    price = opens * (1.0 + away)
    bought = account.cash / (price * (1.0 + costs.fee))
    proceeds = account.quantity * opens * (1.0 - away) * (1.0 - costs.fee)
    cash = xp.where(
        buys, 0.0 * account.cash, xp.where(sells, account.cash + proceeds, account.cash)
    )
    quantity = xp.where(buys, bought, xp.where(sells, 0.0 * bought, account.quantity))
    equity = cash + quantity * closes
    entry_price = xp.where(buys, 0.0 * account.entry_price + price, account.entry_price)
    reward = 100.0 * xp.log(equity / account.equity)
    return Account(cash, quantity, entry_price, equity, xp.maximum(account.peak, equity)), reward
