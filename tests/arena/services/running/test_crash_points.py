"""Killed with -9 between any two things that last, a process leaves what the next one makes whole:
the same state, to the bit.

The places are not listed: an undisturbed run is watched, and each line of the source from which it
commits a transaction, writes a row by itself, or writes or removes a file is one. Killed before it,
a process leaves what it leaves killed after the one before. The ordinary suite kills where a place
is reached for the first time; `make full` at the second and the last as well.
"""

import os
import signal
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from arena.models import ExperimentState
from arena.services.audit.run import experiment_audit
from arena.services.experiments import lifecycle
from arena.services.removal.tidying import missing
from arena.services.running import reaper
from arena.store import files
from arena.work import queue
from arena.work.models import ExperimentShare, Job, UserShare
from tests.arena.runs import draft, tiny
from tests.arena.turns import work_off

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]
ARENA = str(Path(files.__file__).parents[1])
WRITES = ("INSERT", "UPDATE", "DELETE")
SETTINGS = tiny(population=4, rounds=3, evolution={"juvenile_rounds": 0, "turnover": 0.3})


class Points:
    """Counts how often each place is passed; kills this process where one is for the n-th time."""

    def __init__(self, at: str = "", nth: int = 0):
        self.at, self.nth, self.passed = at, nth, Counter()

    def reach(self, what: str) -> None:
        point = f"{what} {place_of(sys._getframe(2))}"
        self.passed[point] += 1
        if (point, self.passed[point]) == (self.at, self.nth):
            os.kill(os.getpid(), signal.SIGKILL)

    def hooked(self, what: str, plain):
        def hooked(*args, **kwargs):
            self.reach(what)
            return plain(*args, **kwargs)

        return hooked

    def statement(self, execute, sql, params, many, context):
        """A row that is written outside any transaction lasts at once."""
        if not context["connection"].in_atomic_block and sql.startswith(WRITES):
            self.reach("row")
        return execute(sql, params, many, context)


def place_of(frame) -> str:
    """The innermost line of the arena that led here."""
    while frame is not None and not frame.f_code.co_filename.startswith(ARENA):
        frame = frame.f_back
    if frame is None:
        return "elsewhere"
    return f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}:{frame.f_lineno}"


@contextmanager
def watched(points: Points, monkeypatch):
    with monkeypatch.context() as hooks:
        hooks.setattr(
            BaseDatabaseWrapper, "_commit", points.hooked("commit", BaseDatabaseWrapper._commit)
        )
        hooks.setattr(files, "write", points.hooked("file", files.write))
        hooks.setattr(files, "remove", points.hooked("removal", files.remove))
        with connections["default"].execute_wrapper(points.statement):
            yield


def go_on(experiment) -> None:
    """What processes do that begin or take over: start what is not, free what the dead hold."""
    if experiment.state == ExperimentState.DRAFT:
        lifecycle.experiment_start(experiment_uuid=experiment.uuid)
    reaper.reap()
    work_off()


def killed(experiment, at: str, nth: int, monkeypatch) -> bool:
    """Whether a child that runs the experiment died there."""
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            with watched(Points(at, nth), monkeypatch):
                go_on(experiment)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


@pytest.fixture(autouse=True)
def no_listener(monkeypatch):
    """Messages are lost."""
    for place in (queue, reaper):
        monkeypatch.setattr(place, "top_up", lambda: 0)


@pytest.fixture
def untouched(monkeypatch, settings):
    """Digest of an undisturbed run, and how often it passes each point."""
    settings.BLOCK_SIZE = 2
    points, experiment = Points(), draft(settings=SETTINGS)
    with watched(points, monkeypatch):
        go_on(experiment)
    experiment.refresh_from_db()
    return experiment.state_sha256, points.passed


def problems(experiment, digest: str) -> list[str]:
    """What is otherwise than if nothing had happened."""
    experiment.refresh_from_db()
    found = [f"{check}: {text}" for check, text in experiment_audit(experiment=experiment)]
    left = [model.__name__ for model in (Job, ExperimentShare, UserShare) if model.objects.exists()]
    same = (experiment.state, experiment.state_sha256) == (ExperimentState.FINISHED, digest)
    return found + left + list(missing()) + ([] if same else [f"{experiment.state}, other digest"])


def suffered(point: str, nth: int, digest: str, monkeypatch) -> list[str]:
    experiment = draft(settings=SETTINGS)
    if not killed(experiment, point, nth, monkeypatch):
        return ["never reached"]
    experiment.refresh_from_db()
    go_on(experiment)
    reaper.reap()
    return problems(experiment, digest)


def outcomes(untouched, times, monkeypatch) -> dict[str, list[str]]:
    """{point: what was wrong afterwards}, those left out where nothing was."""
    digest, passed = untouched
    asked = [(point, nth) for point in passed for nth in times(passed[point])]
    found = {f"{point}, {nth}": suffered(point, nth, digest, monkeypatch) for point, nth in asked}
    return {name: wrong for name, wrong in found.items() if wrong}


def test_a_run_passes_the_places_that_matter(untouched):
    _, passed = untouched
    reached = " ".join(passed)

    for place in (
        "commit turns.turn_take",
        "commit playing.block_run",
        "file blocks.",
        "file population.",
        "commit closing.round_commit",
        "removal closing.",
        "commit judgement",
    ):
        assert place in reached, sorted(passed)


def test_killed_at_the_first_passing_of_any_point_a_run_ends_like_its_untouched_twin(
    untouched, monkeypatch
):
    assert outcomes(untouched, lambda count: {1}, monkeypatch) == {}


@pytest.mark.full
def test_killed_at_the_second_and_last_passing_of_any_point_as_well(untouched, monkeypatch):
    assert outcomes(untouched, lambda count: {min(2, count), count}, monkeypatch) == {}
