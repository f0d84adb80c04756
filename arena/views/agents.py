"""One agent: its page, its network and its market in a round."""

from collections.abc import Callable
from typing import Any

import orjson
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from agents.models import Agent
from arena.selectors import lives
from arena.selectors.experiments import badge
from arena.services import inspect
from arena.views.access import data, of_agent, page
from arena.views.answers import BadNumber, json_answer, whole_number
from arena.views.links import admin_link
from ml.checkpoint import CheckpointError

TRADES_PER_PAGE = 50


@page
@require_safe
@of_agent
def agent_page(request: HttpRequest, agent: Agent) -> HttpResponse:
    """arena/agent_page.html: birth, kin, traits, scars, trades (a page of them), life line, death, interventions."""
    experiment = agent.experiment
    trades = Paginator(agent.trades.order_by("-round", "-sequence"), TRADES_PER_PAGE).get_page(request.GET.get("page"))
    trades.object_list = [lives.trade(row) for row in trades.object_list]
    context = {
        "experiment": experiment,
        "badge": badge(experiment=experiment),
        "agent": agent,
        "parents": _linked(agent, lives.parents(agent=agent)),
        "children": _linked(agent, lives.children(agent=agent)),
        "traits": lives.traits_of(agent=agent),
        "scars": lives.scars(agent=agent),
        "trades": trades,
        "death": lives.death(agent=agent),
        "interventions": lives.interventions(agent=agent),
        "life_json": orjson.dumps(lives.life(agent=agent)).decode(),
        **{f"{name}_url": reverse(f"agent_{name}", args=[experiment.uuid, agent.number]) for name in ("network", "market", "canary")},
        "live_url": reverse("experiment_live", args=[experiment.uuid]),
        "admin_url": admin_link(request.user, agent),
    }
    return render(request, "arena/agent_page.html", context)


@data
@require_safe
@of_agent
def agent_network(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Its network in ?round= for ?bar=, see services.inspect; 409 where nothing of it is kept."""
    return _shown(request, inspect.agent_network, ("round", "bar"), agent)


@data
@require_safe
@of_agent
def agent_market(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The bars of ?round= with what it did, see services.inspect; 409 where nothing of it is kept."""
    return _shown(request, inspect.agent_market, ("round",), agent)


def _shown(request: HttpRequest, look: Callable[..., dict[str, Any]], names: tuple[str, ...], agent: Agent) -> HttpResponse:
    try:
        asked = {{"round": "index"}.get(name, name): whole_number(request, name) for name in names}
        return json_answer(look(agent=agent, **asked))
    except BadNumber as error:
        return json_answer({"error": str(error)}, status=400)
    except (inspect.NotKept, CheckpointError) as error:
        return json_answer({"error": str(error)}, status=409)


def _linked(agent: Agent, kin: list[dict[str, Any]]) -> list[dict[str, Any]]:
    uuid = agent.experiment.uuid
    return [{**relative, "url": reverse("agent_page", args=[uuid, relative["agent"].number])} for relative in kin]
