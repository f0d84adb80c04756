"""Claims jobs, keeps, ends, gives back and gives up claims, and frees what the dead held: the one
place where that is done.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from arena.work import shares
from arena.work.identity import is_dead
from arena.work.leases import BEAT_SECONDS, LEASE, at_work, claimed, expired, later
from arena.work.models import LONGEST_REASON, Job, JobState

MOST_ATTEMPTS = 3
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0


class StaleFence(Exception):
    """Another worker has taken over, or it is no longer wanted: what was computed must not be
    written.
    """


@dataclass(frozen=True)
class Claim:
    """A job, ours as long as the fence stands."""

    pk: int
    kind: str
    subject: int
    user: int
    experiment: int
    place: int
    fence: int
    worker: str
    charged: float
    started: float = field(default_factory=time.monotonic)


@transaction.atomic
def claim_next(**which: object) -> Claim | None:
    """The job whose turn it is, for LEASE; None where nothing is to be had. which: of jobs with
    these columns alone.
    """
    for party in shares.parties(**which):
        rows = shares.ready(**which).filter(user=party.user, experiment=party.experiment)
        job = rows.select_for_update(skip_locked=True).order_by("rank", "place", "pk").first()
        if job is not None:
            return _taken(job, party.estimate(job.kind))
    return None


def claim_beat(claim: Claim, **changes: object) -> None:
    """Prolong the lease. StaleFence where the job is no longer ours."""
    if not _ours(claim).update(lease_until=later(LEASE), since=Now(), **changes):
        raise _stale(claim)
    transaction.on_commit(partial(at_work.send, sender=Claim), robust=True)


def claim_progress(claim: Claim) -> None:
    """As `claim_beat`, where something was committed on the way: attempts are counted from here."""
    claim_beat(claim, attempts=0, pauses=0)


def claim_done(claim: Claim) -> None:
    """The end of a job, in the transaction that writes what it did. StaleFence where it is no
    longer ours.
    """
    if not _ours(claim).delete()[0]:
        raise _stale(claim)
    _settle(claim)


@transaction.atomic
def claim_yield(claim: Claim, *, rest: float = 0.0, **changes: object) -> None:
    """Give a job back of which a part was done, to have its next turn after `rest` seconds.
    StaleFence.
    """
    waits = {
        "not_before": later(timedelta(seconds=rest)) if rest else None,
        "attempts": 0,
        "pauses": 0,
        "reason": "",
    }
    if not _ours(claim).update(**_waiting(), **waits | changes):
        raise _stale(claim)
    _settle(claim)


@transaction.atomic
def claim_failed(claim: Claim, *, reason: str, machine: bool) -> Job | None:
    """Give a job back after a failed attempt, to rest for a pause that doubles.

    After MOST_ATTEMPTS it is held and returned, to be given up.
    machine: the fault is no doing of the job's: it may wait for ever and counts no attempt.
    """
    job = _ours(claim).first()
    if job is None:
        return None
    counts = {
        "attempts": max(job.attempts - machine, 0),
        "pauses": job.pauses + machine if machine else 0,
    }
    rest = pause(counts["pauses"] - 1 if machine else counts["attempts"])
    _ours(claim).update(
        **_waiting(),
        **counts,
        reason=reason[:LONGEST_REASON],
        not_before=later(timedelta(seconds=rest)),
    )
    _settle(claim)
    return None if machine else _exhausted(claim.pk)


def pause(count: int) -> float:
    """Seconds to rest after so many failures."""
    return min(FIRST_PAUSE * 2.0 ** min(count, 20), LONGEST_PAUSE)


def claims_lost(**which: object) -> list[Job]:
    """Free what the dead hold, without waiting for the leases of this machine's; those that were
    tried MOST_ATTEMPTS times are held, and returned to be given up. Call it in a transaction that
    gives them up.
    """
    lost = []
    for job in Job.objects.filter(state=JobState.CLAIMED, **which).only(
        "pk", "worker", "fence", "attempts"
    ):
        rows = Job.objects.filter(pk=job.pk, fence=job.fence, state=JobState.CLAIMED)
        rows = rows if is_dead(job.worker) else rows.filter(expired())
        # who died once is followed at once, who dies again and again is not
        rest = later(timedelta(seconds=pause(job.attempts))) if job.attempts > 1 else None
        if rows.update(**_waiting(), not_before=rest):
            lost.append(job.pk)
    return [held for pk in lost if (held := _exhausted(pk))]


def failed_words(job: Job) -> str:
    """ "3 times, last with OSError: ..."."""
    last = f"last with {job.reason}" if job.reason else "each time its worker died"
    return f"{job.attempts} times, {last}"


def under_way(**which: object) -> int:
    """How many jobs of these columns are being done."""
    return Job.objects.filter(state=JobState.CLAIMED, **which).count()


class Pulse:
    """Keeps the lease while a job computes: call it now and then."""

    def __init__(self, claim: Claim):
        self.claim, self.beaten = claim, time.monotonic()

    def __call__(self, *_: float) -> None:
        if time.monotonic() - self.beaten >= BEAT_SECONDS:
            claim_beat(self.claim)
            self.beaten = time.monotonic()


@contextmanager
def kept(claim: Claim) -> Iterator[None]:
    """Keeps the lease from beside, where what is done inside cannot call a pulse: compiling."""
    over = threading.Event()
    beside = threading.Thread(target=_beat_until, args=(claim, over.wait), daemon=True)
    beside.start()
    try:
        yield
    finally:
        over.set()
        beside.join()


def _beat_until(claim: Claim, wait: Callable[[float], bool]) -> None:
    try:
        while not wait(BEAT_SECONDS):
            claim_beat(claim)
    except StaleFence:
        # who computes notices by itself
        return
    finally:
        connection.close()


def _taken(job: Job, seconds: float) -> Claim:
    Job.objects.filter(pk=job.pk).update(state=JobState.CLAIMED, seconds=seconds, **claimed())
    shares.charge(user=job.user, experiment=job.experiment, seconds=seconds)
    row = Job.objects.only("fence", "worker").get(pk=job.pk)
    return Claim(
        job.pk,
        job.kind,
        job.subject,
        job.user,
        job.experiment,
        job.place,
        row.fence,
        row.worker,
        seconds,
    )


def _waiting() -> dict[str, object]:
    return {"state": JobState.WAITING, "lease_until": None, "since": Now()}


def _exhausted(pk: int) -> Job | None:
    """The job, held, where it was tried MOST_ATTEMPTS times."""
    rows = Job.objects.filter(pk=pk, state=JobState.WAITING, attempts__gte=MOST_ATTEMPTS)
    return Job.objects.get(pk=pk) if rows.update(state=JobState.HELD, not_before=None) else None


def _settle(claim: Claim) -> None:
    def settle() -> None:
        shares.settle(
            user=claim.user,
            experiment=claim.experiment,
            kind=claim.kind,
            charged=claim.charged,
            seconds=time.monotonic() - claim.started,
        )

    # what was done is done, whatever becomes of the account
    transaction.on_commit(settle, robust=True)


def _ours(claim: Claim) -> QuerySet[Job]:
    return Job.objects.filter(pk=claim.pk, fence=claim.fence, state=JobState.CLAIMED)


def _stale(claim: Claim) -> StaleFence:
    return StaleFence(f"fence {claim.fence} has moved, or nobody wants it any more")
