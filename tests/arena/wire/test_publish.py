"""Publishing reaches the group, never waits long and never raises."""

import socket
from types import SimpleNamespace
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync

from arena.wire import messages, publish

SUBJECT = SimpleNamespace(uuid=UUID(int=9), seq=1, started_at=None)
PUBSUB = "channels_redis.pubsub.RedisPubSubChannelLayer"


@pytest.fixture(autouse=True)
def _awake():
    publish._silent_until["monotonic"] = 0.0
    yield
    publish._silent_until["monotonic"] = 0.0


def state(text="running"):
    return messages.message("state", SUBJECT, 0, {"experiment": {"state": text}, "feed": []})


def received(layer, say):
    async def listen():
        channel = await layer.new_channel()
        await layer.group_add(messages.group(SUBJECT.uuid), channel)
        say()
        return await layer.receive(channel)

    return async_to_sync(listen)()


def test_a_message_reaches_the_group_through_a_real_server(layer_of, valkey):
    url, _ = valkey
    layer = layer_of(PUBSUB, hosts=[url])

    event = received(layer, lambda: publish.publish(state()))

    assert event["type"] == "live.message"
    assert messages.decode(event["frame"]) == [state()]


def test_a_thousand_messages_need_one_connection(layer_of, valkey):
    url, client = valkey
    layer_of(PUBSUB, hosts=[url])
    publish.publish(state())
    before = client.info("stats")

    for _ in range(1000):
        publish.publish(state())

    after = client.info("stats")
    assert after["total_connections_received"] == before["total_connections_received"]
    # a command each, and the question before them
    assert after["total_commands_processed"] - before["total_commands_processed"] == 1000 + 1


def test_a_message_too_long_travels_as_a_hint(layer_of, valkey):
    url, _ = valkey
    layer = layer_of(PUBSUB, hosts=[url])

    event = received(layer, lambda: publish.publish(state("x" * messages.MAX_FRAME)))

    assert event["frame"] == b""


def test_a_missing_server_is_logged_once_and_costs_nothing_more(layer_of, caplog):
    layer_of(PUBSUB, hosts=["unix:///nowhere/redis.sock?db=0"])

    for _ in range(100):
        publish.publish(state())

    # what is dropped later is not even tried, or it would be logged as well
    assert len(caplog.records) == 1


def test_a_server_that_does_not_answer_is_given_up(layer_of, caplog):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        layer_of(PUBSUB, hosts=[f"redis://127.0.0.1:{silent.getsockname()[1]}/0"])

        publish.publish(state())

    assert "TimeoutError" in caplog.text


def test_to_connect_and_to_send_may_take_a_second_together():
    assert 2 * publish.TIMEOUT <= 1.0
