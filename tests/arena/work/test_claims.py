"""A job is held by one worker at a time, rests where it failed, and no clock that is set back
brings it to a standstill.
"""

from datetime import timedelta

import pytest
from django.db.models import F

from arena.work import claims, queue
from arena.work.claims import (
    StaleFence,
    claim_beat,
    claim_done,
    claim_failed,
    claim_next,
    claim_yield,
    claims_lost,
    pause,
)
from arena.work.kinds import BLOCK
from arena.work.leases import AT_HOME, at_work
from arena.work.models import Job, JobState
from arena.work.queue import Wanted, jobs_ask, jobs_drop, jobs_hold
from tests.arena.turns import die, lose_lease

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    monkeypatch.setattr(claims, "FIRST_PAUSE", 1.0)


@pytest.fixture
def asked():
    jobs_ask(wanted=[Wanted(BLOCK, 7, 0)], user=1, experiment=1)


def clock_moves(by):
    """The database's clock goes on by so much: all that was written lies that much further back."""
    Job.objects.update(since=F("since") - by)
    Job.objects.exclude(lease_until=None).update(lease_until=F("lease_until") - by)
    Job.objects.exclude(not_before=None).update(not_before=F("not_before") - by)


def test_what_is_asked_for_twice_is_done_once(asked):
    claim = claim_next()
    jobs_ask(wanted=[Wanted(BLOCK, 7, 0)], user=1, experiment=1)

    assert claim_next() is None
    claim_done(claim)
    assert not Job.objects.exists()


@pytest.mark.parametrize("gone", [jobs_drop, jobs_hold])
def test_what_nobody_wants_any_more_cannot_be_committed(asked, gone):
    claim = claim_next()

    gone(experiment=1)

    for end in (claim_beat, claim_done, claim_yield):
        with pytest.raises(StaleFence):
            end(claim)


def test_who_is_at_a_job_says_so_to_whoever_listens_and_who_lost_it_does_not(asked):
    heard, claim = [], claim_next()
    at_work.connect(listener := lambda **_: heard.append(1))
    try:
        claim_beat(claim)
        jobs_drop(experiment=1)
        with pytest.raises(StaleFence):
            claim_beat(claim)
    finally:
        at_work.disconnect(listener)

    assert heard == [1]


def test_what_was_held_goes_on_under_a_higher_fence_as_if_it_had_never_been_tried(asked):
    first = claim_next()
    jobs_hold(experiment=1)
    assert claim_next() is None

    jobs_ask(wanted=[Wanted(BLOCK, 7, 0)], user=1, experiment=1)

    second = claim_next()
    assert (second.fence, Job.objects.get().attempts) == (first.fence + 1, 1)


def test_faults_of_the_job_are_counted_with_pauses_that_double_and_end_it(asked):
    found = []
    for rest in (2.0, 4.0, None):
        lost = claim_failed(claim_next(), reason="OSError: odd", machine=False)
        assert claim_next() is None
        found.append(lost and (lost.attempts, lost.state, claims.failed_words(lost)))
        if rest:
            clock_moves(timedelta(seconds=rest - 0.5))
            assert claim_next() is None
            clock_moves(timedelta(seconds=0.6))

    assert found == [None, None, (3, "held", "3 times, last with OSError: odd")]


def test_faults_of_the_machine_count_nothing_however_often_and_rest_five_minutes_at_most(asked):
    for _ in range(20):
        assert claim_failed(claim_next(), reason="no space", machine=True) is None
        clock_moves(timedelta(seconds=301))

    job = Job.objects.get()
    assert (job.attempts, job.pauses, job.state, job.reason) == (0, 20, "waiting", "no space")
    assert [pause(count) for count in (0, 1, 2, 8, 9, 1000)] == [1.0, 2.0, 4.0, 256.0, 300.0, 300.0]


def test_who_died_once_is_followed_at_once_and_who_dies_again_after_a_pause(asked):
    claim_next()
    die()
    assert claims_lost() == []
    assert claim_next() is not None
    die()
    assert claims_lost() == []

    assert claim_next() is None
    clock_moves(timedelta(seconds=4.5))
    claim_next()
    die()
    [lost] = claims_lost()
    assert (lost.attempts, claims.failed_words(lost)) == (3, "3 times, each time its worker died")


@pytest.mark.parametrize("deaths", [1, claims.MOST_ATTEMPTS])
def test_two_timers_that_look_at_once_have_one_effect(asked, monkeypatch, deaths):
    for _ in range(deaths):
        claims_lost()
        Job.objects.update(not_before=None)
        claim_next()
        die()
    dead, freed = claims.is_dead, []

    def meanwhile(worker):
        # the second timer does all of its work between the first one's look and its hand
        monkeypatch.setattr(claims, "is_dead", dead)
        freed.append(claims_lost())
        return dead(worker)

    monkeypatch.setattr(claims, "is_dead", meanwhile)
    freed.append(claims_lost())

    job = Job.objects.get()
    assert (job.attempts, job.state) == (deaths, "waiting" if deaths == 1 else "held")
    assert sum(map(len, freed)) == (deaths == claims.MOST_ATTEMPTS)
    assert len(freed) == 2 and freed[1] == []


def test_a_lease_that_a_clock_set_back_left_in_the_far_future_is_void(asked):
    claim_next()
    claims_lost()
    assert claim_next() is None

    clock_moves(-HOUR)

    claims_lost()
    assert claim_next() is not None


def test_a_rest_that_a_clock_set_back_left_in_the_far_future_is_over(asked):
    claim_yield(claim_next(), rest=60.0)
    assert claim_next() is None

    clock_moves(-HOUR)

    assert claim_next() is not None


def test_a_holder_whose_clock_was_set_back_keeps_its_job_by_its_next_beat(asked):
    claim = claim_next()
    clock_moves(-HOUR)

    claim_beat(claim)
    claims_lost()

    assert claim_next() is None
    claim_done(claim)


def test_a_lease_runs_out_by_the_databases_clock(asked):
    old = claim_next()
    lose_lease()
    claims_lost()

    new = claim_next()

    assert new.fence == old.fence + 1
    with pytest.raises(StaleFence):
        claim_done(old)


def test_what_a_process_does_itself_is_left_to_it_for_a_while_and_no_longer(monkeypatch):
    with queue.locally():
        jobs_ask(wanted=[Wanted(BLOCK, 7, 0)], user=1, experiment=1)
    monkeypatch.setattr("arena.work.leases.this_process", lambda: "elsewhere:1")
    assert claim_next() is None

    clock_moves(AT_HOME + timedelta(seconds=1))

    assert claim_next() is not None
    assert Job.objects.get().state == JobState.CLAIMED
