"""Experiments: made from settings, moved, and read."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from arena.models import Experiment, Removal
from arena.people.actions import Action
from arena.prices.models import MarketData
from arena.prices.selectors.markets import series_offered
from arena.selectors.belongings import experiment_belongings
from arena.selectors.card.whole import card
from arena.selectors.evidence.evaluations import evaluations
from arena.selectors.experiments import experiments_listed, experiments_visible
from arena.selectors.machine.allowance import extent_check
from arena.selectors.pages.snapshot import snapshot_message
from arena.selectors.rounds.house import with_profit
from arena.services.evidence.judgements import judgement_again
from arena.services.experiments import lifecycle, listing
from arena.services.experiments.market_choice import market_of_series
from arena.services.people.limits import EXPERIMENTS, limit_spend
from arena.services.removal.removals import experiment_remove, removal_refusal
from arena.services.rounds.summing import summaries_make
from arena.settings_schema import ON_SERIES, Settings
from arena.views.answers import LARGEST, json_answer
from arena.views.api import shapes
from arena.views.api.auth import ApiRequest, calling

router = Router(tags=["experiments"])
MOST = 500
WRONG = dict.fromkeys((403, 404, 409, 422, 429), shapes.Problem)
Limit = Query(50, ge=1, le=MOST, description="Rows at most.")
Offset = Query(0, ge=0, le=2**31 - 1, description="Rows to leave out first.")


def visible(
    request: ApiRequest, experiment_uuid: UUID, action: Action = Action.EXPERIMENT_READ
) -> Experiment:
    """The experiment, if the caller may do `action` to it: else 404, or 403 for who may at least
    see it.
    """
    experiment = get_object_or_404(
        with_profit(experiments_visible(user=request.auth)), uuid=experiment_uuid
    )
    calling(request, action, experiment)
    return experiment


@router.get("", response=shapes.Experiments, summary="List experiments")
def experiment_list(
    request: ApiRequest, limit: int = Limit, offset: int = Offset, archived: bool = False
) -> dict[str, Any]:
    """Yours, newest first; with archived, only those that you archived."""
    calling(request, Action.SITE_READ)
    rows = experiments_listed(user=request.auth, archived=archived)
    return {"count": rows.count(), "experiments": list(with_profit(rows)[offset : offset + limit])}


@router.post("", response={201: shapes.ExperimentWithSettings, **WRONG}, summary="Create a draft")
def experiment_create(request: ApiRequest, wanted: shapes.NewExperiment) -> Status[Experiment]:
    """From settings, each of which has a default; start it with /start."""
    calling(request, Action.EXPERIMENT_CREATE)
    limit_spend(limit=EXPERIMENTS, who=request.auth)
    settings, series = _wanted(request, wanted)
    extent_check(settings=settings, market=series)
    market = series and market_of_series(settings=settings, series=series, owner=request.auth)
    return Status(
        201,
        lifecycle.experiment_create(
            owner=request.auth, name=wanted.name, settings=settings, market=market
        ),
    )


@router.post("/estimate", response={200: shapes.Extent, **WRONG}, summary="What a run would take")
def experiment_estimate(request: ApiRequest, wanted: shapes.NewExperiment) -> dict[str, Any]:
    """The same call as to create a draft; nothing is made. 422 names the setting that asks for too
    much, and the value that would do.
    """
    calling(request, Action.SITE_READ)
    settings, series = _wanted(request, wanted)
    return extent_check(settings=settings, market=series).payload


@router.get(
    "/{uuid:experiment_uuid}",
    response={200: shapes.ExperimentWithSettings, **WRONG},
    summary="State and settings",
)
def experiment_read(request: ApiRequest, experiment_uuid: UUID) -> Experiment:
    """Where it stands, and everything it runs with."""
    return visible(request, experiment_uuid)


@router.patch(
    "/{uuid:experiment_uuid}",
    response={200: shapes.Experiment, **WRONG},
    summary="Rename or archive",
)
def experiment_rename(
    request: ApiRequest, experiment_uuid: UUID, wanted: shapes.Renamed
) -> Experiment:
    """A new name is listed among what people changed; an archived experiment is left out of the
    list, and nothing else changes.
    """
    experiment = visible(request, experiment_uuid, Action.EXPERIMENT_CHANGE)
    if wanted.name is not None:
        listing.experiment_rename(experiment=experiment, who=request.auth, name=wanted.name)
    if wanted.archived is not None:
        listing.archive_set(row=experiment, archived=wanted.archived)
    return visible(request, experiment_uuid)


@router.get(
    "/{uuid:experiment_uuid}/belongings",
    response={200: dict, **WRONG},
    summary="What deleting it would delete",
)
def experiment_hanging(request: ApiRequest, experiment_uuid: UUID) -> dict[str, Any]:
    """Agents, rounds, trades, megabytes, forks that refer to it; looks and agents tried, which stay
    counted; why it cannot be, if so.
    """
    experiment = visible(request, experiment_uuid)
    return {
        **experiment_belongings(experiment=experiment),
        "refusal": removal_refusal(experiment=experiment),
    }


@router.delete("/{uuid:experiment_uuid}", response={202: shapes.Removal, **WRONG}, summary="Delete")
def experiment_delete(
    request: ApiRequest, experiment_uuid: UUID, market: bool = False
) -> Status[Removal]:
    """At once in every list; rows and files follow in the background. `market`: its market too,
    where nothing else is on it.

    What its forks are shown from stays as long as they do. A running one has to be stopped first.
    """
    experiment = visible(request, experiment_uuid, Action.EXPERIMENT_CHANGE)
    return Status(
        202, experiment_remove(experiment=experiment, who=request.auth, market_too=market)
    )


def _wanted(
    request: ApiRequest, wanted: shapes.NewExperiment
) -> tuple[Settings, MarketData | None]:
    """The settings of a call, and the stored series that it names; 404."""
    if wanted.market is None:
        return wanted.settings, None
    series = get_object_or_404(series_offered(user=request.auth), pk=min(wanted.market, LARGEST))
    kind = wanted.settings.market.kind if wanted.settings.market.kind in ON_SERIES else "file"
    market = wanted.settings.market.model_copy(
        update={"kind": kind, "path": series.name, "paths": ()}
    )
    return wanted.settings.model_copy(update={"market": market}), series


def _move(verb: str, text: str, move: Callable[..., Experiment]) -> None:
    """The address that makes `move` (a service)."""

    @router.post(
        f"/{{uuid:experiment_uuid}}/{verb}",
        response={200: shapes.Experiment, **WRONG},
        summary=verb.capitalize(),
        description=text,
        operation_id=f"experiment_{verb}",
        url_name=f"experiment_{verb}",
    )
    def view(request: ApiRequest, experiment_uuid: UUID) -> Experiment:
        move(experiment_uuid=visible(request, experiment_uuid, Action.EXPERIMENT_CHANGE).uuid)
        return visible(request, experiment_uuid)


_move("start", "Bear the founders and open the first round.", lifecycle.experiment_start)
_move("pause", "Let the running round end, then rest.", lifecycle.experiment_pause)
_move("resume", "Go on after a pause.", lifecycle.experiment_resume)
_move(
    "again",
    "Take a failed experiment up again where its open round was left.",
    lifecycle.experiment_again,
)
_move("stop", "End at once; what was closed stays, and is judged.", lifecycle.experiment_stop)
_move(
    "judge", "Try again to judge a run that could not be judged when it had ended.", judgement_again
)


@router.get(
    "/{uuid:experiment_uuid}/snapshot",
    response={200: dict, **WRONG},
    summary="Everything the live page shows",
)
def experiment_snapshot(
    request: ApiRequest, experiment_uuid: UUID, round: int | None = Query(None, ge=0, le=2**31 - 1)
) -> HttpResponse:
    """As of now, or as of the close of a round: curves, heatmap, agents, hall of fame, evaluations,
    events.
    """
    experiment = visible(request, experiment_uuid)
    summaries_make(experiment_id=experiment.pk)
    return json_answer(
        snapshot_message(experiment_uuid=experiment.uuid, as_of_round=round).envelope
    )


@router.get(
    "/{uuid:experiment_uuid}/evaluations",
    response={200: shapes.Evidence, **WRONG},
    summary="Evaluations and baselines",
)
def experiment_evaluations(request: ApiRequest, experiment_uuid: UUID) -> dict[str, Any]:
    """How champion, median agent and baselines did, and the baselines of every closed round."""
    return evaluations(experiment=visible(request, experiment_uuid))


@router.get(
    "/{uuid:experiment_uuid}/champion", response={200: dict, **WRONG}, summary="The champion card"
)
def experiment_champion(request: ApiRequest, experiment_uuid: UUID) -> HttpResponse:
    """What the champion did, how much of it may be luck, and what is left open, in words and tables
    as on its page.
    """
    return json_answer(card(experiment=visible(request, experiment_uuid)))
