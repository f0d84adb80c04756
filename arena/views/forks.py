"""Forks: the page that makes one, and the comparison with its original."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from arena.forms.forks import ForkForm
from arena.models import Experiment
from arena.selectors.experiments import badge
from arena.selectors.pages.whatif import comparison, original_is_there
from arena.services.experiments import forks
from arena.services.people.limits import EXPERIMENTS, limit_spend
from arena.settings_schema import SettingsError
from arena.views.access import copying_experiment, data, of_experiment, page
from arena.views.answers import json_answer


@page
@require_http_methods(["GET", "HEAD", "POST"])
@copying_experiment
def experiment_fork(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """arena/fork_form.html: experiment, form, sections, rounds. Creates a draft; goes back where no
    round can be forked after.
    """
    rounds = forks.fork_rounds(experiment=experiment)
    if not rounds:
        messages.error(
            request,
            f"{experiment.name} cannot be forked yet: no round is closed that another could"
            " follow.",
        )
        return redirect("experiment_live", experiment_uuid=experiment.uuid)
    settings = forks.fork_settings(experiment=experiment, after_round=rounds[-1])
    form = ForkForm(
        request.POST if request.method == "POST" else None, rounds=rounds, settings=settings
    )
    if form.is_valid():
        limit_spend(limit=EXPERIMENTS, who=request.user)
        if fork := _fork(request, experiment, form):
            messages.success(request, f"{fork.name} is ready: start it when you like.")
            return redirect("experiment_live", experiment_uuid=fork.uuid)
    context = {
        "experiment": experiment,
        "badge": badge(experiment=experiment),
        "form": form,
        "sections": form.groups(),
        "rounds": rounds,
    }
    return render(request, "arena/fork_form.html", context, status=400 if form.errors else 200)


@data
@require_safe
@of_experiment
def experiment_whatif(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """A fork beside its original, see selectors.pages.whatif; 409 for an experiment that is no
    fork.
    """
    if not original_is_there(experiment=experiment):
        return json_answer(
            {"error": f"{experiment.name} is not a fork, or what it was forked from is deleted"},
            status=409,
        )
    return json_answer(comparison(fork=experiment))


def _fork(request: HttpRequest, experiment: Experiment, form: ForkForm) -> Experiment | None:
    """The fork, or None where the form now says why not."""
    fields = {
        "after_round": form.cleaned_data["after_round"],
        "name": form.cleaned_data["name"],
        "changes": form.changes(),
    }
    try:
        return forks.experiment_fork(experiment=experiment, owner=request.user, **fields)
    except SettingsError as error:
        form.blame(error)
    except forks.ForkError as error:
        form.add_error("after_round", str(error))
    return None
