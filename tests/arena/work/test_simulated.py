"""Weeks of bad luck in seconds: workers that die, stall, come late and are taken for dead, clocks
that leap, timers that look at once, work asked for twice; in an order drawn from one number.

Everything runs on the real claims and a real database, and no worker is a process: each is a claim
and a name. Time is moved by moving what was written. A failure names its number; `SEED=n` plays
that one alone.
"""

import os
import random
from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction

from arena.work import claims, leases, queue
from arena.work.claims import MOST_ATTEMPTS, Claim, StaleFence
from arena.work.kinds import BLOCK, CLOSE
from arena.work.models import ExperimentShare, Job, JobState, UserShare
from arena.work.queue import Wanted, jobs_ask
from tests.arena.turns import GONE
from tests.arena.work.test_claims import clock_moves

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]
SEEDS, MANY, STEPS = range(40), range(40, 1000), 40
# (user, experiment, jobs)
ASKED = ((1, 1, 3), (1, 2, 1), (2, 3, 2))
STALL, HOUR = timedelta(seconds=25), timedelta(hours=1)


class Simulation:
    """A few workers over one table of jobs."""

    def __init__(self, seed: int, monkeypatch):
        self.chance, self.hooks, self.history = random.Random(seed), monkeypatch, [f"SEED={seed}"]
        self.holders: dict[str, Claim | None] = {f"there:{number}": None for number in range(3)}
        self.newest: dict[int, int] = {}
        self.done: Counter[int] = Counter()
        self.given_up: Counter[int] = Counter()
        for _, experiment, count in ASKED:
            self.ask(experiment, count)

    def ask(self, experiment: int, count: int) -> None:
        """Each job once: what is done is asked for no more."""
        user = next(user for user, each, _ in ASKED if each == experiment)
        wanted = [
            Wanted(BLOCK if place else CLOSE, subject, place)
            for place in range(count)
            if not self.done[subject := 10 * experiment + place]
        ]
        jobs_ask(wanted=wanted, user=user, experiment=experiment)

    def play(self, steps: int) -> None:
        actions = [self.claim] * 6 + [self.end] * 4 + [self.beat] * 3
        actions += [self.fail, self.break_off, self.yield_, self.die, self.stall, self.reap]
        actions += [self.reap, self.ask_again, self.clock_leaps]
        for _ in range(steps):
            action = self.chance.choice(actions)
            name = self.chance.choice(list(self.holders))
            self.history.append(f"{action.__name__} {name}")
            self.act(action, name)

    def act(self, action, name: str) -> None:
        self.hooks.setattr(leases, "this_process", lambda: name)
        try:
            action(name)
        except StaleFence:
            self.holders[name] = None

    def claim(self, name: str) -> None:
        if self.holders[name] is not None or (found := claims.claim_next()) is None:
            return
        assert found.fence > self.newest.get(found.subject, 0), "a fence was given twice"
        self.newest[found.subject], self.holders[name] = found.fence, found

    def end(self, name: str) -> None:
        if (held := self.holders[name]) is None:
            return
        with transaction.atomic():
            claims.claim_done(held)
        assert held.fence == self.newest[held.subject], "written under an old fence"
        self.done[held.subject] += 1
        self.holders[name] = None

    def beat(self, name: str) -> None:
        if (held := self.holders[name]) is not None:
            claims.claim_beat(held)

    def fail(self, name: str) -> None:
        self.give_back(name, machine=False)

    def break_off(self, name: str) -> None:
        self.give_back(name, machine=True)

    def give_back(self, name: str, *, machine: bool) -> None:
        if (held := self.holders[name]) is None:
            return
        self.holders[name] = None
        self.lay_aside([claims.claim_failed(held, reason="odd", machine=machine)])

    def yield_(self, name: str) -> None:
        if (held := self.holders[name]) is not None:
            claims.claim_yield(held, rest=self.chance.choice((0.0, 30.0)))
            self.holders[name] = None

    def die(self, name: str) -> None:
        """On this machine, where others see it at once."""
        if (held := self.holders[name]) is not None:
            Job.objects.filter(pk=held.pk, fence=held.fence).update(worker=GONE)
            self.holders[name] = None

    def stall(self, name: str) -> None:
        """All sleep for longer than a lease, and who held something does not know yet that it is
        taken for dead and overtaken.
        """
        clock_moves(STALL)
        self.act(self.reap, name)
        for other, held in self.holders.items():
            if held is None:
                self.act(self.claim, other)

    def clock_leaps(self, name: str) -> None:
        clock_moves(self.chance.choice((-HOUR, HOUR)))

    def reap(self, name: str) -> None:
        with transaction.atomic():
            self.lay_aside(claims.claims_lost())

    def lay_aside(self, lost: list[Job | None]) -> None:
        for job in filter(None, lost):
            assert job.attempts == MOST_ATTEMPTS, "given up early"
            self.given_up[job.subject] += 1

    def ask_again(self, name: str) -> None:
        _, experiment, count = self.chance.choice(ASKED)
        self.ask(experiment, count)

    def check(self) -> None:
        """What holds at any moment."""
        claimed = Job.objects.filter(state=JobState.CLAIMED)
        assert not claimed.filter(lease_until=None).exists(), "claimed for ever"
        assert not Job.objects.filter(attempts__gt=MOST_ATTEMPTS).exists()
        assert max(self.done.values(), default=0) <= 1, "done twice"

    def settle(self) -> None:
        """Luck turns: who holds something is gone, the timer looks, one worker does what is left;
        what was given up is asked for once more.
        """
        self.holders = dict.fromkeys(self.holders)
        for _ in range(3):
            for _, experiment, count in ASKED:
                self.ask(experiment, count)
            clock_moves(HOUR)
            self.act(self.reap, "there:0")
            clock_moves(HOUR)
            while (self.act(self.claim, "there:0"), self.holders["there:0"])[1]:
                self.act(self.end, "there:0")

    def ended(self) -> None:
        everything = {10 * each + place for _, each, count in ASKED for place in range(count)}
        assert self.done == dict.fromkeys(everything, 1), "lost, or done twice"
        left = [
            model.__name__ for model in (Job, ExperimentShare, UserShare) if model.objects.exists()
        ]
        assert left == []


@pytest.fixture(autouse=True)
def no_listener(monkeypatch):
    """Messages are lost."""
    monkeypatch.setattr(queue, "top_up", lambda: 0)


def simulate(seed: int, monkeypatch) -> None:
    simulation = Simulation(seed, monkeypatch)
    try:
        for _ in range(STEPS // 10):
            simulation.play(10)
            simulation.check()
        simulation.settle()
        simulation.ended()
    except AssertionError as problem:
        raise AssertionError(f"{problem}: {'; '.join(simulation.history)}") from problem
    finally:
        for model in (Job, ExperimentShare, UserShare):
            model.objects.all().delete()


def seeds(usual: range) -> list[int]:
    return [int(os.environ["SEED"])] if os.environ.get("SEED") else list(usual)


def test_whatever_happens_in_whatever_order_each_job_is_done_once(monkeypatch):
    for seed in seeds(SEEDS):
        simulate(seed, monkeypatch)


@pytest.mark.full
def test_the_same_in_thousands_of_orders(monkeypatch):
    for seed in seeds(MANY):
        simulate(seed, monkeypatch)
