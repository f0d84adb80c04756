"""The champion card and its null worlds."""

import time

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from arena.errors import WrongState
from arena.models import Experiment
from arena.prices.selectors.markets import age
from arena.selectors.card.whole import card
from arena.selectors.experiments import badge
from arena.services.evidence import nulls
from arena.services.people.limits import NULLS
from arena.views.access import data, limited, of_experiment, page
from arena.views.answers import json_answer

WORLDS = 20


@page
@require_safe
@of_experiment
def experiment_champion(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """arena/champion.html: card, see selectors.card; worlds: how many null worlds one click asks
    for.
    """
    judged = card(experiment=experiment)
    context = {
        "experiment": experiment,
        "badge": badge(experiment=experiment),
        "card": judged,
        "worlds_json": orjson.dumps(judged["null_worlds"]).decode(),
        "worlds": WORLDS,
        **age(market=experiment.market, now_ms=int(time.time() * 1000)),
        "card_url": reverse("experiment_card", args=[experiment.uuid]),
    }
    return render(request, "arena/champion.html", context)


@data
@require_safe
@of_experiment
def experiment_card(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """The card as JSON, for the page while null worlds are worked off."""
    return json_answer(card(experiment=experiment))


@page
@require_POST
@of_experiment
@limited(NULLS)
def experiment_nulls(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """Ask for WORLDS null worlds more."""
    try:
        there = nulls.nulls_ask(experiment=experiment, count=WORLDS)
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            f"{there} null worlds: the workers run the experiment on them, one after another.",
        )
    return redirect("experiment_champion", experiment_uuid=experiment.uuid)


@page
@require_POST
@of_experiment
def experiment_nulls_again(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """Try those again that came to no outcome."""
    try:
        count = nulls.nulls_again(experiment=experiment)
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{count} null worlds are tried again.")
    return redirect("experiment_champion", experiment_uuid=experiment.uuid)


@page
@require_POST
@of_experiment
def experiment_nulls_cancel(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """Give up those that are not done."""
    count = nulls.nulls_cancel(experiment=experiment)
    messages.success(request, f"{count} null worlds were cancelled; those that were done stay.")
    return redirect("experiment_champion", experiment_uuid=experiment.uuid)
