"""What goes into a round and what comes out: the records that the engine and the rows have in
common.
"""

from dataclasses import dataclass, field

import numpy as np

from agents.life.costs import COSTS
from agents.life.lifecycle import STATES
from agents.life.reasons import TradeReason
from agents.life.scars import ScarCause
from arena.engine.agent_record import AGENT  # noqa: F401

SELL, HOLD, BUY = 0, 1, 2
ACTIONS = ("SELL", "HOLD", "BUY")
TRADE_REASONS = tuple(TradeReason.values())
SCAR_CAUSES = tuple(ScarCause.values())
# of the rules that a round is closed by; a stored round says which, so that it is judged by the
# rules of its day
RULES_VERSION = 2
# codes of AGENT["state"]; the position in the tuple is the code
AGENT_STATES = STATES

TRADE = np.dtype(
    [
        ("agent", np.int64),
        ("sequence", np.int64),  # in order of entry
        ("symbol", np.int64),
        ("entry_bar", np.int64),
        ("exit_bar", np.int64),
        ("side", np.int64),
        ("entry_price", np.float64),
        ("exit_price", np.float64),
        ("quantity", np.float64),
        ("leverage", np.float64),
        ("gross_profit", np.float64),
        *((name, np.float64) for name in COSTS),
        ("net_profit", np.float64),
        ("reason", np.int64),  # index into TRADE_REASONS
    ],
    align=True,
)

SCAR = np.dtype(
    [
        ("agent", np.int64),
        ("sequence", np.int64),
        ("symbol", np.int64),  # that lost most in the bar
        ("severity", np.int64),
        ("cause", np.int64),  # index into SCAR_CAUSES
        ("drawdown", np.float64),
        ("bar", np.int64),
        ("trade", np.int64),  # sequence of the symbol's last trade, -1 = none yet
        ("action", np.int64),
        ("q", np.float64, (3,)),  # SELL, HOLD, BUY
        ("weight_damage", np.float64),
    ],
    align=True,
)

# One row an agent a round: what curves, heatmap and life line are drawn from. null on the page
# where not finite.
FIGURES = (
    "number",  # agent
    "equity_start",
    "equity_end",
    "return",  # of the competition window, net
    "score",  # log growth - 0.5 x max drawdown of the window
    "fitness",
    "max_drawdown",  # of the window
    "sharpe",  # of the window's bar returns, per bar
    "reward",  # mean reward per practice bar
    "loss",  # mean loss per update, nan without updates
    "epsilon",
    "trust",
    "tier",
    "scars",  # so far
    "trades",  # of the window
    "exposure",  # mean absolute exposure in the window
    "state",  # index into AGENT_STATES after the window
)


@dataclass(frozen=True)
class RoundPlan:
    """Bar windows of a round, half open. `reused`: the series had to start again, so the round is
    in sample.
    """

    index: int
    competition: tuple[int, int]
    practice: tuple[tuple[int, int], ...]
    reused: bool


@dataclass
class Block:
    """Agents (first axis n <= 64) with everything they own; `play` works on it in place.

    online, target, moment1, moment2: float32 [n, parameters].
    A memory has a lane for each of S symbols: private float32 [n, S, capacity, 4], action int8 [n,
    S, capacity], reward float32 [n, S, capacity]; priority float32 [n, S, capacity]: how likely
    each slot is to be drawn, in proportion; [n, S, 0] where all are alike. bar: int32 [S,
    capacity]: row of the features that each slot saw, -1 = never written; head: next slot to write
    in every lane. Both shared by the whole experiment.
    """

    agents: np.ndarray  # AGENT [n]
    online: np.ndarray
    target: np.ndarray
    moment1: np.ndarray
    moment2: np.ndarray
    private: np.ndarray
    action: np.ndarray
    reward: np.ndarray
    priority: np.ndarray
    bar: np.ndarray
    head: int


@dataclass(frozen=True)
class BlockResult:
    """What one round did to a block (whose new state is in the Block itself)."""

    figures: np.ndarray  # float64 [n, len(FIGURES)]
    trades: np.ndarray  # TRADE [any], by agent, then sequence
    scars: np.ndarray  # SCAR [any], by agent, then sequence
    actions: (
        np.ndarray
    )  # uint8 [n, S, competition bars]; 0 SELL, 1 HOLD, 2 BUY, 3 none (dead, or last bar)
    digests: (
        np.ndarray
    )  # uint8 [n, 32]: sha256 of all an agent is and did, independent of its block
    agent_steps: int


@dataclass(frozen=True)
class Birth:
    """A newborn: `parents` are agent numbers, none for an immigrant or founder."""

    slot: int
    number: int
    parents: tuple[int, ...]
    agent: np.void  # AGENT
    weights: np.ndarray  # float32 [parameters]
    rate: float = 0.0
    strength: float = 0.0
    seed: str = ""
    weight_distance: float = 0.0


@dataclass(frozen=True)
class Purse:
    """The experiment's money outside its agents. The last two are sums over the dead; the living
    carry theirs in their records.
    """

    treasury: float
    money_put_in: float
    costs_ever: float = 0.0
    gross_profit_ever: float = 0.0


@dataclass(frozen=True)
class CloseResult:
    """What happens between two rounds."""

    # AGENT [population] by slot, before the newborn take their places; the dead keep the equity
    # they left behind
    agents: np.ndarray
    deaths: tuple[tuple[int, str], ...]  # (slot, state) of all who died in or after the round
    births: tuple[Birth, ...]
    purse: Purse
    imbalance: float  # relative error of the conservation law
    curves: dict[str, dict[str, float | None]]
    notes: tuple[str, ...] = field(default=())
