"""Bears the founders of an experiment that was started: rows in short steps, then the file of their
weights, then its first round.
"""

import time
from datetime import datetime

import numpy as np
from django.db import transaction

from agents.models import Agent, Origin
from arena.engine.generations.founders import founder_records, founders_money
from arena.engine.results import Birth
from arena.models import Experiment, ExperimentState
from arena.services.records import notifications
from arena.services.records.states import GOING, experiment_fail, experiment_lock
from arena.services.records.storage import storage_add
from arena.services.rounds.opening import round_ask, round_open
from arena.settings_schema import Settings, parse
from arena.store import agents as agent_rows
from arena.store import digests, files
from arena.store.population import Stored, founders_write
from arena.store.rounds import block_count, block_size
from arena.work.claims import (
    Claim,
    Pulse,
    StaleFence,
    claim_done,
    claim_progress,
    claim_yield,
    failed_words,
)
from arena.work.kinds import FOUNDING
from arena.work.models import Job
from arena.work.queue import Wanted, jobs_ask
from ml.networks.registry import NETWORKS

# founders whose rows are written in one transaction; seconds after which it is another job's turn
STEP, TURN_SECONDS = 256, 20.0
# founders, and numbers of their weights, that are born where the experiment is started: that takes
# less than a page
AT_ONCE, WEIGHTS_AT_ONCE = 256, 2_000_000
NO_WEIGHTS = np.zeros(0, np.float32)


def founding_ask(*, experiment: Experiment) -> None:
    """Have the founders born, once the running transaction is committed."""
    _say(experiment, Agent.objects.filter(experiment=experiment).count())
    jobs_ask(
        wanted=[Wanted(FOUNDING, experiment.pk)], user=experiment.owner_id, experiment=experiment.pk
    )


def founding_run(claim: Claim) -> None:
    """Rows of those who have none yet, and with the last of them the file of all and the first
    round. StaleFence.
    """
    experiment = Experiment.objects.get(pk=claim.experiment)
    settings, until = parse(experiment.settings), time.monotonic() + TURN_SECONDS
    for first in range(
        Agent.objects.filter(experiment=experiment).count(), experiment.population, STEP
    ):
        _rows(claim, experiment, settings, range(first, min(first + STEP, experiment.population)))
        if time.monotonic() > until:
            claim_yield(claim)
            return
    stored = founders_write(files.population_name(experiment.uuid, 0, 0), settings, Pulse(claim))
    founding_commit(claim=claim, stored=stored)


def founding_given_up(job: Job) -> None:
    """Its experiment fails for that reason, until it is tried again."""
    experiment_fail(
        experiment_id=job.experiment,
        reason=f"its founders could not be born: it was tried {failed_words(job)}",
    )


@transaction.atomic
def founding_commit(*, claim: Claim, stored: Stored) -> None:
    """Write where the chain of digests begins, and open the first round. StaleFence where the
    founding is no longer ours.
    """
    experiment = experiment_lock(experiment_id=claim.experiment)
    claim_done(claim)
    storage_add(experiment_id=experiment.pk, size=stored.size)
    settings = parse(experiment.settings)
    experiment.state_sha256 = digests.genesis(
        experiment.settings, experiment.market.sha256, stored.sha256
    )
    experiment.state_reason = ""
    opened = round_open(
        experiment=experiment, settings=settings, index=0, births=stored, now=_start_of(experiment)
    )
    if experiment.state == ExperimentState.PAUSING:
        experiment.state, experiment.state_reason = ExperimentState.PAUSED, "paused before round 0"
    else:
        round_ask(opened=opened)
    experiment.save(update_fields=["state_sha256", "state", "state_reason"])
    notifications.state_notify(experiment_id=experiment.pk)


def is_quick(*, settings: Settings) -> bool:
    """Whether the founders are born where the experiment is started."""
    parameters = NETWORKS[settings.network.kind].layout(settings.network.hidden).size
    return settings.population <= AT_ONCE and settings.population * parameters <= WEIGHTS_AT_ONCE


def _rows(claim: Claim, experiment: Experiment, settings: Settings, slots: range) -> None:
    """One step, made before its transaction begins."""
    births = [
        Birth(slot, slot + 1, (), agent, NO_WEIGHTS)
        for slot, agent in zip(slots, founder_records(settings, slots), strict=True)
    ]
    columns = agent_rows.newborn_columns(
        births,
        experiment=experiment,
        settings=settings,
        origin=Origin.FOUNDER,
        file=files.population_name(experiment.uuid, 0, 0),
        now=_start_of(experiment),
        first=slots.start,
    )
    books = {"next_number": slots.stop + 1, "money_put_in": founders_money(settings, slots.stop)}
    with transaction.atomic():
        claim_progress(claim)
        if not Experiment.objects.filter(pk=experiment.pk, state__in=GOING).exists():
            raise StaleFence("the experiment was stopped")
        agent_rows.newborn_write(columns)
        _say(experiment, slots.stop, **books)
        notifications.state_notify(experiment_id=experiment.pk)


def _start_of(experiment: Experiment) -> datetime:
    """When it was started, which comes before it is founded."""
    if experiment.started_at is None:
        raise StaleFence("the experiment was not started")
    return experiment.started_at


def _say(experiment: Experiment, founded: int, **books: float) -> None:
    """In the experiment's row, how far it is, and what has become of its books."""
    count, size = block_count(experiment), block_size(experiment)
    done = count if founded >= experiment.population else founded // size
    Experiment.objects.filter(pk=experiment.pk).update(
        state_reason=f"being founded: {done:,} of {count:,} blocks", **books
    )
