"""Messages of the queue lead to the services, whatever else another release put into them."""

from arena import enqueue, tasks
from arena.services import alone


def test_every_message_that_is_sent_has_a_task_and_a_way_to_be_done_alone():
    names = {tasks.play_block.name, tasks.close_round.name, tasks.judge.name, tasks.import_market.name}

    assert names == {enqueue.PLAY_BLOCK, enqueue.CLOSE_ROUND, enqueue.JUDGE, enqueue.IMPORT_MARKET} == set(alone.WORK)


def test_what_another_release_added_is_left_aside(monkeypatch):
    seen = []
    monkeypatch.setattr(tasks.rounds, "block_run", lambda **told: seen.append(told))
    monkeypatch.setattr(tasks.closing, "round_run_close", lambda **told: seen.append(told))
    monkeypatch.setattr(tasks.judgement, "judgement_run", lambda **told: seen.append(told))
    monkeypatch.setattr(tasks.importing, "import_run", lambda **told: seen.append(told))
    monkeypatch.setattr(tasks.reaper, "reap", lambda **told: seen.append(told))

    tasks.play_block(3, 1, priority="new")
    tasks.close_round(round_id=3, because="new")
    tasks.judge(5, when="now")
    tasks.import_market(4, when="now")
    tasks.reap(when="now")

    assert seen == [{"round_id": 3, "block": 1}, {"round_id": 3}, {"judgement_id": 5}, {"import_id": 4}, {}]
