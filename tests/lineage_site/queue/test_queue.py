"""The queue's settings hold together, and a wake-up call reaches its own queue alone."""

import pytest
from kombu import Connection
from kombu.exceptions import OperationalError
from kombu.utils import functional
from redis import retry

from lineage_site.celery import app
from lineage_site.queue import config


def test_a_task_ends_before_redis_could_hand_it_out_again():
    assert config.task_soft_time_limit < config.task_time_limit
    assert config.task_time_limit < config.broker_transport_options["visibility_timeout"] / 2


def test_only_json_is_accepted_and_nothing_is_kept():
    assert list(app.conf.accept_content) == ["json"]
    assert app.conf.task_ignore_result
    assert app.conf.result_backend is None


def test_an_unfinished_task_is_handed_back():
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1


def test_the_reaper_does_not_wait_behind_the_turns():
    with Connection("memory://") as connection:
        names = dict.fromkeys(("lineage", "reaper"), 0)
        queues = {name: app.amqp.queues[name](connection.channel()) for name in names}
        for queue in queues.values():
            queue.declare()
        app.send_task("arena.tasks.reap", connection=connection)
        app.send_task("arena.tasks.take_turn", connection=connection)

        waiting = {name: queue.get().headers["task"] for name, queue in queues.items()}

        assert waiting == {"lineage": "arena.tasks.take_turn", "reaper": "arena.tasks.reap"}
        assert all(queue.get() is None for queue in queues.values())


@pytest.mark.parametrize(
    "broker", ["redis+socket:///nowhere/redis.sock?virtual_host=0", "redis://127.0.0.1:1/0"]
)
def test_a_broker_that_is_away_is_noticed_at_once(broker, monkeypatch):
    pauses = []
    for module in (functional, retry):
        monkeypatch.setattr(module, "sleep", pauses.append)

    with (
        Connection(broker, transport_options=app.conf.broker_transport_options) as away,
        pytest.raises(OperationalError),
    ):
        app.send_task("arena.tasks.reap", connection=away)

    assert sum(pauses) < 1


def test_every_scheduled_call_fades_before_it_piles_up():
    for entry in config.beat_schedule.values():
        assert entry["options"]["expires"] <= 2 * entry["schedule"]


def test_every_scheduled_task_exists():
    app.loader.import_default_modules()

    assert {entry["task"] for entry in config.beat_schedule.values()} <= set(app.tasks)
