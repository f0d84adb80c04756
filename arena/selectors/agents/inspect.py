"""Reads what an agent was and saw in one round: its network as it stood, the market it traded, what
it did there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import F

from agents.models import Agent
from arena.engine.packing import unpack_actions, unpack_figures
from arena.engine.play import rules_of
from arena.engine.results import ACTIONS, FIGURES
from arena.models import BlockRun, BlockState, Round, RoundState
from arena.prices.market.features import NAMES, PREMIUM
from arena.prices.market.view import MarketView
from arena.prices.store import market_times, market_view
from arena.selectors.agents.again import agent_again, is_thin
from arena.settings_schema import Settings, parse
from arena.store.blocks import Saved, weights_read
from arena.store.rounds import block_size
from ml.learning.exploration import NO_ACTION, bound_of, greedy
from ml.networks.base import LOOKBACK, PRIVATE
from ml.networks.registry import NETWORKS

PRIVATE_NAMES = ("exposure", "unrealised return", "drawdown", "cost multiplier - 1")
NOTHING_DONE = 3
TRADE_FIELDS = (
    "sequence",
    "entry_bar",
    "exit_bar",
    "entry_time",
    "exit_time",
    "side",
    "entry_price",
    "exit_price",
    "quantity",
    "net_profit",
    "reason",
)


class NotKept(LookupError):
    """There is nothing to show of that agent in that round; the text says why."""


@dataclass(frozen=True)
class _Mind:
    """An agent's network after a round's play: weights float32 [parameters]; scars, cost multiplier
    and discount as they then stood.
    """

    weights: np.ndarray
    scars: int
    cost_multiplier: float
    gamma: float


def rounds_lived(*, agent: Agent) -> tuple[int, int]:
    """(first, last) closed round that the agent played; NotKept before its first."""
    closed = Round.objects.filter(experiment=agent.experiment_id, state=RoundState.CLOSED).order_by(
        "index"
    )
    if agent.death_round is not None:
        closed = closed.filter(index__lte=agent.death_round)
    last = closed.filter(index__gte=agent.birth_round).values_list("index", flat=True).last()
    if last is None:
        raise NotKept(f"agent {agent.number} has not finished a round yet")
    return agent.birth_round, last


def agent_network(
    *,
    agent: Agent,
    index: int | None = None,
    bar: int | None = None,
    symbol: int = 0,
    before: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """The agent's network for one symbol at one bar of a round's competition; None: its last round,
    the round's last decision.

    before: called where the round is not kept and the agent has to be played again, see
    selectors.agents.again. Public inputs are the market's, private ones those of an agent at rest:
    no position, no drawdown. NotKept, CheckpointError.
    """
    rounds = rounds_lived(agent=agent)
    row = _round(agent, rounds, index)
    settings = parse(agent.experiment.settings)
    mind = _mind(agent, row, before)
    start, stop = row.plan["competition"]
    bar = min(max(stop - 2 if bar is None else bar, start), stop - 1)
    past = _past(_market(agent, symbol), symbol, mind, bar)
    inputs = _inputs(mind, past)
    return {
        "round": row.index,
        "rounds": rounds,
        "bar": bar,
        "bar_range": [start, stop],
        "symbol": symbol,
        "time": int(market_times(agent.experiment.market)[bar]),
        "input_names": [*NAMES, *PRIVATE_NAMES],
        "private_inputs": "at rest",
        "inputs": inputs,
        **_anatomy(settings, mind, inputs, past),
    }


def agent_market(*, agent: Agent, index: int | None = None, symbol: int = 0) -> dict[str, Any]:
    """A round's competition in one symbol: bars, what struck them, what the agent did; None: its
    last round. NotKept, CheckpointError.

    Its scars are counted whichever symbol cut them.
    """
    row = _round(agent, rounds_lived(agent=agent), index)
    start, stop = row.plan["competition"]
    prices = _market(agent, symbol).bars_of(symbol)
    trades = agent.trades.filter(round=row.index, symbol=symbol).order_by("sequence")
    scars = (
        agent.scars.filter(round=row.index)
        .order_by("sequence")
        .values("symbol", "severity", "cause", "bar", "drawdown", time=F("bar_time"))
    )
    return {
        "round": row.index,
        "window": [start, stop],
        "symbol": symbol,
        "reused": row.reused,
        "time": market_times(agent.experiment.market)[start:stop],
        **{name: getattr(prices, name)[start:stop] for name in ("open", "high", "low", "close")},
        "events": [
            event
            for event in agent.experiment.market.events
            if start <= event["bar"] < stop and event["symbol"] == symbol
        ],
        "actions": _actions(agent, row, symbol, stop - start),
        "trades": list(trades.values(*TRADE_FIELDS)),
        "scars": list(scars),
    }


def agent_record(*, agent: Agent) -> tuple[np.void, np.ndarray]:
    """(AGENT record, weights float32 [parameters]) of a living agent as its last round's play left
    it. NotKept, CheckpointError.
    """
    if agent.state != "active":
        raise NotKept(f"agent {agent.number} lives no more")
    return _kept(agent, _round(agent, rounds_lived(agent=agent), None))


def _kept(agent: Agent, row: Round) -> tuple[np.void, np.ndarray]:
    """(AGENT record, weights float32 [parameters]) from the file of a round that is kept.
    CheckpointError.
    """
    run = _block(agent, row)
    records, weights, _ = weights_read(Saved(run.checkpoint, run.checkpoint_sha256))
    [place] = np.flatnonzero(records["number"] == agent.number)
    return records[place].copy(), weights[place].copy()


def _round(agent: Agent, rounds: tuple[int, int], index: int | None) -> Round:
    first, last = rounds
    wanted = last if index is None else index
    if not first <= wanted <= last:
        raise NotKept(f"agent {agent.number} played rounds {first} to {last}, not {wanted}")
    return Round.objects.get(experiment=agent.experiment_id, index=wanted)


def _block(agent: Agent, row: Round) -> BlockRun:
    return BlockRun.objects.get(
        round=row, block=agent.slot // block_size(agent.experiment), state=BlockState.DONE
    )


def _mind(agent: Agent, row: Round, before: Callable[[], None] | None) -> _Mind:
    played_again = is_thin(experiment=agent.experiment, index=row.index)
    record, weights = (
        agent_again(agent=agent, index=row.index, before=before)
        if played_again
        else _kept(agent, row)
    )
    return _Mind(
        weights, int(record["scars"]), float(record["cost_multiplier"]), float(record["gamma"])
    )


def _market(agent: Agent, symbol: int) -> MarketView:
    """What the agent trades; NotKept where it has no such symbol."""
    market = market_view(agent.experiment.market)
    if not 0 <= symbol < market.symbols:
        raise NotKept(
            f"symbols of this market are numbered from 0 to {market.symbols - 1}, there is no"
            f" {symbol}"
        )
    return market


def _past(market: MarketView, symbol: int, mind: _Mind, bar: int) -> np.ndarray:
    """float32 [bars, public inputs] up to and including `bar`, as far back as any network looks;
    scarred eyes see no higher timeframes.
    """
    first, last = max(bar - LOOKBACK + 1, 0), bar + 1
    public = market.features[symbol * len(market) + first : symbol * len(market) + last].copy()
    if mind.scars:
        public[:, list(PREMIUM)] = 0.0
    return public


def _inputs(mind: _Mind, past: np.ndarray) -> np.ndarray:
    """float32 [inputs]: what the agent would see at the last bar of `past` with empty hands."""
    private = np.zeros(PRIVATE, np.float32)
    private[3] = mind.cost_multiplier - 1.0
    return np.concatenate([past[-1], private])


def _anatomy(
    settings: Settings, mind: _Mind, inputs: np.ndarray, past: np.ndarray
) -> dict[str, Any]:
    """Layers, matrices and activations. weights: one flat list a matrix, [in x out] row by row;
    past: public inputs up to this bar.
    """
    network, hidden = NETWORKS[settings.network.kind], settings.network.hidden
    shown = network.shown(hidden, mind.weights, inputs, past)
    q = network.q_values(hidden, mind.weights, inputs, past)
    action = int(greedy(q, bound_of(rules_of(settings)["largest_reward"][0], mind.gamma)))
    return {
        "kind": settings.network.kind,
        "layers": [len(layer) for layer in shown.activations],
        "weights": [matrix.ravel() for matrix in shown.matrices],
        "biases": shown.biases,
        "activations": shown.activations,
        "output_names": network.outputs,
        "q": q,
        "action": None if action == NO_ACTION else action,
        "action_names": ACTIONS,
    }


def _actions(agent: Agent, row: Round, symbol: int, bars: int) -> np.ndarray:
    """uint8 [bars]: 0 SELL, 1 HOLD, 2 BUY, 3 none."""
    run = _block(agent, row)
    numbers = unpack_figures(run.figures)[:, FIGURES.index("number")]
    actions = unpack_actions(run.actions)[np.flatnonzero(numbers == agent.number)[0], symbol]
    return np.concatenate([actions, np.full(max(bars - len(actions), 0), NOTHING_DONE, np.uint8)])[
        :bars
    ]
