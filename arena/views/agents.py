"""One agent: its page, its network and its market in a round."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents.models import Agent
from arena.engine.decide import StaleMarket
from arena.forms.agents import AgentEditForm, traits_shown
from arena.models import Intervention
from arena.people.guarded import person
from arena.prices.market.snapshot import STALE
from arena.prices.providers.faults import Fault
from arena.prices.selectors.markets import feeds_of
from arena.selectors.agents import inspect, lives
from arena.selectors.agents.waterfall import agent_waterfall
from arena.selectors.experiments import badge
from arena.services.desk import live
from arena.services.experiments.interventions import InterventionError, intervention_record
from arena.services.people.limits import AGAIN, limit_spend
from arena.views.access import data, of_agent, page
from arena.views.answers import BadNumber, json_answer, whole_number
from arena.views.links import admin_link
from ml.checkpoint import CheckpointError

TRADES_PER_PAGE = 50


@page
@require_safe
@of_agent
def agent_page(request: HttpRequest, agent: Agent) -> HttpResponse:
    """arena/agent_page.html: birth, kin, traits, scars, gross to net, trades (a page of them), life
    line, death, interventions.
    """
    experiment = agent.experiment
    trades: Page[Any] = Paginator(
        agent.trades.order_by("-round", "-sequence"), TRADES_PER_PAGE
    ).get_page(request.GET.get("page"))
    trades.object_list = [
        lives.trade(row, experiment.market.symbols[row.symbol]) for row in trades.object_list
    ]
    sheet = agent_waterfall(agent=agent)
    context = {
        "experiment": experiment,
        "badge": badge(experiment=experiment),
        "agent": agent,
        "parents": _linked(agent, lives.parents(agent=agent)),
        "children": _linked(agent, lives.children(agent=agent)),
        "traits": lives.traits_of(agent=agent),
        "facts": lives.facts(agent=agent),
        "scars": lives.scars(agent=agent),
        "trades": trades,
        "waterfall": sheet,
        "waterfall_json": orjson.dumps(sheet).decode(),
        "death": lives.death(agent=agent),
        "interventions": lives.interventions(agent=agent),
        "life_json": orjson.dumps(lives.life(agent=agent)).decode(),
        **{
            f"{name}_url": reverse(f"agent_{name}", args=[experiment.uuid, agent.number])
            for name in ("network", "market", "canary")
        },
        "now_url": reverse("agent_now", args=[experiment.uuid, agent.number])
        if _is_imported(request, agent)
        else "",
        "live_url": reverse("experiment_live", args=[experiment.uuid]),
        "several": len(experiment.market.symbols) > 1,
        "symbols_json": orjson.dumps(experiment.market.symbols).decode(),
        "admin_url": admin_link(request.user, agent),
    }
    return render(request, "arena/agent_page.html", context)


@data
@require_safe
@of_agent
def agent_network(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Its network in ?round= for ?bar= and ?symbol=, see selectors.agents.inspect; 409 where
    nothing of it is kept.
    """
    look = partial(
        inspect.agent_network, before=partial(limit_spend, limit=AGAIN, who=request.user)
    )
    return _shown(request, look, ("round", "bar", "symbol"), agent)


@data
@require_safe
@of_agent
def agent_market(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The bars of ?round= and ?symbol= with what it did, see selectors.agents.inspect; 409 where
    nothing of it is kept.
    """
    return _shown(request, inspect.agent_market, ("round", "symbol"), agent)


@data
@require_POST
@of_agent
def agent_now(request: HttpRequest, agent: Agent) -> HttpResponse:
    """What it decides at the last closed bar of its market, see services.desk.live; 409 with the
    reason where it cannot be known.

    Where the market stands still the answer says so in `freshness`.
    """
    feeds = feeds_of(market=agent.experiment.market, user=request.user)
    if not feeds:
        return json_answer(
            {"error": "its market was not imported from a provider, so there is no bar of now"},
            status=409,
        )
    try:
        return json_answer(live.agent_now(agent=agent, feeds=feeds, now=time.time()))
    except StaleMarket as error:
        return json_answer({"error": str(error), "freshness": STALE}, status=409)
    except (Fault, inspect.NotKept, CheckpointError) as error:
        return json_answer({"error": str(error)}, status=409)


@data
@require_http_methods(["GET", "HEAD", "POST"])
@of_agent
def agent_edit(request: HttpRequest, agent: Agent) -> HttpResponse:
    """{version, fields} of what its owner may change; POST changes one of them, see
    services.experiments.interventions: 400 for what is not allowed, 409 where it came too late.
    """
    if request.method != "POST":
        return json_answer({"version": agent.version, "fields": traits_shown(agent)})
    form = AgentEditForm(request.POST)
    if not form.is_valid():
        return json_answer({"error": form.problem}, status=400)
    given = form.cleaned_data
    try:
        made = intervention_record(
            agent=agent,
            who=person(request),
            changes={given["field"]: given["value"]},
            version=given["version"],
            now=timezone.now(),
            reason=given["reason"],
        )
    except InterventionError as error:
        return json_answer({"error": f"Nothing was changed: {error}."}, status=409)
    return json_answer({"text": _felt(made)})


def _felt(made: list[Intervention]) -> str:
    if not made:
        return "It has that value already."
    return f"Changed; it is felt from round {made[0].effective_round} on."


def _shown(
    request: HttpRequest, look: Callable[..., dict[str, Any]], names: tuple[str, ...], agent: Agent
) -> HttpResponse:
    try:
        asked = {{"round": "index"}.get(name, name): whole_number(request, name) for name in names}
        return json_answer(
            look(
                agent=agent,
                **{name: number for name, number in asked.items() if number is not None},
            )
        )
    except BadNumber as error:
        return json_answer({"error": str(error)}, status=400)
    except (inspect.NotKept, CheckpointError) as error:
        return json_answer({"error": str(error)}, status=409)


def _is_imported(request: HttpRequest, agent: Agent) -> bool:
    """Whether there is a source of the latest bars of a living agent's market."""
    return agent.state == "active" and bool(
        feeds_of(market=agent.experiment.market, user=request.user)
    )


def _linked(agent: Agent, kin: list[dict[str, Any]]) -> list[dict[str, Any]]:
    uuid = agent.experiment.uuid
    return [
        {**relative, "url": reverse("agent_page", args=[uuid, relative["agent"].number])}
        for relative in kin
    ]
