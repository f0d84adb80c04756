"""The pages on which an experiment or a market is renamed, archived and deleted, with what hangs on
it.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from arena.errors import WrongState
from arena.models import Experiment, MarketData
from arena.people.actions import Action
from arena.people.may import may
from arena.selectors.belongings import (
    experiment_belongings,
    experiment_facts,
    experiment_stays,
    market_belongings,
    market_facts,
    market_needed,
    market_unshared,
)
from arena.services.experiments.interventions import InterventionError
from arena.services.experiments.listing import (
    archive_set,
    experiment_rename,
    market_rename,
    note_set,
    tags_set,
)
from arena.services.removal.removals import experiment_remove, market_remove, removal_refusal
from arena.views.access import of_experiment, of_market, page

REFUSED = (WrongState, InterventionError)


@page
@require_http_methods(["GET", "HEAD", "POST"])
@of_experiment
def experiment_manage(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """arena/manage.html: row, kind, facts, stays, refusal, unshared_market. POST `do` = rename,
    file (tags and note), archive, restore or delete.
    """
    deeds = {
        "rename": lambda: experiment_rename(
            experiment=experiment, who=request.user, name=request.POST.get("name", "")
        ),
        "file": lambda: _file(request, experiment),
        "archive": lambda: archive_set(row=experiment, archived=True),
        "restore": lambda: archive_set(row=experiment, archived=False),
        "delete": lambda: experiment_remove(
            experiment=experiment, who=request.user, market_too="market" in request.POST
        ),
    }
    if request.method == "POST":
        return _done(
            request,
            deeds,
            experiment,
            "experiment_list",
            redirect("experiment_manage", experiment_uuid=experiment.uuid),
        )
    belongings = experiment_belongings(experiment=experiment)
    context = {
        "row": experiment,
        "kind": "experiment",
        "facts": experiment_facts(belongings=belongings),
        "stays": experiment_stays(belongings=belongings),
        "refusal": removal_refusal(experiment=experiment),
        "unshared_market": market_unshared(experiment=experiment),
    }
    return render(request, "arena/manage.html", context)


@page
@require_http_methods(["GET", "HEAD", "POST"])
@of_market
def market_manage(request: HttpRequest, market: MarketData) -> HttpResponse:
    """arena/manage.html, as `experiment_manage`; 404 for who only runs on it."""
    if not may(request.user, Action.MARKET_MANAGE, market):
        raise Http404
    deeds = {
        "rename": lambda: market_rename(market=market, name=request.POST.get("name", "")),
        "archive": lambda: archive_set(row=market, archived=True),
        "restore": lambda: archive_set(row=market, archived=False),
        "delete": lambda: market_remove(market=market, who=request.user),
    }
    if request.method == "POST":
        return _done(
            request, deeds, market, "market_list", redirect("market_manage", market_id=market.pk)
        )
    belongings = market_belongings(market=market, user=request.user)
    needed = market_needed(belongings=belongings)
    refusal = (
        f"It cannot be deleted while there are {needed}; delete those first." if needed else ""
    )
    return render(
        request,
        "arena/manage.html",
        {
            "row": market,
            "kind": "market",
            "facts": market_facts(belongings=belongings),
            "refusal": refusal,
        },
    )


def _file(request: HttpRequest, experiment: Experiment) -> None:
    tags_set(experiment=experiment, tags=request.POST.get("tags", "").replace(",", " ").split())
    note_set(experiment=experiment, note=request.POST.get("note", ""))


def _done(
    request: HttpRequest, deeds: dict[str, Any], row: Any, list_name: str, back: HttpResponse
) -> HttpResponse:
    """Do what was asked for, and say what came of it."""
    asked = request.POST.get("do", "")
    said = {
        "rename": "It has another name now.",
        "file": "Tags and note are kept.",
        "archive": f"{row.name} is archived: the list leaves it out.",
        "restore": f"{row.name} is in the list again.",
        "delete": f"{row.name} is deleted; what hung on it goes in the background.",
    }
    try:
        deeds[asked]()
    except KeyError:
        messages.error(request, "Nothing was done: rename, archive, restore or delete?")
    except REFUSED as error:
        messages.error(request, f"Nothing was done: {error}.")
    else:
        messages.success(request, said[asked])
        return redirect(list_name) if asked == "delete" else back
    return back
