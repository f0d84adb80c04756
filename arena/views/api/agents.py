"""Agents of an experiment and their trades."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja import Query, Router

from agents.models import Agent, AgentState, Trade
from arena.views.api import shapes
from arena.views.api.auth import ApiRequest
from arena.views.api.experiments import WRONG, Limit, Offset, visible

router = Router(tags=["agents"])
Number = Query(None, ge=0, le=2**31 - 1)


@router.get(
    "/{uuid:experiment_uuid}/agents", response={200: shapes.Agents, **WRONG}, summary="List agents"
)
def agent_list(
    request: ApiRequest,
    experiment_uuid: UUID,
    alive: bool | None = Query(None, description="Only the living, or only the dead."),
    limit: int = Limit,
    offset: int = Offset,
) -> dict[str, Any]:
    """All who ever lived, in order of birth."""
    rows = Agent.objects.filter(experiment=visible(request, experiment_uuid)).order_by("number")
    if alive is not None:
        rows = (
            rows.filter(state=AgentState.ACTIVE) if alive else rows.exclude(state=AgentState.ACTIVE)
        )
    return {"count": rows.count(), "agents": list(rows[offset : offset + limit])}


@router.get(
    "/{uuid:experiment_uuid}/agents/{int:number}",
    response={200: shapes.Agent, **WRONG},
    summary="One agent",
)
def agent_read(request: ApiRequest, experiment_uuid: UUID, number: int) -> Agent:
    """By its number within the experiment."""
    return get_object_or_404(Agent, experiment=visible(request, experiment_uuid), number=number)


@router.get(
    "/{uuid:experiment_uuid}/trades", response={200: shapes.Trades, **WRONG}, summary="List trades"
)
def trade_list(
    request: ApiRequest,
    experiment_uuid: UUID,
    agent: int | None = Number,
    round: int | None = Number,
    limit: int = Limit,
    offset: int = Offset,
) -> dict[str, Any]:
    """Of competition, by round, agent and sequence; of one agent or one round where asked."""
    rows = Trade.objects.filter(agent__experiment=visible(request, experiment_uuid)).select_related(
        "agent"
    )
    rows = rows if agent is None else rows.filter(agent__number=agent)
    rows = rows if round is None else rows.filter(round=round)
    return {
        "count": rows.count(),
        "trades": list(
            rows.order_by("round", "agent__number", "sequence")[offset : offset + limit]
        ),
    }
