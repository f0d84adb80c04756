"""Takes turns: claims the job whose turn it is, does it, and gives it back where that fails."""

import logging
import time

from django.db import transaction

from arena.services.kinds import HANDLERS
from arena.work.claims import Claim, StaleFence, claim_failed, claim_next, claims_lost
from arena.work.queue import in_turn, top_up

# seconds after which a process asks the queue again, which may want it to end
TURN_SECONDS = 1.0
logger = logging.getLogger(__name__)


def turns_take() -> None:
    """What a message sets off: one turn after another for about TURN_SECONDS."""
    until = time.monotonic() + TURN_SECONDS
    with in_turn():
        while turn_take() and time.monotonic() < until:
            pass
    top_up()


def turn_take(**which: object) -> bool:
    """Do the job whose turn it is; False where there is nothing to do. which: of jobs with these columns alone."""
    claim = claim_next(**which)
    if claim is None:
        return False
    try:
        HANDLERS[claim.kind].run(claim)
    except StaleFence as error:
        logger.info("%s %d given up: %s", claim.kind, claim.subject, error)
    except Exception as error:
        logger.exception("%s %d failed", claim.kind, claim.subject)
        turn_failed(claim=claim, error=error)
    return True


@transaction.atomic
def turn_failed(*, claim: Claim, error: Exception) -> None:
    """Give a job back after a failed attempt, or give it up after the last."""
    lost = claim_failed(claim, reason=f"{type(error).__name__}: {error}", machine=False)
    if lost is not None:
        HANDLERS[lost.kind].given_up(lost)


@transaction.atomic
def turns_lost(**which: object) -> None:
    """Free what dead workers hold, and give up what too many died of."""
    for job in claims_lost(**which):
        HANDLERS[job.kind].given_up(job)
