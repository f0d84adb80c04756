"""Judges an experiment that a person stopped, as of its last closed round, as one that ends by itself is judged in its last close.

The round that the stop left open leads the work: its fence, lease and attempts are free from then on, because nobody may commit it.
"""

import logging
import time
from dataclasses import dataclass
from functools import partial

import numpy as np
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from agents.life.lifecycle import OUTCOMPETED
from arena import enqueue
from arena.engine.warm import warm
from arena.models import LONGEST_REASON, Evaluation, Experiment, ExperimentState, Round, RoundState
from arena.services import judging, news
from arena.services.closing import Played, case_of, verdicts_write
from arena.services.errors import StaleFence
from arena.services.leases import BEAT_SECONDS, MOST_ATTEMPTS, REPEAT, expired, given_up, is_dead, lease_end, taken
from arena.settings_schema import parse
from arena.store.population import Stored, population_read

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claim:
    """The judgement that a stopped experiment waits for, ours as long as the fence stands."""

    round_id: int
    experiment_id: int
    fence: int


def judgement_ask(*, experiment: Experiment) -> None:
    """Tell a worker, once the running transaction is committed, that the experiment was stopped; nothing where no round was closed."""
    for row in _unjudged().filter(experiment=experiment):
        Round.objects.filter(pk=row.pk).update(attempts=0, lease_until=None, reason="", announced_at=Now())
        transaction.on_commit(partial(enqueue.announce, enqueue.JUDGE, row.pk))


def judgement_run(*, round_id: int) -> None:
    """Claim, compute and commit the judgement; nothing to do is no error."""
    experiment = Experiment.objects.select_related("market").filter(rounds=round_id).first()
    if experiment is None:
        return
    # kernels are compiled before a lease begins to run
    warm(parse(experiment.settings))
    claim = judgement_claim(round_id=round_id)
    if claim is None:
        return
    try:
        case = case_at_end(experiment=experiment, beat=_Pulse(claim))
        judgement_commit(claim=claim, case=case, found=judging.verdicts(case=case))
    except StaleFence as error:
        logger.info("judgement of experiment %d given up: %s", claim.experiment_id, error)
    except Exception as error:
        logger.exception("judgement of experiment %d failed", claim.experiment_id)
        reason = f"{type(error).__name__}: {error}"[:LONGEST_REASON]
        _ours(claim).update(lease_until=None, announced_at=None, reason=reason)


@transaction.atomic
def judgement_claim(*, round_id: int) -> Claim | None:
    """The judgement, for LEASE, where it is due and nobody is at it; else None."""
    if not Round.objects.filter(_free(), pk=round_id, attempts__lt=MOST_ATTEMPTS, pk__in=_unjudged()).update(**taken()):
        return None
    row = Round.objects.get(pk=round_id)
    return Claim(row.pk, row.experiment_id, row.fence)


@transaction.atomic
def judgement_commit(*, claim: Claim, case: judging.Case, found: list[judging.Verdict]) -> None:
    """Write it, and tell whoever watches. StaleFence where it is no longer ours."""
    if not _ours(claim).update(lease_until=None):
        raise StaleFence(f"fence {claim.fence} has moved")
    verdicts_write(experiment_id=claim.experiment_id, index=case.rounds - 1, agents=case.agents, verdicts=found)
    news.state_told(experiment_id=claim.experiment_id)


def judgements_reap() -> int:
    """Announce judgements that nobody is at; how many."""
    for row in _unjudged().filter(lease_until__isnull=False).only("worker", "fence"):
        if is_dead(row.worker):
            Round.objects.filter(pk=row.pk, fence=row.fence).update(**given_up())
    return _announce()


def case_at_end(*, experiment: Experiment, beat: judging.Beat) -> judging.Case:
    """The case of an experiment that plays no further round."""
    row = Round.objects.select_related("experiment__market").get(experiment=experiment, index=experiment.rounds_done - 1)
    return case_of(row=row, agents=agents_at_end(row=row), weights_of=Played(row, beat).weights_of, beat=beat)


def agents_at_end(*, row: Round) -> np.ndarray:
    """AGENT [population] by slot as the last close left it; alive are those who lived through the round."""
    population = population_read(Stored(row.close_file, row.close_sha256))
    agents = population.agents.copy()
    # who was born for a round that nobody will play has lived through nothing: the place counts as empty
    agents["state"][population.slots] = OUTCOMPETED
    return agents


@transaction.atomic
def _announce() -> int:
    unheard = Q(announced_at=None) | Q(announced_at__lt=Now() - REPEAT)
    found = list(_unjudged().filter(_free(), unheard, attempts__lt=MOST_ATTEMPTS).values_list("pk", flat=True))
    Round.objects.filter(pk__in=found).update(announced_at=Now())
    for pk in found:
        transaction.on_commit(partial(enqueue.announce, enqueue.JUDGE, pk))
    return len(found)


def _unjudged() -> QuerySet[Round]:
    """The abandoned rounds of stopped experiments that closed a round of their own and were not judged after it."""
    judged = Evaluation.objects.filter(experiment=OuterRef("experiment"), after_round=OuterRef("index") - 1)
    first = Coalesce(F("experiment__forked_after") + 1, 0)
    rows = Round.objects.filter(state=RoundState.OPEN, experiment__state=ExperimentState.STOPPED, index__gt=first)
    return rows.filter(~Exists(judged))


def _free() -> Q:
    return Q(lease_until=None) | expired()


def _ours(claim: Claim) -> QuerySet[Round]:
    return Round.objects.filter(pk=claim.round_id, fence=claim.fence)


class _Pulse:
    """Keeps the lease while it computes."""

    def __init__(self, claim: Claim):
        self.claim, self.beaten = claim, time.monotonic()

    def __call__(self) -> None:
        if time.monotonic() - self.beaten >= BEAT_SECONDS:
            if not _ours(self.claim).update(lease_until=lease_end()):
                raise StaleFence(f"fence {self.claim.fence} has moved")
            self.beaten = time.monotonic()
