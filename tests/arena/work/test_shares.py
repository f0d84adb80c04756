"""Turns go round users, then experiments, by what each has used; no user repays for time in which
nothing was wanted.
"""

import time
from collections import Counter
from dataclasses import replace

import pytest
from django.db import connection

from arena.work import shares
from arena.work.claims import claim_done, claim_next, claim_yield
from arena.work.kinds import BLOCK, CLOSE, IMPORT, JUDGEMENT, NULL_WORLD
from arena.work.models import ExperimentShare, Job, JobState, UserShare
from arena.work.queue import Wanted, jobs_ask, jobs_drop, jobs_hold
from tests.effort import database_steps

pytestmark = pytest.mark.django_db(transaction=True)
ADA, BOB, EVE = 1, 2, 3
SLOTS = 2


def ask(user, experiment, count=100, kind=BLOCK):
    """Blocks of an experiment; numbers of subjects are its own."""
    first = 1000 * experiment + 100_000 * len(kind)
    jobs_ask(
        wanted=[Wanted(kind, first + place, place) for place in range(count)],
        user=user,
        experiment=experiment,
    )


def end(claim, seconds):
    """As if it had taken so long."""
    claim_done(replace(claim, started=time.monotonic() - seconds))


def serve(turns, cost=lambda claim: 1.0):
    """Seconds of workers by (user, experiment) over so many turns, SLOTS at a time."""
    held, used = [claim_next() for _ in range(SLOTS)], Counter()
    for _ in range(turns):
        claim = held.pop(0)
        used[claim.user, claim.experiment] += cost(claim)
        end(claim, cost(claim))
        held.append(claim_next())
    for claim in held:
        claim_yield(claim)
    return used


def of(used, user):
    return sum(seconds for (who, _), seconds in used.items() if who == user)


def test_two_users_with_10_and_2_experiments_get_half_each_and_their_experiments_equal_parts():
    for experiment in range(1, 11):
        ask(ADA, experiment)
    for experiment in (21, 22):
        ask(BOB, experiment)

    used = serve(120)

    assert of(used, ADA) == pytest.approx(60, rel=0.1) and of(used, BOB) == pytest.approx(
        60, rel=0.1
    )
    assert {used[ADA, experiment] for experiment in range(1, 11)} <= {5, 6, 7}
    assert {used[BOB, experiment] for experiment in (21, 22)} <= {29, 30, 31}


def test_seconds_are_shared_not_jobs():
    ask(ADA, 1)
    ask(BOB, 2)

    used = serve(100, cost=lambda claim: 4.0 if claim.user == ADA else 1.0)

    assert of(used, ADA) == pytest.approx(of(used, BOB), rel=0.1)


def test_of_one_users_experiments_a_small_one_is_not_held_up_by_a_huge_one():
    ask(ADA, 1)
    ask(ADA, 2)

    used = serve(100, cost=lambda claim: 9.0 if claim.experiment == 1 else 0.5)

    assert used[ADA, 2] == pytest.approx(used[ADA, 1], rel=0.2)


def test_a_newcomer_neither_waits_nor_is_served_for_the_time_before():
    ask(ADA, 1, 200)
    ask(BOB, 2, 200)
    serve(100)

    ask(EVE, 3)
    used = serve(60)

    assert [of(used, user) for user in (ADA, BOB, EVE)] == pytest.approx([20, 20, 20], abs=2)


def test_who_went_away_and_comes_back_is_a_newcomer():
    ask(ADA, 1, 200)
    ask(BOB, 2, 1)
    serve(50)
    assert not UserShare.objects.filter(user=BOB).exists()

    ask(BOB, 3)

    assert of(serve(40), BOB) == pytest.approx(20, abs=2)


def test_what_is_under_way_counts():
    ask(ADA, 1)
    ask(BOB, 2)

    assert {claim_next().user for _ in range(2)} == {ADA, BOB}


def test_null_worlds_imports_and_judgements_take_turns_with_rounds():
    ask(ADA, 1)
    ask(BOB, 0, kind=IMPORT)
    ask(BOB, 3, kind=NULL_WORLD)
    ask(EVE, 4, kind=JUDGEMENT)

    used = serve(90)

    assert [of(used, user) for user in (ADA, BOB, EVE)] == pytest.approx([30, 30, 30], abs=3)
    assert used[BOB, 0] == pytest.approx(used[BOB, 3], abs=2)


def test_within_an_experiment_a_close_goes_before_blocks_and_blocks_by_their_number():
    ask(ADA, 1, 3)
    ask(ADA, 1, 1, kind=CLOSE)

    found = [claim_next() for _ in range(4)]

    assert [(claim.kind, claim.place) for claim in found] == [
        (CLOSE, 0),
        (BLOCK, 0),
        (BLOCK, 1),
        (BLOCK, 2),
    ]


def test_a_job_is_expected_to_last_as_long_as_the_last_ones_of_its_experiment():
    ask(ADA, 1, 3)
    end(claim_next(), 8.0)

    assert claim_next().charged == pytest.approx(8.0, abs=0.1)


@pytest.mark.parametrize("leave", [jobs_drop, jobs_hold])
def test_who_has_nothing_left_to_do_is_not_counted(leave):
    ask(ADA, 1, 2)
    ask(BOB, 2, 2)

    leave(experiment=1)

    assert list(ExperimentShare.objects.values_list("experiment", flat=True)) == [2]
    assert list(UserShare.objects.values_list("user", flat=True)) == [BOB]


def test_a_job_that_nobody_is_counted_for_is_found_again():
    ask(ADA, 1, 1)
    ExperimentShare.objects.all().delete()
    UserShare.objects.create(user=BOB, used=5.0)
    assert claim_next() is None

    shares.mend()

    assert claim_next().user == ADA


def test_a_user_whom_a_process_that_died_left_behind_is_struck_out():
    UserShare.objects.create(user=BOB, used=-5.0)
    ask(ADA, 1, 1)

    shares.mend()

    assert list(UserShare.objects.values_list("user", flat=True)) == [ADA]


def test_a_claim_asks_the_database_as_much_with_ten_thousand_jobs_as_with_ten(
    django_assert_max_num_queries,
):
    for experiment in range(1, 101):
        ask(experiment % 7, experiment)
    assert Job.objects.filter(state=JobState.WAITING).count() == 10_000

    with django_assert_max_num_queries(10):
        claim_next()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="counts the steps of SQLite")
def test_a_claim_looks_at_as_much_with_ten_thousand_jobs_as_with_a_hundred():
    seen = []
    for count in (1, 100):
        for experiment in range(1, 101):
            ask(experiment % 7, experiment, count)
        with database_steps() as steps:
            claim_next()
            seen.append(steps())

    few, many = seen
    assert many < 1.2 * few
