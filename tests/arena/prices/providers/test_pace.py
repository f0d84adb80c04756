"""The pace of calls and the circuit breaker, by the second."""

import numpy as np
import pytest

from arena.prices.providers.breaker import (
    FAILURES,
    OPEN_SECONDS,
    TRIAL_SECONDS,
    Breaker,
    admit,
    failed,
    worked,
)
from arena.prices.providers.pace import LONGEST_PAUSE, Bucket, pause, take


@pytest.mark.parametrize("plan", [2.0, 10.0, 30.0, 100.0, 500.0])
def test_an_hour_of_impatience_stays_at_half_the_plan_and_no_minute_above_it(plan):
    bucket, calls, now = Bucket(1e9, 0.0), [], 0.0
    while now < 3600:
        bucket, wait = take(bucket, now, plan)
        if wait == 0.0:
            calls.append(now)
        now += min(max(wait, 0.01), 0.5)

    times = np.array(calls)
    busiest = max(np.count_nonzero((times >= t) & (times < t + 60)) for t in times)
    assert len(calls) <= plan * 30 + max(plan / 12, 1)
    assert len(calls) >= plan * 30 * 0.95
    assert busiest <= max(plan * 0.6, plan / 2 + 1)


def test_an_empty_bucket_tells_how_long_to_wait_and_waiting_is_enough():
    bucket, wait = take(Bucket(0.0, 100.0), 100.0, 60.0)
    assert wait == pytest.approx(2.0)

    _, wait = take(bucket, 100.0 + wait, 60.0)
    assert wait == 0.0


def test_a_clock_set_back_gives_no_calls_away():
    bucket, wait = take(Bucket(0.0, 1000.0), 400.0, 60.0)

    assert wait > 0
    assert bucket == Bucket(0.0, 1000.0)


def test_pauses_double_up_to_a_minute_and_are_never_the_same_for_everybody():
    drawn = np.array(
        [
            [pause(attempt, np.random.default_rng(seed)) for attempt in range(9)]
            for seed in range(300)
        ]
    )

    most = np.minimum(2.0 ** np.arange(9), LONGEST_PAUSE)
    assert (drawn <= most).all() and (drawn >= most / 10).all()
    assert drawn.mean(0) == pytest.approx(most / 2, rel=0.15)
    assert pause(3, np.random.default_rng(5)) == pause(3, np.random.default_rng(5))


def test_the_breaker_opens_after_failures_in_a_row_alone():
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker = failed(breaker, 0.0)
    assert admit(breaker, 0.0) == (breaker, 0.0)
    assert worked(breaker) == Breaker()

    breaker = failed(breaker, 0.0)

    assert breaker.state(1.0) == "open"
    assert admit(breaker, 10.0) == (breaker, OPEN_SECONDS - 10.0)


def test_a_half_open_breaker_lets_one_try_and_its_success_closes_it():
    breaker = Breaker(FAILURES, 0.0)

    trying, wait = admit(breaker, OPEN_SECONDS)
    _, second = admit(trying, OPEN_SECONDS + 1)

    assert wait == 0.0
    assert second == TRIAL_SECONDS - 1
    assert worked(trying).state(OPEN_SECONDS + 2) == "closed"


def test_a_failed_trial_opens_it_again_and_a_lost_one_makes_room_for_another():
    trying, _ = admit(Breaker(FAILURES, 0.0), OPEN_SECONDS)

    assert failed(trying, OPEN_SECONDS + 5).state(OPEN_SECONDS + 6) == "open"
    assert admit(trying, OPEN_SECONDS + TRIAL_SECONDS)[1] == 0.0
