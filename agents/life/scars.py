"""Scars: when one is cut, what caused it and what it costs for ever (RULES section 6)."""

import numpy as np

from ml.compiled import kernel

# by severity 1 .. 5; index 0 is severity 1
DRAWDOWN = np.array([0.05, 0.10, 0.20, 0.35, 0.50])
COST = np.array([1.05, 1.10, 1.15, 1.20, 1.25])
LEVERAGE = np.array([0.90, 0.80, 0.70, 0.60, 0.50])
TRUST = np.array([0.95, 0.90, 0.85, 0.80, 0.75])
DAMAGE = np.array([0.0, 0.0, 0.03, 0.04, 0.05])
NO_LEVERAGE_FROM = 3
SEVERE_FROM = 2
FRESH_PEAK = 1.05
CRASH = -0.10

TRADE_LOSS, LIQUIDATION, FEE_BURDEN, STOP_LOSS, MARKET_CRASH = range(5)


@kernel
def severity_due(drawdown, step):
    """The deepest severity 1 .. 5 whose drawdown is passed and that lies beyond `step` (severities already cut); 0 where none is."""
    due = 0
    for s in range(step, DRAWDOWN.shape[0]):
        if drawdown >= DRAWDOWN[s]:
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
