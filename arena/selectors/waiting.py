"""What work waits for, in words: the machine, a pause after a fault, or its turn."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models.functions import Now

from arena.work import shares
from arena.work.models import Job, JobState

# of a job's reason, which may name two files with their digests
LONGEST = 200
# longer than a worker is at any one job, and than a message that was lost takes to be sent again
PATIENCE = timedelta(minutes=5)


def work_waits(**which: Any) -> str:
    """What the jobs of these columns wait for; "" where there are none, or one is being done."""
    return _words(Job.objects.filter(**which), None)


def experiments_wait(*, experiments: Iterable[int]) -> dict[int, str]:
    """The same of each experiment, by key, those left out that wait for nothing."""
    found: dict[int, list[Job]] = {}
    for job in Job.objects.filter(experiment__in=list(experiments)).exclude(state=JobState.HELD):
        found.setdefault(job.experiment, []).append(job)
    order = _order() if found else []
    return {pk: words for pk, jobs in found.items() if (words := _words(jobs, order))}


def works_wait(*, kind: str, subjects: Iterable[int]) -> dict[int, str]:
    """The same of single jobs of a kind, by subject."""
    jobs = list(Job.objects.filter(kind=kind, subject__in=list(subjects)))
    order = _order() if jobs else []
    return {job.subject: words for job in jobs if (words := _words([job], order))}


def machine_waits(*, experiment_id: int) -> str:
    """What the machine lacks for an experiment to go on; "" where it lacks nothing."""
    paused = Job.objects.filter(experiment=experiment_id, state=JobState.WAITING, pauses__gt=0)
    return _machine(paused.first())


def is_work_done() -> bool:
    """False where a job has been ready for PATIENCE, and no worker is at any."""
    if Job.objects.filter(state=JobState.CLAIMED).exists():
        return True
    return not shares.ready(since__lt=Now() - PATIENCE).exists()


def _words(jobs: Iterable[Job], order: list[tuple[int, int]] | None) -> str:
    jobs = [job for job in jobs if job.state != JobState.HELD]
    if words := _machine(
        next((job for job in jobs if job.pauses and job.state == JobState.WAITING), None)
    ):
        return words
    if not jobs or any(job.state == JobState.CLAIMED for job in jobs):
        return ""
    failed = next((job for job in jobs if job.attempts and job.reason), None)
    if failed is not None:
        return f"Rests before it is tried again: {failed.reason[:LONGEST]}."
    return _turn((jobs[0].user, jobs[0].experiment), _order() if order is None else order)


def _machine(job: Job | None) -> str:
    return f"Waits: {job.reason[:LONGEST]}. It goes on by itself as soon as it can." if job else ""


def _turn(party: tuple[int, int], order: list[tuple[int, int]]) -> str:
    """ "Waits for its turn: 3rd of 5 in the queue."."""
    if party not in order:
        return ""
    return f"Waits for its turn: {_nth(order.index(party) + 1)} of {len(order)} in the queue."


def _order() -> list[tuple[int, int]]:
    """Users and experiments in the order of their next turns: one of each user, then the next of
    each.
    """
    rounds: dict[int, int] = {}
    found = []
    for party in shares.parties():
        rounds[party.user] = rounds.get(party.user, 0) + 1
        found.append((rounds[party.user], party.user, party.experiment))
    # stable: within a round users keep the order of what they have used
    return [(user, experiment) for _, user, experiment in sorted(found, key=lambda each: each[0])]


def _nth(number: int) -> str:
    ending = (
        "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )
    return f"{number:,}{ending}"
