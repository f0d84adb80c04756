"""What was committed is published once, in order and without gaps; progress is published seldom."""

from contextlib import nullcontext

import pytest

from arena.services.experiments import lifecycle
from arena.services.records import notifications
from arena.services.records.states import FINAL
from arena.work import queue
from tests.arena.runs import draft, finished
from tests.arena.turns import work_off

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def published(monkeypatch):
    """Messages published, in order."""
    messages = []
    monkeypatch.setattr(notifications, "publish", messages.append)
    return messages


@pytest.fixture
def sent(monkeypatch):
    """How often the broker was asked."""
    asked = []
    monkeypatch.setattr(
        queue.current_app, "connection_or_acquire", lambda: asked.append(1) or nullcontext()
    )
    monkeypatch.setattr(queue, "_waiting", lambda connection: 1000)
    return asked


def play(experiment):
    """Start an experiment and take turns, as workers would."""
    lifecycle.experiment_start(experiment_uuid=experiment.uuid)
    work_off()
    experiment.refresh_from_db()


def test_durable_messages_are_numbered_without_gaps_and_end_with_the_end(published, sent):
    experiment = draft()

    play(experiment)

    durable = [message for message in published if message.durable]
    assert [message.seq for message in durable] == list(range(1, experiment.seq + 1))
    assert [message.type for message in durable] == [*["state"] * 3, *["round"] * 5, "state"]
    assert [message.round for message in durable] == [-1, -1, -1, 0, 1, 2, 3, 4, 4]
    assert durable[-2].data["experiment"]["state"] in FINAL
    assert [message.data["experiment"]["judgement"]["state"] for message in durable[-2:]] == [
        "waiting",
        "done",
    ]


def test_progress_is_a_share_of_the_round_and_carries_the_number_that_stands(
    published, sent, monkeypatch
):
    monkeypatch.setattr(notifications, "PROGRESS_SECONDS", 0.0)

    play(draft())

    shares = [
        message.data["share"]
        for message in published
        if message.type == "progress" and message.data["round"] == 2
    ]
    assert len(shares) == 20
    assert shares == sorted(shares) and shares[0] > 0 and shares[-1] == 1.0
    assert {
        message.seq
        for message in published
        if message.type == "progress" and message.data["round"] == 2
    } == {5}
    assert all(
        message.data["agent_steps_per_second"] > 0
        for message in published
        if message.type == "progress"
    )


def test_progress_is_published_four_times_a_second_at_most(monkeypatch):
    clock = iter([100.0, 100.1, 100.2, 100.26, 100.4, 100.52])
    monkeypatch.setattr(notifications.time, "monotonic", lambda: next(clock))

    due = [notifications.progress_due(experiment_id=-1) for _ in range(6)]

    assert due == [True, False, False, True, False, True]


def test_a_process_that_works_alone_tells_nobody(published, sent):
    finished()

    assert (published, sent) == ([], [])


def test_a_stop_and_a_pause_are_published(published, sent):
    experiment = draft()
    lifecycle.experiment_start(experiment_uuid=experiment.uuid)

    lifecycle.experiment_pause(experiment_uuid=experiment.uuid)
    lifecycle.experiment_stop(experiment_uuid=experiment.uuid)

    assert [message.data["experiment"]["state"] for message in published] == [
        *["running"] * 3,
        "pausing",
        "stopped",
    ]
