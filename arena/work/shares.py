"""Whose turn it is: who has used least of the workers, user by user, then experiment by experiment.

Seconds are charged as a job is claimed, by what the last ones took, and put right when it ends, so
that work under way counts too. A row is there as long as there is work. Who comes begins where the
least busy stands: else a newcomer would have to be served for all the time in which it wanted
nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery

from arena.work.kinds import KINDS
from arena.work.leases import at_hand, rested
from arena.work.models import ExperimentShare, Job, JobState, UserShare

# of the newest in what a kind is taken to last
NEWEST = 0.5


@dataclass(frozen=True)
class Party:
    """All work of one kind of owner: a user's experiment."""

    user: int
    experiment: int
    lasting: dict[str, float]

    def estimate(self, kind: str) -> float:
        """Seconds that a job is expected to take."""
        return self.lasting.get(kind, KINDS[kind].seconds)


def ready(**which: object) -> QuerySet[Job]:
    """Jobs that could be done now."""
    return Job.objects.filter(rested(), at_hand(), state=JobState.WAITING, **which)


def parties(**which: object) -> list[Party]:
    """Those with something to do now, in the order of their turns; which: of jobs with these
    columns alone.
    """
    used = UserShare.objects.filter(user=OuterRef("user")).values("used")
    something = ready(**which).filter(user=OuterRef("user"), experiment=OuterRef("experiment"))
    rows = ExperimentShare.objects.filter(Exists(something)).order_by(
        Subquery(used), "user", "used", "pk"
    )
    return [Party(*row) for row in rows.values_list("user", "experiment", "lasting")]


def join(*, user: int, experiment: int) -> None:
    """There is something to do for them from now on."""
    if ExperimentShare.objects.filter(user=user, experiment=experiment).exists():
        return
    UserShare.objects.get_or_create(user=user, defaults={"used": _least(UserShare.objects.all())})
    defaults = {"used": _least(ExperimentShare.objects.filter(user=user))}
    ExperimentShare.objects.get_or_create(user=user, experiment=experiment, defaults=defaults)


def charge(*, user: int, experiment: int, seconds: float) -> None:
    """Put on their account, or off it."""
    UserShare.objects.filter(user=user).update(used=F("used") + seconds)
    ExperimentShare.objects.filter(user=user, experiment=experiment).update(
        used=F("used") + seconds
    )


@transaction.atomic
def settle(*, user: int, experiment: int, kind: str, charged: float, seconds: float) -> None:
    """A job that was taken for `charged` seconds took so many; who has nothing more to do,
    leaves.
    """
    row = ExperimentShare.objects.filter(user=user, experiment=experiment).first()
    if row is None:
        return
    before = row.lasting.get(kind, seconds)
    row.lasting[kind] = round(before + NEWEST * (seconds - before), 4)
    ExperimentShare.objects.filter(pk=row.pk).update(lasting=row.lasting)
    charge(user=user, experiment=experiment, seconds=seconds - charged)
    leave(Q(user=user, experiment=experiment))


def leave(which: Q | None = None) -> None:
    """Strike those out for whom nothing is left to do."""
    idle = ~Exists(_alive().filter(experiment=OuterRef("experiment"), user=OuterRef("user")))
    if ExperimentShare.objects.filter(which or Q(), idle).delete()[0] or which is None:
        UserShare.objects.filter(
            ~Exists(ExperimentShare.objects.filter(user=OuterRef("user")))
        ).delete()


@transaction.atomic
def mend() -> None:
    """Bring rows in line with the jobs there are, where two processes came between one another, or
    one died.
    """
    there = ExperimentShare.objects.filter(user=OuterRef("user"), experiment=OuterRef("experiment"))
    without: Iterable[tuple[int, int]] = (
        _alive().filter(~Exists(there)).order_by().values_list("user", "experiment").distinct()
    )
    for user, experiment in list(without):
        join(user=user, experiment=experiment)
    leave()


def _alive() -> QuerySet[Job]:
    return Job.objects.filter(state__in=(JobState.WAITING, JobState.CLAIMED))


def _least(rows: QuerySet) -> float:
    return rows.aggregate(least=Min("used"))["least"] or 0.0
