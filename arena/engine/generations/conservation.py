"""The law of conservation: money held and costs paid are money put in and profit made.

equity + treasury + costs ever paid = money ever put in + gross profit ever made. The rules:
docs/RULES.md#conservation.
"""

from dataclasses import replace
from math import fsum

import numpy as np

from agents.life.costs import COSTS
from arena.engine.results import Purse
from ml.sums import total

TOLERANCE = 1e-9


class ConservationError(ArithmeticError):
    """Money appeared or vanished: the round must not be committed."""


def bury(dead: np.ndarray, purse: Purse) -> Purse:
    """The purse after the dead, AGENT [any], left it their equity, which may be negative, and their
    costs and gross profits.
    """
    return replace(
        purse,
        treasury=fsum([purse.treasury, *dead["equity"]]),
        costs_ever=purse.costs_ever + costs(dead),
        gross_profit_ever=purse.gross_profit_ever + fsum(dead["gross_profit"]),
    )


def receive(amount: float, purse: Purse) -> Purse:
    """The purse after an agent paid `amount` to the treasury."""
    return replace(purse, treasury=purse.treasury + amount)


def endow(amount: float, purse: Purse) -> Purse:
    """The purse after `amount` was taken from the treasury; what it lacks is new money put in, and
    a debt stays a debt.
    """
    taken = min(amount, max(purse.treasury, 0.0))
    return replace(
        purse, treasury=purse.treasury - taken, money_put_in=purse.money_put_in + (amount - taken)
    )


def costs(agents: np.ndarray) -> float:
    """All costs the agents, AGENT [any], ever paid."""
    return fsum(fsum(agents[name]) for name in COSTS)


def imbalance(living: np.ndarray, purse: Purse) -> float:
    """Relative error of the law, >= 0, for all AGENT records alive, newborn included.
    ConservationError beyond TOLERANCE.
    """
    left = fsum([*living["equity"], purse.treasury, purse.costs_ever, costs(living)])
    right = fsum([purse.money_put_in, purse.gross_profit_ever, *living["gross_profit"]])
    error = abs(left - right) / max(abs(left), abs(right), purse.money_put_in, 1.0)
    if not error <= TOLERANCE:
        raise ConservationError(
            f"equity + treasury + costs = {left!r}, but money put in + gross profit = {right!r}:"
            f" relative error {error:.3g}{_suspect(living)}"
        )
    return error


def _suspect(living: np.ndarray) -> str:
    """Names the living agent whose own account is furthest out: equity + paid for children + costs
    against endowment + gross profit.
    """
    if not len(living):
        return ""
    booked = living["endowment"] + living["gross_profit"] - total(living[name] for name in COSTS)
    own = living["equity"] + living["paid_to_children"] - booked
    worst = int(np.argmax(np.where(np.isfinite(own), np.abs(own), np.inf)))
    return f"; furthest out is agent {living['number'][worst]}, by {own[worst]:.6g}"
