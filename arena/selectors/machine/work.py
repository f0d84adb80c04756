"""How much work there is, for who looks after the site: numbers alone, of nobody in particular."""

from typing import NamedTuple

from django.db.models import Count
from django.db.models.functions import Now

from arena.models import Experiment, ExperimentState
from arena.work import shares
from arena.work.models import Job


class Work(NamedTuple):
    """jobs: {(kind, state): how many}; experiments: {state: how many}; oldest_seconds: how long the
    job has waited that could be done now and has waited longest, 0 where there is none.
    """

    jobs: dict[tuple[str, str], int]
    experiments: dict[str, int]
    ready: int
    oldest_seconds: float


def work_now() -> Work:
    """As the database tells, by its own clock."""
    jobs = Job.objects.order_by().values_list("kind", "state").annotate(count=Count("pk"))
    experiments = (
        Experiment.objects.filter(removed_at=None)
        .order_by()
        .values_list("state")
        .annotate(count=Count("pk"))
    )
    ready = shares.ready()
    oldest = ready.order_by("since").annotate(now=Now()).values_list("since", "now").first()
    return Work(
        {(kind, state): count for kind, state, count in jobs},
        dict.fromkeys(ExperimentState.values(), 0) | dict(experiments),
        ready.count(),
        max((oldest[1] - oldest[0]).total_seconds(), 0.0) if oldest else 0.0,
    )
