"""Two tiny rounds, and what came of them, as an .npz file: to compare what another process makes of
them, compiled or not.
"""

import sys

import numpy as np

from arena.engine.play import play
from arena.engine.results import RoundPlan
from tests.arena.engine.small import HIDDEN, basket, born, small_settings

BARS = 40
KEPT = ("agents", "online", "target", "moment1", "private", "action", "reward", "priority", "bar")


def plans(bars: int) -> tuple[RoundPlan, RoundPlan]:
    """Windows of so many bars."""
    practice = tuple((start, start + bars) for start in (160, 180, 200))
    return (
        RoundPlan(0, (250, 250 + bars), practice[:2], False),
        RoundPlan(1, (290, 290 + bars), practice[2:], False),
    )


def two_rounds(
    priority: float = 0.0, symbols: int = 1, kind: str = "q_net", bars: int = BARS
) -> dict[str, np.ndarray]:
    """Actions, trades, scars, records and networks of three agents after `plans` on so many
    symbols; a memory is full in the second of them.
    """
    settings = small_settings(
        3,
        learning={"replay": 64, "epsilon_compete": 0.3, "priority": priority},
        life={"direction": "long_short", "max_leverage": 8.0},
        costs={"funding": 0.0001},
        network={"kind": kind, "hidden": HIDDEN},
    )
    market, block, out = (
        basket(symbols, volatility=0.04, bars=340),
        born(settings, symbols=symbols),
        {},
    )
    for plan in plans(bars):
        result = play(block, market, plan, settings)
        out |= {
            f"{name}{plan.index}": getattr(result, name)
            for name in ("actions", "trades", "scars", "figures")
        }
    return out | {name: getattr(block, name) for name in KEPT}


if __name__ == "__main__":
    np.savez(sys.argv[1], **two_rounds(float(sys.argv[2]), int(sys.argv[3])))
