"""What a fill costs: fees of takers and makers, spread, slippage and the order's own impact.

The rules: docs/RULES.md#costs.
"""

import numpy as np

from ml.kernels.compiled import kernel

# What trading costs, as fractions; one record.
COSTS = np.dtype(
    [
        ("fee", np.float64),  # of takers, who trade at the market
        ("maker_fee", np.float64),  # of orders that rested
        ("half_spread", np.float64),
        ("slippage", np.float64),
        ("impact", np.float64),
        ("funding", np.float64),
        ("borrow", np.float64),
    ],
    align=True,
)

# an order moves the price by at most this share of it; under this bound more money never buys less
MOST_IMPACT = 0.25
# each pass leaves less than a third of the error of the one before
PASSES = 32


@kernel
def impact_of(quantity, volume, costs, multiplier):
    """Share of the price by which filling `quantity` in a bar of `volume` moves it: impact x
    sqrt(quantity / volume), at most MOST_IMPACT.

    The square-root law (Almgren, Thum, Hauptmann and Li, 2005; Toth et al., 2011). A bar without
    volume takes the whole of MOST_IMPACT.
    """
    if costs.impact == 0.0:
        return 0.0
    if not volume > 0.0:
        return MOST_IMPACT
    return min(costs.impact * multiplier * np.sqrt(quantity / volume), MOST_IMPACT)


@kernel
def affordable(money, mid, side, volume, costs, multiplier):
    """The quantity that `money` pays for on `side` (+1 buys) at `mid`, all its costs included; not
    above 0 where there is no money.
    """
    away = (costs.half_spread + costs.slippage) * multiplier
    with_fee = 1.0 + costs.fee * multiplier
    quantity = money / (mid * (1.0 + side * away) * with_fee)
    if costs.impact > 0.0 and quantity > 0.0:
        # the price depends on the quantity it is to pay for; as the impact is bounded, going round
        # settles
        for _ in range(PASSES):
            moved = away + impact_of(quantity, volume, costs, multiplier)
            quantity = money / (mid * (1.0 + side * moved) * with_fee)
    return quantity


@kernel
def take(position, mid, quantity, side, volume, costs, multiplier):
    """Book the costs of filling |quantity| at the market on `side` (+1 buys); the price of the
    fill, and the fee still to be paid.
    """
    spread = costs.half_spread * multiplier
    slip = costs.slippage * multiplier + impact_of(quantity, volume, costs, multiplier)
    price = mid * (1.0 + side * (spread + slip))
    fee = quantity * price * costs.fee * multiplier
    position.spread_cost += quantity * mid * spread
    position.slippage_cost += quantity * mid * slip
    position.fee += fee
    return price, fee


@kernel
def rest(position, price, quantity, costs, multiplier):
    """The same of an order that rested at `price`: it crosses no spread and moves no price for
    it.
    """
    fee = quantity * price * costs.maker_fee * multiplier
    position.fee += fee
    return price, fee


@kernel
def borrowed(position, price, symbols):
    """Value at `price` of what an open position borrows: all that was sold short, or what a long
    cost beyond its share of the equity.
    """
    if position.quantity < 0.0:
        return -position.quantity * price
    geared = position.leverage * symbols
    if geared > 1.0:
        return position.quantity * position.entry_price * (1.0 - 1.0 / geared)
    return 0.0
