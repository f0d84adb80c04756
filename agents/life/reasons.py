"""Why a trade closed.

The rules: docs/RULES.md#reasons.
"""

from agents.states import State


class TradeReason(State):
    """The position in the table is the code that kernels write."""

    SIGNAL = "signal", "signal", "An action asked for no position."
    REVERSAL = "reversal", "reversal", "An action asked for the other side."
    LIQUIDATION = "liquidation", "liquidation", "A margin call closed it."
    WINDOW_END = "window_end", "window end", "The competition window ended."
    DEATH = "death", "death", "The agent died."
    STOP_LOSS = "stop_loss", "stop loss", "The price reached its stop."
    TAKE_PROFIT = "take_profit", "take profit", "The order that rested at its profit was filled."
