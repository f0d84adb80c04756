"""What practising and competing have in common: the settings kernels need, what a window leaves
behind, and a bar's book-keeping.
"""

from typing import Any

import numpy as np

from agents.life.trust import exposure_cap
from arena.engine.trading.contexts import Books, Lanes, Station
from ml.kernels.compiled import inner, kernel
from ml.learning.contexts import Memory
from ml.learning.priorities import GREATEST, put
from ml.learning.replay import TAIL

NONE = 3
WIN = 0.995

# What of the settings the kernels need, one record.
RULES = np.dtype(
    [
        ("long_short", np.int64),
        ("max_leverage", np.float64),
        ("stop_loss", np.float64),
        ("take_profit", np.float64),
        ("bankrupt_at", np.float64),
        ("max_scars", np.int64),
        ("uncalled", np.int64),  # 1 for baselines: no margin call before all the money is gone
        ("ladder", np.float64, (5,)),  # drawdowns at which scars are due
        ("for_real", np.int64),  # 0 while evaluating: no agent is scarred, dies or remembers
        ("learning", np.int64),
        ("starts", np.int64),
        ("update_every", np.int64),
        ("target_every", np.int64),
        ("double", np.int64),
        ("gradient_clip", np.float64),
        ("weight_decay", np.float64),
        ("n_step", np.int64),
        ("squared", np.int64),
        ("priority", np.float64),
        ("priority_beta", np.float64),
        ("priority_updates", np.int64),
        ("tau", np.float64),
        ("reward", np.int64),
        ("largest_reward", np.float64),  # either way, from which action values have their bound
        ("exponential", np.int64),
        ("temperature", np.float64),
        ("epsilon_end", np.float64),
        ("epsilon_compete", np.float64),
    ],
    align=True,
)

# What a window leaves behind, one record.
WINDOW = np.dtype(
    [
        ("bars", np.int64),
        ("reward", np.float64),  # sums
        ("loss", np.float64),
        ("updates", np.int64),
        ("log_growth", np.float64),
        ("peak", np.float64),
        ("max_drawdown", np.float64),
        ("sum1", np.float64),  # power sums of net bar returns
        ("sum2", np.float64),
        ("sum3", np.float64),
        ("sum4", np.float64),
        ("downside2", np.float64),
        ("exposure", np.float64),
        ("scars", np.int64),
    ],
    align=True,
)


@inner
def books_of(agent: Any, station: Station) -> Books:
    """The books of an agent, an AGENT record, as it trades now: scars make its costs grow."""
    accounts, costs = station.accounts, station.costs[0]
    return Books(
        accounts.account[0],
        accounts.positions,
        costs,
        agent.cost_multiplier,
        station.book,
        agent.number,
    )


@kernel
def lane(lanes: Lanes, s: int, head: int, remembered: int) -> Memory:
    """One symbol's part of a memory."""
    return Memory(
        lanes.private[s],
        lanes.action[s],
        lanes.reward[s],
        lanes.row[s],
        lanes.trees[s],
        lanes.bounds[s],
        head,
        remembered,
    )


@kernel
def remember(memory: Memory, slot: int, action: int, reward: float, row: int) -> None:
    """Complete a slot whose private inputs are already written. row: of the features, what was
    seen; action: with the marks of `ml.learning.replay`.
    """
    memory.action[slot] = action
    memory.reward[slot] = np.float32(reward)
    memory.row[slot] = row
    if memory.tree.shape[0] > 0:
        put(memory.tree, slot, 0.0 if action == TAIL else memory.bounds[GREATEST])


@kernel
def cap_of(agent, rules):
    """Largest exposure the agent may take now."""
    return exposure_cap(
        agent.tier, rules.max_leverage, agent.no_leverage, agent.scar_leverage, agent.risk_fraction
    )


@kernel
def count_bar(sums, before, after, exposure):
    """Add one bar to a WINDOW record: equity went from `before` to `after`, net of everything."""
    r = after / before - 1.0
    sums.bars += 1
    sums.sum1 += r
    sums.sum2 += r * r
    sums.sum3 += r * r * r
    sums.sum4 += r * r * r * r
    if r < 0.0:
        sums.downside2 += r * r
    sums.exposure += abs(exposure)
    sums.peak = max(sums.peak, before, after)
    sums.max_drawdown = max(sums.max_drawdown, 1.0 - after / sums.peak)
