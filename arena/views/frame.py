"""The page of an experiment: one frame with a tab for each part, and what its Overview says
first.
"""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from arena.models import Experiment
from arena.people.actions import Action
from arena.people.may import may
from arena.selectors.card.answer import answer
from arena.selectors.experiments import badge, controls
from arena.selectors.pages.settings_page import origin_of, setting_groups
from arena.selectors.pages.whatif import original_is_there
from arena.selectors.rounds.notable import notable, seconds_a_round
from arena.selectors.waiting import work_waits
from arena.views.access import data, of_experiment, page
from arena.views.answers import json_answer
from arena.views.links import admin_link

# name of a tab, as its address and its route say it -> what the page calls it
TABS = {
    "overview": "Overview",
    "population": "Population",
    "lineage": "Lineage",
    "agent": "Agent",
    "money": "Money",
    "evidence": "Evidence",
    "settings": "Settings and log",
}
# on a phone the others stand under "More"
MAIN_TABS = ("overview", "population", "lineage", "agent")


@page
@require_safe
@of_experiment
def experiment_live(
    request: HttpRequest, experiment: Experiment, tab: str = "overview"
) -> HttpResponse:
    """arena/experiment_page.html with one tab shown; what it draws comes from the snapshot and the
    socket. Agent addresses are of agent 0.
    """
    admin_url = admin_link(request.user, experiment)
    context = {
        "experiment": experiment,
        "tab": tab,
        "title": TABS[tab],
        "tabs": _tabs(experiment),
        "data_badge": badge(experiment=experiment),
        "controls": controls(experiment=experiment),
        "waits": work_waits(experiment=experiment.pk),
        "answer": _answer(experiment),
        "round_seconds": seconds_a_round(experiment=experiment),
        "settings": setting_groups(experiment=experiment),
        "origin": origin_of(experiment=experiment),
        "base_url": reverse("experiment_live", args=[experiment.uuid]),
        **{
            f"{name}_url": reverse(f"experiment_{name}", args=[experiment.uuid])
            for name in ("snapshot", "lives", "bands", "waterfall", "card", "answer", "canary")
        },
        "socket_path": f"/ws/experiments/{experiment.uuid}/",
        **{
            f"{name}_url": reverse(f"agent_{name}", args=[experiment.uuid, 0])
            for name in ("network", "market", "edit")
        },
        "agent_url": reverse("agent_page", args=[experiment.uuid, 0]),
        "admin_url": admin_url,
        "whatif_url": reverse("experiment_whatif", args=[experiment.uuid])
        if original_is_there(experiment=experiment)
        else "",
        "symbols_json": orjson.dumps(experiment.market.symbols).decode(),
        "can_change": may(request.user, Action.EXPERIMENT_CHANGE, experiment),
    }
    return render(request, "arena/experiment_page.html", context)


@data
@require_safe
@of_experiment
def experiment_answer(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """{tone, heading, text, checks, figures, events}: what the Overview says first, and what
    mattered, see selectors.card.answer and selectors.rounds.notable.
    """
    return json_answer(_answer(experiment))


def _answer(experiment: Experiment) -> dict[str, Any]:
    return {**answer(experiment=experiment), "events": notable(experiment=experiment)}


def _tabs(experiment: Experiment) -> list[dict[str, Any]]:
    """{name, title, url, main} of each tab, in order."""
    return [
        {
            "name": name,
            "title": title,
            "url": reverse(route_of(name), args=[experiment.uuid]),
            "main": name in MAIN_TABS,
        }
        for name, title in TABS.items()
    ]


def route_of(tab: str) -> str:
    """Name of a tab's route: the Overview is the page of the experiment itself."""
    return "experiment_live" if tab == "overview" else f"experiment_{tab}"
