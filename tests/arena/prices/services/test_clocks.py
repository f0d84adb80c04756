"""A clock that is set back an hour keeps no provider waiting for an hour."""

import pytest

from arena.prices.providers import breaker
from arena.prices.providers.faults import TryAgain, Wait
from arena.prices.services.providers import provider_admit, provider_failed

pytestmark = pytest.mark.django_db
NOON, HOUR = 1_000_000.0, 3600.0
GATE = {"gate": "coingecko", "calls_per_minute": 60.0}


def admitted(now):
    return provider_admit(now=now, **GATE).seconds


def test_calls_that_were_used_up_are_given_again():
    while not admitted(NOON):
        pass

    assert admitted(NOON - HOUR) < 10.0
    assert admitted(NOON - HOUR + 10.0) == 0.0


def test_a_wait_that_a_provider_asked_for_is_over():
    admitted(NOON)
    provider_failed(gate="coingecko", fault=Wait("slow", 60.0), now=NOON)
    assert admitted(NOON + 30.0) == pytest.approx(30.0)

    assert admitted(NOON - HOUR) == 0.0


def test_a_breaker_that_opened_in_the_future_lets_one_try():
    for _ in range(breaker.FAILURES):
        provider_failed(gate="coingecko", fault=TryAgain("away"), now=NOON)
    assert admitted(NOON + 1.0) > 0.0

    assert admitted(NOON - HOUR) == 0.0
