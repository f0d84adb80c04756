"""Start, pause, resume, stop and clone: POST, then back to the page with a word on what came of
it.
"""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from arena.errors import WrongState
from arena.models import Experiment
from arena.services.evidence.judgements import judgement_again
from arena.services.experiments import lifecycle
from arena.services.people.limits import EXPERIMENTS
from arena.settings_schema import SettingsError
from arena.views.access import copying_experiment, limited, of_experiment, page


def _control(move: Callable[..., Experiment], done: str) -> Callable[..., HttpResponse]:
    """The view that makes `move` (a service) and says `done` of the experiment."""

    @page
    @require_POST
    @of_experiment
    def view(request: HttpRequest, experiment: Experiment) -> HttpResponse:
        try:
            moved = move(experiment_uuid=experiment.uuid)
        except WrongState as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{moved.name} {done}.")
        return redirect("experiment_live", experiment_uuid=experiment.uuid)

    return view


experiment_start = _control(lifecycle.experiment_start, "has started")
experiment_pause = _control(lifecycle.experiment_pause, "pauses after this round")
experiment_resume = _control(lifecycle.experiment_resume, "goes on")
experiment_again = _control(lifecycle.experiment_again, "goes on where it had failed")
experiment_judge = _control(judgement_again, "is being judged again")
experiment_stop = _control(
    lifecycle.experiment_stop, "was stopped; what was closed stays, and is judged"
)


@page
@require_POST
@copying_experiment
@limited(EXPERIMENTS)
def experiment_clone(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """A draft with the same settings and market, the user's own."""
    try:
        clone = lifecycle.experiment_clone(experiment_uuid=experiment.uuid, owner=request.user)
    except SettingsError as error:
        messages.error(request, f"{experiment.name} cannot be cloned: {error}")
        return redirect("experiment_live", experiment_uuid=experiment.uuid)
    messages.success(request, f"{clone.name} is ready: the same settings, market and seed.")
    return redirect("experiment_live", experiment_uuid=clone.uuid)
