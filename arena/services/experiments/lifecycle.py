"""Creates experiments and moves them: start, pause, resume, stop, clone."""

from typing import Any
from uuid import UUID

from django.conf import settings as site
from django.db import transaction
from django.utils import timezone

from arena.errors import WrongState
from arena.models import Experiment, ExperimentState, Round, RoundState
from arena.prices.models import MarketData
from arena.prices.services.quarantine import quarantine_check, quarantine_words
from arena.selectors.fitting import refusal
from arena.selectors.machine.allowance import extent_check, start_check
from arena.selectors.machine.keeping import keep_every
from arena.selectors.machine.origin import origin
from arena.selectors.machine.room import REMEDY, NoRoom, room_check, room_of_start
from arena.selectors.settings_as_of import settings_when_made
from arena.services.evidence.judgements import judgement_ask
from arena.services.experiments.market_choice import market_of_settings, volume_check
from arena.services.records.notifications import list_notify
from arena.services.records.seals import again_seal, start_seal
from arena.services.records.states import experiment_lock, experiment_move
from arena.services.records.storage import storage_refusal
from arena.services.rounds.founding import founding_ask, is_quick
from arena.services.rounds.opening import round_ask, round_open
from arena.services.running.turns import turn_take
from arena.settings_schema import Settings, SettingsError, parse
from arena.store.population import Stored
from arena.work import kinds
from arena.work.queue import jobs_drop

STOPPABLE = (
    ExperimentState.DRAFT,
    ExperimentState.RUNNING,
    ExperimentState.PAUSING,
    ExperimentState.PAUSED,
)
# transitions of each symbol
LEAST_MEMORY = 64


def environment() -> dict[str, Any]:
    """What sameness of bits depends on, and how agents are grouped into blocks."""
    return origin() | {"block_size": site.BLOCK_SIZE}


def experiment_create(
    *,
    owner: Any,
    name: str,
    settings: Settings,
    market: MarketData | None = None,
    group: UUID | None = None,
) -> Experiment:
    """A draft on `market`, or on the one its settings name.

    SettingsError where they take more than the site allows, the owner's share of the disk is full,
    or the series is too short, is in quarantine, lacks a volume they need, or has too many symbols
    for the memory.
    """
    extent_check(settings=settings, market=market)
    if words := storage_refusal(owner=owner):
        raise SettingsError({"disk": words})
    market = market or market_of_settings(settings=settings, owner=owner)
    quarantine_check(market=market)
    volume_check(market=market, settings=settings)
    if settings.learning.replay < LEAST_MEMORY * len(market.symbols):
        needed = LEAST_MEMORY * len(market.symbols)
        raise SettingsError(
            {
                "learning.replay": (
                    f"{len(market.symbols)} symbols share the memory, which takes at least {needed}"
                )
            }
        )
    if words := refusal(bars=market.bars, settings=settings):
        raise SettingsError({"round_bars": words})
    made = Experiment(
        name=name[:120] or "experiment",
        owner=owner,
        market=market,
        settings=settings.model_dump(mode="json"),
        seed=settings.seed,
        population=settings.population,
        rounds_planned=settings.rounds,
        keep_every=keep_every(population=settings.population, rounds=settings.rounds),
        environment=environment(),
        group=group,
        created_at=timezone.now(),
    )
    try:
        room_check(needed=room_of_start(experiment=made))
    except NoRoom as error:
        raise SettingsError({"population": f"{error} on the server; {REMEDY}"}) from None
    made.save()
    list_notify(experiment=made)
    return made


def experiment_start(*, experiment_uuid: UUID) -> Experiment:
    """Have the founders born, after which the first round is opened (services.rounds.founding);
    those of a small population at once.

    WrongState where it was started before, its market is in quarantine, or there is no room for it.
    """
    experiment = Experiment.objects.select_related("market").get(uuid=experiment_uuid)
    if experiment.state != ExperimentState.DRAFT:
        raise WrongState(
            f"{experiment.name} is {experiment.get_state_display()} and cannot be started again;"
            " clone it"
        )
    if words := quarantine_words(market=experiment.market):
        raise WrongState(words)
    start_check(experiment=experiment)
    try:
        room_check(needed=room_of_start(experiment=experiment))
    except NoRoom as error:
        raise WrongState(
            f"{experiment.name} cannot be started: {error} on the server; {REMEDY}"
        ) from None
    if experiment.forked_from_id is not None:
        return _start_fork(experiment)
    with transaction.atomic():
        experiment_move(
            experiment_uuid=experiment_uuid,
            before=[ExperimentState.DRAFT],
            after=ExperimentState.RUNNING,
            verb="started",
        )
        experiment = Experiment.objects.select_related("market").get(uuid=experiment_uuid)
        experiment.started_at = timezone.now()
        experiment.environment = environment()
        experiment.save(update_fields=["started_at", "environment"])
        start_seal(experiment=experiment, settings=settings_when_made(experiment=experiment))
        founding_ask(experiment=experiment)
    if is_quick(settings=parse(experiment.settings)):
        turn_take(kind=kinds.FOUNDING, subject=experiment.pk)
    experiment.refresh_from_db()
    return experiment


@transaction.atomic
def _start_fork(experiment: Experiment) -> Experiment:
    """Open the first round of a fork's own."""
    experiment_move(
        experiment_uuid=experiment.uuid,
        before=[ExperimentState.DRAFT],
        after=ExperimentState.RUNNING,
        verb="started",
    )
    experiment = Experiment.objects.select_related("market").get(pk=experiment.pk)
    last = experiment.rounds.get(index=experiment.rounds_done - 1)
    experiment.started_at = timezone.now()
    experiment.environment = environment() | {"block_size": experiment.environment["block_size"]}
    experiment.save(update_fields=["started_at", "environment"])
    births = Stored(last.close_file, last.close_sha256)
    start_seal(experiment=experiment, settings=settings_when_made(experiment=experiment))
    settings, now = parse(experiment.settings), experiment.started_at
    round_ask(
        opened=round_open(
            experiment=experiment,
            settings=settings,
            index=experiment.rounds_done,
            births=births,
            now=now,
        )
    )
    return experiment


def experiment_pause(*, experiment_uuid: UUID) -> Experiment:
    """Let the running round end, then rest."""
    return experiment_move(
        experiment_uuid=experiment_uuid,
        before=[ExperimentState.RUNNING],
        after=ExperimentState.PAUSING,
        verb="paused",
    )


@transaction.atomic
def experiment_resume(*, experiment_uuid: UUID) -> Experiment:
    """Go on with the open round."""
    owner = Experiment.objects.select_related("owner").get(uuid=experiment_uuid).owner
    if words := storage_refusal(owner=owner):
        raise WrongState(f"it cannot go on: {words}")
    resting = [ExperimentState.PAUSED, ExperimentState.PAUSING]
    experiment = experiment_move(
        experiment_uuid=experiment_uuid,
        before=resting,
        after=ExperimentState.RUNNING,
        verb="resumed",
    )
    _go_on(experiment)
    return experiment


def _go_on(experiment: Experiment) -> None:
    """With the open round, or where there is none yet with the founders."""
    if (
        opened := Round.objects.select_related("experiment")
        .filter(experiment=experiment, state=RoundState.OPEN)
        .first()
    ):
        round_ask(opened=opened)
    else:
        founding_ask(experiment=experiment)


@transaction.atomic
def experiment_again(*, experiment_uuid: UUID) -> Experiment:
    """Take a failed experiment up again where its open round, or the birth of its founders, was
    left: what was done of it stays. WrongState.
    """
    experiment = experiment_lock(
        experiment_id=Experiment.objects.values_list("pk", flat=True).get(uuid=experiment_uuid)
    )
    is_open = Round.objects.filter(experiment=experiment, state=RoundState.OPEN).exists()
    if experiment.state == ExperimentState.FAILED and experiment.rounds_done and not is_open:
        raise WrongState(f"{experiment.name} failed when no round was open; clone it")
    if experiment.state == ExperimentState.FAILED:
        again_seal(experiment=experiment)
    Experiment.objects.filter(pk=experiment.pk, state=ExperimentState.FAILED).update(
        finished_at=None
    )
    moved = experiment_move(
        experiment_uuid=experiment_uuid,
        before=[ExperimentState.FAILED],
        after=ExperimentState.RUNNING,
        verb="tried again",
    )
    _go_on(moved)
    return moved


@transaction.atomic
def experiment_stop(*, experiment_uuid: UUID, reason: str = "stopped by a person") -> Experiment:
    """End at once: the open round is abandoned, its commits are refused from now on, what was
    closed stays and is judged by a worker.
    """
    stopped = experiment_move(
        experiment_uuid=experiment_uuid,
        before=STOPPABLE,
        after=ExperimentState.STOPPED,
        verb="stopped",
        reason=reason,
    )
    jobs_drop(experiment=stopped.pk, kind__in=kinds.OF_ROUNDS)
    judgement_ask(experiment=stopped)
    return stopped


@transaction.atomic
def experiment_clone(*, experiment_uuid: UUID, owner: Any = None, name: str = "") -> Experiment:
    """A new draft with the same settings and market, the owner's own or `owner`'s."""
    original = Experiment.objects.select_related("market", "owner").get(uuid=experiment_uuid)
    clone = experiment_create(
        owner=owner or original.owner,
        name=name or f"{original.name[:112]} (clone)",
        settings=parse(original.settings),
        market=original.market,
    )
    clone.cloned_from, clone.tags = original, original.tags
    clone.save(update_fields=["cloned_from", "tags"])
    return clone
