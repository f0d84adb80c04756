"""Messages of the queue lead to the services, whatever else another release put into them."""

from arena import tasks
from arena.services.running.kinds import HANDLERS
from arena.work import queue
from arena.work.kinds import KINDS


def test_every_message_that_is_sent_has_a_task_and_every_kind_of_work_somebody_who_does_it():
    assert tasks.take_turn.name == queue.TAKE_TURN
    assert HANDLERS.keys() == KINDS.keys()


def test_what_another_release_added_is_left_aside(monkeypatch):
    seen = []
    monkeypatch.setattr(tasks.turns, "turns_take", lambda **kwargs: seen.append(("turn", kwargs)))
    monkeypatch.setattr(tasks.reaper, "reap", lambda **kwargs: seen.append(("reap", kwargs)))

    tasks.take_turn(priority="new")
    tasks.reap(when="now")

    assert seen == [("turn", {}), ("reap", {})]
