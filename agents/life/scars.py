"""Scars: when one is cut, what caused it and what it costs for ever.

The rules: docs/RULES.md#scars.
"""

import numpy as np

from agents.states import State
from ml.kernels.compiled import kernel

# by severity 1 .. 5; index 0 is severity 1; drawdowns are those of the ladder that is the same
# everywhere
DRAWDOWN = np.array([0.05, 0.10, 0.20, 0.35, 0.50])
COST = np.array([1.05, 1.10, 1.15, 1.20, 1.25])
LEVERAGE = np.array([0.90, 0.80, 0.70, 0.60, 0.50])
TRUST = np.array([0.95, 0.90, 0.85, 0.80, 0.75])
DAMAGE = np.array([0.0, 0.0, 0.03, 0.04, 0.05])
NO_LEVERAGE_FROM = 3
SEVERE_FROM = 2
FRESH_PEAK = 1.05
CRASH = -0.10
# the first step of the ladder that grows with the market, in moves that it makes in a round
FIRST_MOVES = 2.0


class ScarCause(State):
    """The position in the table is the code that kernels write."""

    TRADE_LOSS = "trade_loss", "a losing trade", "None of the other causes applies."
    LIQUIDATION = "liquidation", "a liquidation", "A margin call closed its positions in the bar."
    FEE_BURDEN = (
        "fee_burden",
        "the burden of costs",
        "Costs since the peak exceed the gross loss since the peak.",
    )
    STOP_LOSS = "stop_loss", "a stop loss", "A stop closed the position in the bar."
    CRASH = "crash", "a market crash", "The price fell steeply within the bar."


TRADE_LOSS, LIQUIDATION, FEE_BURDEN, STOP_LOSS, MARKET_CRASH = range(5)


def ladder_of(move: float) -> np.ndarray:
    """Drawdowns at which scars are due, float64 [5], where the market moves by `move` in a round.

    move: deviation of its log price over a round. In log equity the steps stand to one another as
    those of DRAWDOWN do, and the first is FIRST_MOVES moves deep: an agent that knows nothing falls
    so far about as often on a wild market as on a wilder one. None is less deep than DRAWDOWN's:
    on a calm market it is not the market but what trades cost that makes an agent fall.
    """
    steps = np.log1p(-DRAWDOWN)
    deeper = -np.expm1(steps / steps[0] * -FIRST_MOVES * move)
    return np.maximum(deeper, DRAWDOWN)


@kernel
def severity_due(drawdown, step, ladder):
    """The deepest severity 1 .. 5 that lies beyond `step` (severities already cut) and whose
    drawdown in `ladder`, float64 [5], is passed; 0 where none is.
    """
    due = 0
    for s in range(step, ladder.shape[0]):
        if drawdown >= ladder[s]:
            due = s + 1
    return due


@kernel
def cause_of(liquidated, stopped, bar_return, gross_since_peak, costs_since_peak):
    """Index into SCAR_CAUSES: the most telling reason for the loss since the peak."""
    if liquidated:
        return LIQUIDATION
    if bar_return <= CRASH:
        return MARKET_CRASH
    if stopped:
        return STOP_LOSS
    if costs_since_peak > max(-gross_since_peak, 0.0):
        return FEE_BURDEN
    return TRADE_LOSS


@kernel
def cut(agent, severity):
    """Book a scar's lasting effects on an AGENT record."""
    s = severity - 1
    agent.scars += 1
    if severity >= SEVERE_FROM:
        agent.severe_scars += 1
    agent.cost_multiplier *= COST[s]
    agent.scar_leverage *= LEVERAGE[s]
    agent.scar_trust *= TRUST[s]
    if severity >= NO_LEVERAGE_FROM:
        agent.no_leverage = 1
