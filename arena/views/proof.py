"""The page that says what share of the best possible growth the agents of planted markets
reached.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from arena.people.actions import Action
from arena.selectors.experiments import experiments_visible
from arena.selectors.pages.proof import comparisons, provable
from arena.views.access import doing, page

# newest experiments looked at
MOST = 200


@page
@require_safe
@doing(Action.SITE_READ)
def proof_page(request: HttpRequest) -> HttpResponse:
    """arena/proof.html: comparisons, see selectors.pages.proof; begin_url: the form with the
    planted preset.
    """
    rows = provable(experiments=experiments_visible(user=request.user))[:MOST]
    begin = reverse("experiment_new") + "?preset=planted"
    return render(
        request,
        "arena/proof.html",
        {"comparisons": comparisons(experiments=rows), "begin_url": begin},
    )
