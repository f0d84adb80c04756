"""Takes turns: claims the job whose turn it is, does it, and gives it back where that fails."""

import logging
import time

from django.db import DatabaseError, transaction

from arena.selectors.machine.room import room_check
from arena.services.records import notifications
from arena.services.running.kinds import HANDLERS
from arena.work.claims import Claim, StaleFence, claim_failed, claim_next, claims_lost
from arena.work.counted import about, count
from arena.work.faults import machine_words
from arena.work.models import Job
from arena.work.queue import in_turn, top_up

# seconds after which a process asks the queue again, which may want it to end
TURN_SECONDS = 1.0
# between the tries to give back what failed
PAUSES = (0.5, 1.0, 2.0, 4.0)
logger = logging.getLogger(__name__)


def turns_take() -> None:
    """What a message sets off: one turn after another for about TURN_SECONDS. Where the database is
    away, the timer tries again.
    """
    until = time.monotonic() + TURN_SECONDS
    try:
        with in_turn():
            while turn_take() and time.monotonic() < until:
                pass
        top_up()
    except DatabaseError as error:
        logger.warning("no turn was taken: %s", machine_words(error) or error)


def turn_take(**which: object) -> bool:
    """Do the job whose turn it is; False where there is nothing to do. which: of jobs with these
    columns alone.
    """
    claim = claim_next(**which)
    if claim is None:
        return False
    with about(claim.experiment):
        _do(claim)
    return True


def _do(claim: Claim) -> None:
    try:
        room_check(needed=0)
        HANDLERS[claim.kind].run(claim)
        count("jobs_done", claim.kind)
    except StaleFence as error:
        logger.info("%s %d given up: %s", claim.kind, claim.subject, error)
    except Exception as error:
        if words := machine_words(error):
            logger.warning("%s %d waits: %s", claim.kind, claim.subject, words)
        else:
            logger.exception("%s %d failed", claim.kind, claim.subject)
        count("jobs_rested" if words else "jobs_failed", claim.kind)
        _give_back(claim, words or f"{type(error).__name__}: {error}", machine=bool(words))


@transaction.atomic
def turn_failed(*, claim: Claim, reason: str, machine: bool) -> None:
    """Give a job back after a failed attempt, or give it up after the last; machine: the fault was
    not the job's.
    """
    lost = claim_failed(claim, reason=reason, machine=machine)
    if lost is not None:
        _give_up(lost)
    if machine and claim.experiment:
        notifications.state_notify(experiment_id=claim.experiment)


def _give_back(claim: Claim, reason: str, *, machine: bool) -> None:
    """Where the database does not take it, it is tried again for a while; after that the lease runs
    out.
    """
    for pause in PAUSES:
        try:
            turn_failed(claim=claim, reason=reason, machine=machine)
        except DatabaseError as error:
            logger.warning("%s %d is not given back yet: %s", claim.kind, claim.subject, error)
            time.sleep(pause)
        else:
            return


@transaction.atomic
def turns_lost(**which: object) -> None:
    """Free what dead workers hold, and give up what too many died of."""
    for job in claims_lost(**which):
        _give_up(job)


def _give_up(job: Job) -> None:
    HANDLERS[job.kind].given_up(job)
    count("jobs_given_up", job.kind)
