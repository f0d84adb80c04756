"""Bears the founders of an experiment that was started: rows in short steps, then the file of their weights, then its first round."""

import logging
import time
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from agents.models import Origin
from arena import enqueue
from arena.engine.founders import founder_records, founders_money
from arena.engine.results import Birth
from arena.models import LONGEST_REASON, Experiment, ExperimentState, Founding
from arena.services import news
from arena.services.errors import StaleFence
from arena.services.leases import BEAT_SECONDS, GOING, MOST_ATTEMPTS, REPEAT, expired, given_up, is_dead, lease_end, taken
from arena.services.opening import block_count, block_size, round_announce, round_open
from arena.services.states import experiment_fail, experiment_lock
from arena.settings_schema import Settings, parse
from arena.store import agents as agent_rows
from arena.store import digests, files
from arena.store.population import Stored, founders_write
from ml.networks.registry import NETWORKS

logger = logging.getLogger(__name__)
# founders whose rows are written in one transaction
STEP = 256
# founders, and numbers of their weights, that are born where the experiment is started: less than a page takes
AT_ONCE, WEIGHTS_AT_ONCE = 256, 2_000_000
NOBODY = np.zeros(0, np.float32)


@dataclass(frozen=True)
class FoundingClaim:
    """Founders to be born, ours as long as the fence stands."""

    pk: int
    experiment_id: int
    uuid: UUID
    fence: int

    @property
    def file(self) -> str:
        return files.population_name(self.uuid, 0, 0)


def founding_ask(*, experiment: Experiment, announce: bool) -> None:
    """Have the founders born, within the running transaction; announce: by a worker, and soon."""
    Founding.objects.create(experiment=experiment)
    _say(experiment, 0)
    if announce:
        founding_announce(experiment=experiment)


def founding_announce(*, experiment: Experiment) -> None:
    """Tell a worker, once the running transaction is committed; nothing where the founders are born."""
    if Founding.objects.filter(experiment=experiment).update(announced_at=Now()):
        transaction.on_commit(partial(enqueue.announce, enqueue.FOUND, experiment.pk))


def founding_run(*, experiment_id: int) -> None:
    """Claim, bear and commit; nothing to do is no error."""
    claim = founding_claim(experiment_id=experiment_id)
    if claim is None:
        return
    try:
        founding_commit(claim=claim, stored=_bear(claim))
    except StaleFence as error:
        logger.info("the founding of experiment %d was given up: %s", experiment_id, error)
    except Exception as error:
        logger.exception("the founding of experiment %d failed", experiment_id)
        _release(claim, f"{type(error).__name__}: {error}")


@transaction.atomic
def founding_claim(*, experiment_id: int) -> FoundingClaim | None:
    """The founding, for a lease, where it waits or its holder was lost; None where it is not to be had."""
    rows = _going().filter(Q(lease_until=None) | expired(), experiment=experiment_id, attempts__lt=MOST_ATTEMPTS)
    if not rows.update(**taken()):
        return None
    row = Founding.objects.select_related("experiment").get(experiment=experiment_id)
    return FoundingClaim(row.pk, experiment_id, row.experiment.uuid, row.fence)


def _bear(claim: FoundingClaim) -> Stored:
    """Rows of those who have none yet, and the file of all. StaleFence where the claim is lost on the way."""
    experiment = Experiment.objects.get(pk=claim.experiment_id)
    settings = parse(experiment.settings)
    for first in range(Founding.objects.get(pk=claim.pk).founded, experiment.population, STEP):
        _rows(claim, experiment, settings, range(first, min(first + STEP, experiment.population)))
    return founders_write(claim.file, settings, _Pulse(claim))


def _rows(claim: FoundingClaim, experiment: Experiment, settings: Settings, slots: range) -> None:
    """One step; made outside of its transaction."""
    births = [Birth(slot, slot + 1, (), agent, NOBODY) for slot, agent in zip(slots, founder_records(settings, slots), strict=True)]
    with transaction.atomic():
        if not _ours(claim).update(founded=slots.stop, lease_until=lease_end(), attempts=1):
            raise StaleFence(f"fence {claim.fence} has moved, or the experiment was stopped")
        _say(experiment, slots.stop)
        news.state_told(experiment_id=experiment.pk)
        told = {"experiment": experiment, "settings": settings, "origin": Origin.FOUNDER, "file": claim.file}
        agent_rows.agents_insert(births, **told, now=experiment.started_at, first=slots.start)


@transaction.atomic
def founding_commit(*, claim: FoundingClaim, stored: Stored) -> None:
    """Write where the chain of digests begins, and open the first round. StaleFence where the founding is no longer ours."""
    experiment = experiment_lock(experiment_id=claim.experiment_id)
    if not _ours(claim).delete()[0]:
        raise StaleFence(f"fence {claim.fence} has moved, or the experiment was stopped")
    settings = parse(experiment.settings)
    experiment.next_number = experiment.population + 1
    experiment.money_put_in = founders_money(settings)
    experiment.state_sha256 = digests.genesis(experiment.settings, experiment.market.sha256, stored.sha256)
    opened = round_open(experiment=experiment, settings=settings, index=0, births=stored, now=experiment.started_at)
    experiment.state_reason = ""
    if experiment.state == ExperimentState.PAUSING:
        experiment.state, experiment.state_reason = ExperimentState.PAUSED, "paused before round 0"
    else:
        round_announce(opened=opened)
    experiment.save(update_fields=["next_number", "money_put_in", "state_sha256", "state", "state_reason"])
    news.state_told(experiment_id=experiment.pk)


def founding_reap() -> int:
    """Announce foundings that nobody works on, give up those whose last attempt died; the number of announcements."""
    for row in _going().filter(lease_until__isnull=False).only("worker", "fence"):
        if is_dead(row.worker):
            Founding.objects.filter(pk=row.pk, fence=row.fence).update(**given_up())
    free = _going().filter(Q(lease_until=None) | expired())
    for row in free.filter(attempts__gte=MOST_ATTEMPTS):
        last = f"last with {row.reason}" if row.reason else "each time its worker died"
        experiment_fail(experiment_id=row.experiment_id, reason=f"its founders could not be born in {row.attempts} attempts, {last}")
    unheard = free.filter(Q(announced_at=None) | Q(announced_at__lt=Now() - REPEAT), attempts__lt=MOST_ATTEMPTS)
    waiting = list(unheard.select_related("experiment"))
    for row in waiting:
        founding_announce(experiment=row.experiment)
    return len(waiting)


def is_quick(*, settings: Settings) -> bool:
    """Whether the founders are born where the experiment is started."""
    parameters = NETWORKS[settings.network.kind].layout(settings.network.hidden).size
    return settings.population <= AT_ONCE and settings.population * parameters <= WEIGHTS_AT_ONCE


@transaction.atomic
def _release(claim: FoundingClaim, reason: str) -> None:
    """Give it back after a failed attempt, for the reaper to announce or to give up."""
    _ours(claim).update(lease_until=None, announced_at=None, reason=reason[:LONGEST_REASON])


def _say(experiment: Experiment, founded: int) -> None:
    """In the experiment's row, how far it is."""
    total, size = block_count(experiment), block_size(experiment)
    text = f"being founded: {min(founded // size, total):,} of {total:,} blocks"
    Experiment.objects.filter(pk=experiment.pk).update(state_reason=text)


def _going() -> QuerySet[Founding]:
    return Founding.objects.filter(experiment__in=Experiment.objects.filter(state__in=GOING))


def _ours(claim: FoundingClaim) -> QuerySet[Founding]:
    return _going().filter(pk=claim.pk, fence=claim.fence)


class _Pulse:
    """Keeps the lease while the file is written."""

    def __init__(self, claim: FoundingClaim):
        self.claim, self.beaten = claim, time.monotonic()

    def __call__(self, more: int) -> None:
        if time.monotonic() - self.beaten >= BEAT_SECONDS:
            if not _ours(self.claim).update(lease_until=lease_end()):
                raise StaleFence(f"fence {self.claim.fence} has moved, or the experiment was stopped")
            self.beaten = time.monotonic()
