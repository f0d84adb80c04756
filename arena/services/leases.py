"""Claims that end by themselves: all times are the database's, so no worker's clock matters."""

import os
import socket
from datetime import timedelta

from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Now

from arena.models import Experiment, ExperimentState, Round, RoundState

LEASE = timedelta(seconds=20)
BEAT_SECONDS = 5.0
MOST_ATTEMPTS = 3
# longer than a message waits in a queue that is served, so that a busy queue is not filled with repeats
REPEAT = timedelta(seconds=20)
# rounds are played and closed in these states alone
GOING = (ExperimentState.RUNNING, ExperimentState.PAUSING)


def lease_end() -> ExpressionWrapper:
    """LEASE from now."""
    return ExpressionWrapper(Now() + LEASE, output_field=DateTimeField())


def expired() -> Q:
    """Rows whose holder has not been heard of for a LEASE."""
    return Q(lease_until__lt=Now())


def taken() -> dict[str, object]:
    """What a claim changes in its row."""
    return {"fence": F("fence") + 1, "attempts": F("attempts") + 1, "lease_until": lease_end(), "worker": _worker(os.getpid())}


def given_up() -> dict[str, object]:
    """What is changed in a row whose holder is known to be dead: free at once, and to be announced."""
    return {"lease_until": Now() - LEASE, "announced_at": None}


def is_dead(worker: str) -> bool:
    """Whether a holder was a process of this machine that is no more; of other machines nobody can tell, their leases run out."""
    _, _, pid = worker.rpartition(":")
    if not pid.isdecimal() or worker != _worker(int(pid)):
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _worker(pid: int) -> str:
    return f"{socket.gethostname()[:60]}:{pid}"


def open_rounds() -> QuerySet[Round]:
    """Rounds that may be worked on. A subquery on purpose: as a join, PostgreSQL would check the claimed row itself on an old snapshot."""
    return Round.objects.filter(state=RoundState.OPEN, experiment__in=Experiment.objects.filter(state__in=GOING))
