"""The form of a new experiment, and the snapshot behind the page of one."""

from typing import Any

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from arena.forms.experiments import ExperimentForm, defaults
from arena.forms.fields import form_name
from arena.models import Experiment
from arena.people.actions import Action
from arena.presets import PRESETS
from arena.prices.files.confined import ReadFile
from arena.prices.files.errors import FeedError
from arena.prices.models import MarketData
from arena.prices.selectors.markets import series_offered
from arena.prices.services.markets import market_keep
from arena.selectors.fitting import room_words
from arena.selectors.machine.allowance import offer
from arena.selectors.market_choice import market_length
from arena.selectors.pages.first_paint import (
    agents_message,
    heatmap_message,
    lives_message,
    step_message,
)
from arena.selectors.rounds.heatmap import MEASURES
from arena.services.experiments.seeds import experiments_create
from arena.services.people.limits import EXPERIMENTS, UPLOADS, TooMany, limit_spend
from arena.services.rounds.asked import asked_frame, bands_frame, waterfalls_json
from arena.services.rounds.first_paints import first_paint_frame
from arena.settings_schema import Settings, SettingsError
from arena.views.access import data, doing, of_experiment, page
from arena.views.answers import (
    FRESH,
    BadNumber,
    frame_answer,
    json_answer,
    packed_answer,
    whole_number,
    with_retry_after,
)

NOTHING: dict[str, Any] = {"text": "", "extent": "", "problems": {}}


@page
@require_http_methods(["GET", "HEAD", "POST"])
@doing(Action.EXPERIMENT_CREATE)
def experiment_new(request: HttpRequest) -> HttpResponse:
    """arena/experiment_form.html: form, sections (forms.FieldGroup), presets, presets_json,
    preview_url, room_url. Creates a draft.
    """
    stored = series_offered(user=request.user)
    if request.method != "POST":
        preset = PRESETS.get(request.GET.get("preset", ""))
        return _form_page(
            request,
            ExperimentForm(
                stored=stored, initial=dict(preset.values) if preset else _on_series(request)
            ),
        )
    if "upload" in request.FILES:
        # reading a file is what costs
        limit_spend(limit=UPLOADS, who=request.user)
    form = ExperimentForm(request.POST, request.FILES, stored=stored)
    if form.is_valid() and form.settings:
        try:
            limit_spend(limit=EXPERIMENTS, who=request.user, count=len(form.seed_list))
            created = _create(request, form, form.settings)
        except TooMany as error:
            form.add_error(None, str(error))
            return with_retry_after(_form_page(request, form), error)
        except SettingsError as error:
            form.blame(error)
        except FeedError as error:
            form.add_error(None, str(error))
        else:
            return _created(request, created)
    return _form_page(request, form, status=400)


@data
@require_POST
@doing(Action.EXPERIMENT_CREATE)
def experiment_room(request: HttpRequest) -> HttpResponse:
    """POST the form as it stands -> {text, extent, problems}: what its series has no room for, ""
    for nothing; what it takes, in a sentence, "" where that cannot be said; {field: why that is too
    much, and what would do}.

    ?bars=: those of a file that was read back.
    """
    form = ExperimentForm(request.POST, stored=series_offered(user=request.user))
    form.is_valid()
    try:
        bars = whole_number(request, "bars")
        return json_answer(_standing(form, form.settings, bars) if form.settings else NOTHING)
    except (BadNumber, SettingsError):
        return json_answer(NOTHING)


@data
@require_safe
@of_experiment
def experiment_snapshot(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """The snapshot message, as the socket's first; ?round=N: the step message of the close of an
    earlier round; ?measure=NAME: another measure of the heatmap.
    """
    try:
        as_of_round = whole_number(request, "round")
    except BadNumber as error:
        return json_answer({"error": str(error)}, status=400)
    if request.method == "HEAD":
        # a page only asks whether it may watch
        return frame_answer(b"")
    if measure := request.GET.get("measure"):
        return _measured(experiment, measure)
    if as_of_round is not None and as_of_round < experiment.rounds_done - 1:
        return frame_answer(asked_frame(step_message, experiment=experiment, index=as_of_round))
    return packed_answer(request, first_paint_frame(experiment_uuid=experiment.uuid))


def _measured(experiment: Experiment, measure: str) -> HttpResponse:
    if measure not in MEASURES:
        return json_answer({"error": f"measure must be one of {', '.join(MEASURES)}"}, status=400)
    return frame_answer(asked_frame(heatmap_message, experiment=experiment, measure=measure))


@data
@require_safe
@of_experiment
def experiment_lives(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """The lives message: everybody who ever lived; ?agent=N: that agent as it stands, an agents
    message.
    """
    try:
        number = whole_number(request, "agent")
    except BadNumber as error:
        return json_answer({"error": str(error)}, status=400)
    if number is None:
        return frame_answer(asked_frame(lives_message, experiment=experiment))
    return frame_answer(agents_message(experiment=experiment, numbers=[number]).encode())


@data
@require_safe
@of_experiment
def experiment_bands(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """The bands message: lines of descent through the rounds."""
    return frame_answer(bands_frame(experiment=experiment))


@data
@require_safe
@of_experiment
def experiment_waterfall(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """From gross to net, whole and by line of descent, see selectors.agents.waterfall; ?round=N: as
    of the close of round N.
    """
    try:
        as_of_round = whole_number(request, "round")
    except BadNumber as error:
        return json_answer({"error": str(error)}, status=400)
    found = waterfalls_json(experiment=experiment, as_of_round=as_of_round)
    return HttpResponse(found, content_type="application/json", headers=FRESH)


def _create(request: HttpRequest, form: ExperimentForm, settings: Settings) -> list[Experiment]:
    """Drafts of what the valid form says, one for each seed, on the market it names. SettingsError
    where the series is too short.
    """
    return experiments_create(
        owner=request.user,
        name=form.cleaned_data["name"],
        settings=settings,
        seeds=form.seed_list,
        series=_uploaded(request, form, form.file) if form.file else form.market,
    )


def _created(request: HttpRequest, made: list[Experiment]) -> HttpResponse:
    """To the page of the one experiment, or to those of a group in the list."""
    if len(made) == 1:
        messages.success(request, f"{made[0].name} is ready: start it when you like.")
        return redirect("experiment_live", experiment_uuid=made[0].uuid)
    messages.success(
        request, f"{len(made)} experiments are ready: tick them and start them when you like."
    )
    return redirect("experiment_list")


def _standing(form: ExperimentForm, settings: Settings, bars: int | None) -> dict[str, Any]:
    """`experiment_room` of settings that are sound."""
    if bars is None or settings.market.kind != "file":
        bars = market_length(settings=settings, series=form.market)
    found = offer(
        settings=settings,
        market=form.market if settings.market.kind == "file" else None,
        bars=bars,
    )
    problems = {
        form_name(key): f"{text[0].upper()}{text[1:]}." for key, text in found.problems.items()
    }
    return {
        "text": room_words(bars=bars, settings=settings),
        "extent": found.words,
        "problems": problems,
    }


def _uploaded(request: HttpRequest, form: ExperimentForm, file: ReadFile) -> MarketData:
    return market_keep(file=file, file_name=form.cleaned_data["upload"].name, owner=request.user)


def _on_series(request: HttpRequest) -> dict[str, str] | None:
    """?series=stored:N: the form, set to that series."""
    series = request.GET.get("series", "")
    return {"market__kind": "file", "series": series[:40]} if series else None


def _form_page(request: HttpRequest, form: ExperimentForm, status: int = 200) -> HttpResponse:
    chosen = request.GET.get("preset", "")
    presets = [
        {
            "name": name,
            "title": preset.title,
            "text": preset.text,
            "url": f"?preset={name}",
            "values": preset.values,
            "active": name == chosen,
        }
        for name, preset in PRESETS.items()
    ]
    context = {
        "form": form,
        "sections": form.groups(),
        "problems": form.problems() if form.is_bound else [],
        "defaults_json": orjson.dumps(defaults()).decode(),
        "presets": presets,
        "presets_json": orjson.dumps(
            {name: preset.values for name, preset in PRESETS.items()}
        ).decode(),
        "preview_url": reverse("market_preview"),
        "room_url": reverse("experiment_room"),
    }
    return render(request, "arena/experiment_form.html", context, status=status)
