"""One agent's life for its page: kin, traits, scars, trades, life line and death."""

from datetime import UTC, datetime
from typing import Any

from agents.life import traits
from agents.life.costs import COSTS
from agents.life.reasons import TradeReason
from agents.life.scars import ScarCause
from agents.models import Agent, LineageEdge, Scar, Side, Trade
from arena.engine.results import ACTIONS
from arena.models import Round, RoundState
from arena.selectors.columns import columns, label, written
from arena.selectors.numbers import short_list
from arena.selectors.rounds.curves import baselines
from arena.selectors.rounds.figures import COLUMN, figures_by_round
from ml.sums import total

# columns that the template puts where they belong; all others are listed one after the other
PLACED = (
    *("number", "state", "slot", "origin", "generation", "birth_round", "born_at"),
    *("death_round", "died_at", "fitness", "equity", "endowment", "trust", "tier"),
    *("scar_count", "severe_scar_count", "trade_count", "bars_lived"),
    *("cost_multiplier", "leverage_cap"),
)
LIFE = ("return", "fitness", "trust", "epsilon", "loss", "reward", "max_drawdown", "scars")


def parents(*, agent: Agent) -> list[dict[str, Any]]:
    """Whom it descends from, the first parent first, and what changed on the way."""
    return [
        _kin(edge, edge.parent)
        for edge in agent.parent_edges.select_related("parent").order_by("pk")
    ]


def children(*, agent: Agent) -> list[dict[str, Any]]:
    """Who descends from it, oldest first."""
    return [
        _kin(edge, edge.child)
        for edge in agent.child_edges.select_related("child").order_by("child__number")
    ]


def traits_of(*, agent: Agent) -> list[dict[str, Any]]:
    """What it inherits on, with bounds and help."""
    return [_trait(agent, name, low, high) for name, (low, high) in traits.BOUNDS.items()]


def facts(*, agent: Agent) -> list[dict[str, str]]:
    """Columns that have no place of their own on its page."""
    return [
        {"label": label(field), "value": written(field, agent), "help": str(field.help_text)}
        for field in columns()
        if field.name not in (*PLACED, *traits.BOUNDS)
    ]


def scars(*, agent: Agent) -> list[dict[str, Any]]:
    """Newest first."""
    symbols = agent.experiment.market.symbols
    return [_scar(row, symbols[row.symbol]) for row in agent.scars.order_by("-round", "-sequence")]


def trade(row: Trade, symbol: str) -> dict[str, Any]:
    """A trade as the table shows it; costs in money."""
    return {
        "row": row,
        "symbol": symbol,
        "side": Side(row.side).label.lower(),
        "entry_time": _time(row.entry_time),
        "exit_time": _time(row.exit_time),
        "costs": total(getattr(row, name) for name in COSTS),
        "reason": TradeReason(row.reason).label,
    }


def death(*, agent: Agent) -> dict[str, Any] | None:
    """Round, cause in words and time; None while it lives."""
    return (
        None
        if agent.alive
        else {"round": agent.death_round, "cause": agent.get_state_display(), "at": agent.died_at}
    )


def interventions(*, agent: Agent) -> list[dict[str, Any]]:
    """What people did to it, newest first."""
    fields = ("field", "before", "after", "effective_round", "reason")
    rows = agent.interventions.select_related("who").order_by("-pk")
    return [
        {
            "at": row.at,
            "who": row.who.get_username() if row.who else "",
            **{name: getattr(row, name) for name in fields},
        }
        for row in rows
    ]


def life(*, agent: Agent) -> dict[str, Any]:
    """Its figures round by round, None where there is no value; equity at each round's end;
    baselines: the rules' on the same windows.
    """
    closed = Round.objects.filter(
        experiment=agent.experiment, state=RoundState.CLOSED, index__gte=agent.birth_round
    )
    if agent.death_round is not None:
        closed = closed.filter(index__lte=agent.death_round)
    size = agent.experiment.environment.get("block_size")
    block = agent.slot // size if size else None
    figures = figures_by_round(
        experiment=agent.experiment, rounds=closed.values_list("index", flat=True), block=block
    )
    lived = {
        index: rows[rows[:, COLUMN["number"]] == agent.number]
        for index, rows in sorted(figures.items())
    }
    kept = {index: rows[0] for index, rows in lived.items() if len(rows)}
    columns = {"equity": "equity_end", **{name: name for name in LIFE}}
    drawn = {
        name: short_list(float(row[COLUMN[column]]) for row in kept.values())
        for name, column in columns.items()
    }
    stood = list(closed.filter(index__in=kept).order_by("index"))
    return {
        "rounds": list(kept),
        **drawn,
        "endowment": agent.endowment,
        "baselines": baselines(stood),
    }


def _kin(edge: LineageEdge, relative: Agent) -> dict[str, Any]:
    return {
        "agent": relative,
        "kind": edge.kind,
        "rate": edge.rate,
        "strength": edge.strength,
        "weight_distance": edge.weight_distance,
    }


def _trait(agent: Agent, name: str, low: float, high: float) -> dict[str, Any]:
    fields = {field.name: field for field in Agent._meta.concrete_fields}
    label = name.replace("_", " ").capitalize()
    return {
        "name": name,
        "label": label,
        "value": getattr(agent, name),
        "low": low,
        "high": high,
        "help": fields[name].help_text,
    }


def _scar(row: Scar, symbol: str) -> dict[str, Any]:
    return {
        "row": row,
        "symbol": symbol,
        "cause": ScarCause(row.cause).label,
        "q": [row.q_sell, row.q_hold, row.q_buy],
        "action": ACTIONS[row.action],
        "time": _time(row.bar_time),
    }


def _time(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
