"""Leases and rests, which end by themselves. All times are the database's, so no worker's clock
matters.

Where that clock is set back, what was written by it lies in the future: it then counts for nothing,
or all work would stand still until the clock came there again.
"""

from datetime import timedelta

from django.db.models import DateTimeField, ExpressionWrapper, F, Q
from django.db.models.functions import Now
from django.dispatch import Signal

from arena.work.identity import this_process

LEASE = timedelta(seconds=20)
BEAT_SECONDS = 5.0
# how long what a process asked for itself is left to it
AT_HOME = timedelta(seconds=20)
# a holder is at its job, and has just said so
at_work = Signal()


def later(span: timedelta) -> ExpressionWrapper:
    """So long from now."""
    return ExpressionWrapper(Now() + span, output_field=DateTimeField())


def from_the_future() -> Q:
    """Rows whose clock was set back since they were written."""
    return Q(since__gt=Now())


def expired() -> Q:
    """Claimed jobs whose holder has not been heard of for a LEASE."""
    return Q(lease_until__lt=Now()) | from_the_future()


def rested() -> Q:
    """Waiting jobs that need not wait any longer."""
    return Q(not_before=None) | Q(not_before__lte=Now()) | from_the_future()


def at_hand() -> Q:
    """Waiting jobs that no other process has kept for itself."""
    return Q(home__in=("", this_process())) | Q(since__lt=Now() - AT_HOME) | from_the_future()


def claimed() -> dict[str, object]:
    """What a claim changes in a job."""
    return {
        "fence": F("fence") + 1,
        "attempts": F("attempts") + 1,
        "since": Now(),
        "not_before": None,
        "lease_until": later(LEASE),
        "worker": this_process(),
    }
