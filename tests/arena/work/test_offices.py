"""One holds an office at a time, and who is gone is followed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from arena.work import offices
from arena.work.leases import LEASE
from arena.work.models import Office
from arena.work.offices import TIMER, office_hold, office_leave
from tests.arena.turns import GONE

pytestmark = pytest.mark.django_db


@pytest.fixture
def process(monkeypatch):
    """Acts as one process, or as another."""

    def act_as(name):
        monkeypatch.setattr(offices, "this_process", lambda: name)

    act_as("one")
    return act_as


def test_the_first_holds_it_and_goes_on_holding_it_while_another_stands_by(process):
    assert office_hold(TIMER) and office_hold(TIMER)

    process("other")

    assert not office_hold(TIMER)
    assert Office.objects.get().holder == "one"


def test_who_was_not_heard_of_for_a_lease_is_followed_and_comes_back_to_stand_by(process):
    office_hold(TIMER)
    long_ago = timezone.now() - LEASE - timedelta(seconds=1)
    Office.objects.update(since=long_ago, lease_until=long_ago + LEASE)
    process("other")

    assert office_hold(TIMER)

    process("one")
    assert not office_hold(TIMER)


def test_a_dead_process_of_this_machine_is_followed_at_once(process):
    office_hold(TIMER)
    Office.objects.update(holder=GONE)

    process("other")

    assert office_hold(TIMER)


def test_a_clock_that_was_set_back_holds_nobody_off(process):
    office_hold(TIMER)
    later = timezone.now() + timedelta(hours=1)
    Office.objects.update(since=later, lease_until=later)

    process("other")

    assert office_hold(TIMER)


def test_who_leaves_is_followed_at_once_and_nobody_puts_another_out(process):
    office_hold(TIMER)
    process("other")
    office_leave(TIMER)
    assert not office_hold(TIMER)
    process("one")
    office_leave(TIMER)
    process("other")

    assert office_hold(TIMER)
