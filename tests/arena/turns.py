"""Work taken in hand by tests: one job claimed, one turn after another, a holder that is heard of
no more.
"""

from datetime import timedelta

from django.utils import timezone

from arena.services.rounds import closing, playing
from arena.services.running.turns import turn_take
from arena.work import kinds
from arena.work.claims import Claim, claim_next
from arena.work.identity import named
from arena.work.models import Job, JobState

LONG_AGO = timedelta(hours=1)
FREE_PID = 2**22 + 1
GONE = named(FREE_PID, "gone")


def claim(kind: str, subject: int) -> Claim | None:
    """This job and no other."""
    return claim_next(kind=kind, subject=subject)


def claim_block(opened, block=0) -> playing.BlockClaim | None:
    """A block of a round."""
    made = claim(kinds.BLOCK, opened.blocks.get(block=block).pk)
    return made and playing.block_claimed(made)


def claim_close(opened) -> closing.CloseClaim | None:
    """The close of a round."""
    made = claim(kinds.CLOSE, opened.pk)
    return made and closing.close_claimed(made)


def work_off(most: int = 10_000, **which) -> int:
    """Take turns until there is nothing to do; how many."""
    return next(count for count in range(most + 1) if count == most or not turn_take(**which))


def play_rounds(experiment, rounds: int) -> None:
    """Take turns until so many rounds of an experiment are closed."""
    experiment.refresh_from_db()
    while experiment.rounds_done < rounds and turn_take(experiment=experiment.pk):
        experiment.refresh_from_db()


def waiting(**which) -> list[str]:
    """The kinds of jobs that wait, in their order."""
    return list(Job.objects.filter(state=JobState.WAITING, **which).values_list("kind", flat=True))


def lose_lease() -> None:
    """The process that holds a job has not been heard of for an hour."""
    past = {"lease_until": timezone.now() - LONG_AGO, "since": timezone.now() - LONG_AGO}
    Job.objects.filter(state=JobState.CLAIMED).update(**past)


def die() -> None:
    """The process that holds a job has ended."""
    Job.objects.filter(state=JobState.CLAIMED).update(worker=GONE)
