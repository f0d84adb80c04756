"""As many messages wait as there is work for, and no more than the workers can take up soon."""

import pytest
from kombu import Connection

from arena.work import queue
from arena.work.kinds import BLOCK
from arena.work.queue import Wanted, jobs_ask

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def broker(monkeypatch, settings):
    """A broker in this process; how many messages wait."""
    settings.WORKERS = 3
    with Connection("memory://") as connection:
        monkeypatch.setattr(queue.current_app, "connection_or_acquire", connection.clone)
        bound = queue.current_app.amqp.queues[queue.QUEUE](connection.default_channel)
        bound.declare()
        bound.purge()
        yield lambda: bound.queue_declare().message_count
        bound.purge()


def ask(count, first=0):
    jobs_ask(
        wanted=[Wanted(BLOCK, first + place, place) for place in range(count)], user=1, experiment=1
    )


def test_a_message_a_job_is_sent_and_two_for_each_process_at_most(broker):
    found = []
    for count in (1, 1, 3, 100):
        ask(count, first=1000 * len(found))
        found.append(broker())

    assert found == [1, 2, 5, 6]
    assert queue.top_up() == 0


def test_messages_that_were_lost_are_sent_again_and_none_without_work(broker):
    assert queue.top_up() == 0
    with queue.in_turn():
        ask(1)
    assert broker() == 0

    assert (queue.top_up(), queue.top_up(), broker()) == (1, 0, 1)


def test_who_takes_turns_wakes_others_for_more_than_it_can_do_itself(broker):
    with queue.in_turn():
        ask(4)

    assert broker() == 4


def test_a_process_that_works_alone_wakes_nobody(broker):
    with queue.locally():
        ask(4)

    assert broker() == 0
