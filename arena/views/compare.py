"""The page on which experiments stand side by side."""

from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from arena.models import Experiment
from arena.people.actions import Action
from arena.selectors.experiments import experiments_visible
from arena.selectors.pages.comparing import MOST, comparison
from arena.views.access import doing, page


@page
@require_safe
@doing(Action.SITE_READ)
def experiment_compare(request: HttpRequest) -> HttpResponse:
    """arena/compare.html: experiments, and where there are two or more a comparison, see
    selectors.pages.comparing. ?e=: one of them, given again for each; those that are not the user's
    are left out, and counted.
    """
    asked = list(dict.fromkeys(_uuids(request)))
    experiments = _visible(request, asked[:MOST])
    context = {
        "experiments": experiments,
        "missing": len(asked[:MOST]) - len(experiments),
        "beyond": max(len(asked) - MOST, 0),
        "most": MOST,
    }
    if len(experiments) > 1:
        found = comparison(experiments=experiments, user=request.user, now=timezone.now())
        context |= found | {
            "curves_json": orjson.dumps(found["curves"]).decode(),
            "intervals_json": orjson.dumps(found["intervals"]).decode(),
        }
    return render(request, "arena/compare.html", context)


def _uuids(request: HttpRequest) -> list[UUID]:
    found = []
    for raw in request.GET.getlist("e")[: 10 * MOST]:
        try:
            found.append(UUID(raw))
        except ValueError:
            continue
    return found


def _visible(request: HttpRequest, uuids: list[UUID]) -> list[Experiment]:
    """In the order in which they were asked for."""
    rows = experiments_visible(user=request.user).filter(uuid__in=uuids)
    return sorted(rows, key=lambda row: uuids.index(row.uuid))
