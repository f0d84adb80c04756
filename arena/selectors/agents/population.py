"""Every agent that ever lived, as columns: the leaderboard and the lineage of the live page."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from agents.models import Agent, LineageEdge
from arena.selectors.numbers import short

FIELDS = (
    "number",
    "slot",
    "origin",
    "founder",
    "generation",
    "birth_round",
    "death_round",
    "state",
    "fitness",
    "trust",
    "tier",
    "equity",
    "return_since_birth",
    "scar_count",
    "trade_count",
    "learning_rate",
    "max_drawdown",
)
Row = dict[str, Any]


def rows_of(*, agents: QuerySet[Agent]) -> list[Row]:
    """One dict an agent, by number, with the numbers of its parents, the one who bore it first; two
    queries.
    """
    parents: dict[int, list[int]] = {}
    edges = LineageEdge.objects.filter(child__in=agents).order_by("pk")
    for child, parent in edges.values_list("child__number", "parent__number"):
        parents.setdefault(child, []).append(parent)
    rows = agents.order_by("number").values("endowment", *FIELDS)
    return [{**row, "parents": parents.get(row["number"], [])} for row in rows]


def columns(rows: Iterable[Row]) -> dict[str, list[Any]]:
    """{field: one value an agent}; numbers short and finite, None where there is no value."""
    rows = list(rows)
    return {name: [_shown(row[name]) for row in rows] for name in (*FIELDS, "parents")}


def _shown(value: Any) -> Any:
    return short(value) if isinstance(value, float) else value
