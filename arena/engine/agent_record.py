"""The record of an agent: one row of a table for each of its fields, with what a field may hold."""

import numpy as np

from agents.life.costs import COSTS
from agents.life.lifecycle import STATES
from agents.life.scars import DRAWDOWN
from agents.life.traits import BOUNDS
from agents.life.trust import GOLD

# whole numbers beyond it are none in the float64 columns that also hold them
MOST = 2**53
MONEY = 1e300
LARGEST = float(np.finfo(np.float64).max)
COUNT, AMOUNT, NUMBER, SHARE = (0, MOST), (0.0, MONEY), (-LARGEST, LARGEST), (0.0, 1.0)
NET, ABOVE, SCORE = (-MONEY, MONEY), (0.0, LARGEST), (0.0, 100.0)
REAL, WHOLE = np.float64, np.int64

# Everything about one agent that is not a weight or a memory: field -> (dtype, (least, most), both
# allowed). Money in the unit of the endowment, shares as fractions.
_FIELDS = {
    "number": (WHOLE, (1, MOST)),
    "state": (WHOLE, (0, len(STATES) - 1)),  # index into STATES
    "generation": (WHOLE, COUNT),
    # number of the founder or immigrant at the root of its line of bearers
    "founder": (WHOLE, (1, MOST)),
    "birth_round": (WHOLE, COUNT),
    # traits
    "learning_rate": (REAL, BOUNDS["learning_rate"]),
    "gamma": (REAL, BOUNDS["gamma"]),
    "epsilon_bars": (REAL, BOUNDS["epsilon_bars"]),
    "risk_fraction": (REAL, BOUNDS["risk_fraction"]),
    "mutation_rate": (REAL, BOUNDS["mutation_rate"]),
    "mutation_strength": (REAL, BOUNDS["mutation_strength"]),
    # exploration: epsilon falls from epsilon_start over epsilon_bars practice bars, times the
    # win_factor of the round
    "epsilon_start": (REAL, SHARE),
    "win_factor": (REAL, SHARE),
    "practice_bars": (WHOLE, COUNT),
    "epsilon": (REAL, SHARE),  # as it stands now, drawdown included
    # money
    "endowment": (REAL, AMOUNT),
    "equity": (REAL, NET),
    # for them: to the treasury, or under rules 1 to the children themselves
    "paid_to_children": (REAL, AMOUNT),
    "peak": (REAL, AMOUNT),
    "max_drawdown": (REAL, ABOVE),
    "gross_profit": (REAL, NET),  # lifetime sums, competition only
    **dict.fromkeys(COSTS, (REAL, AMOUNT)),
    "trades": (WHOLE, COUNT),
    # scars
    "ladder_peak": (REAL, AMOUNT),  # peak from which the last scar was measured; 0 = none yet
    "ladder_step": (WHOLE, (0, len(DRAWDOWN))),  # severities already cut since that peak
    "peak_costs": (REAL, NUMBER),  # costs and losses since the peak, for the cause of a scar
    "peak_gross": (REAL, NUMBER),
    "scars": (WHOLE, COUNT),
    "severe_scars": (WHOLE, COUNT),
    "cost_multiplier": (REAL, (1.0, LARGEST)),
    "scar_leverage": (REAL, SHARE),  # product over scars
    "scar_trust": (REAL, SHARE),  # product over scars
    "no_leverage": (WHOLE, (0, 1)),  # 1 = exposure never above 1
    # trust
    "trust": (REAL, SCORE),
    "tier": (WHOLE, (0, GOLD)),  # 0 restricted, 1 bronze, 2 silver, 3 gold
    "birth_trust": (REAL, SCORE),
    # competition bars lived, and power sums of their net returns
    "bars": (WHOLE, COUNT),
    "sum1": (REAL, NUMBER),
    "sum2": (REAL, ABOVE),
    "sum3": (REAL, NUMBER),
    "sum4": (REAL, ABOVE),
    # fitness
    "scores": ((REAL, (5,)), NUMBER),  # last windows, ring
    "windows": (WHOLE, COUNT),  # competition windows lived
    "fitness": (REAL, NUMBER),
    # learning
    "updates": (WHOLE, COUNT),
    "remembered": (WHOLE, COUNT),  # valid transitions, newest last
    "random": ((np.uint64, (4,)), (0, 2**64 - 1)),  # generator state
}
# one record a slot
AGENT = np.dtype([(name, dtype) for name, (dtype, _) in _FIELDS.items()], align=True)
AGENT_LIMITS: dict[str, tuple[float, float]] = {name: row[1] for name, row in _FIELDS.items()}
# of whom nothing is known yet
UNKNOWN = {"scores", "fitness"}
