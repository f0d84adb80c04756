"""Whether what waits for its turn is taken up."""

from datetime import timedelta

from django.db.models.functions import Now

from arena.work import shares
from arena.work.models import Job, JobState

# longer than a worker is at any one job, and than a message that was lost takes to be sent again
PATIENCE = timedelta(minutes=5)


def is_work_done() -> bool:
    """False where a job could have been done for PATIENCE, nobody is at any, and none is."""
    if Job.objects.filter(state=JobState.CLAIMED).exists():
        return True
    return not shares.ready(since__lt=Now() - PATIENCE).exists()
