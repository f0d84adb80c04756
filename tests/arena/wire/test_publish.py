"""Publishing reaches the group, never waits long and never raises."""

import time
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
    before = client.info("stats")["total_connections_received"]

    begin = time.perf_counter()
    for _ in range(1000):
        publish.publish(state())
    seconds = time.perf_counter() - begin

    assert client.info("stats")["total_connections_received"] == before
    assert seconds < 1.0


def test_a_message_too_long_travels_as_a_hint(layer_of, valkey):
    url, _ = valkey
    layer = layer_of(PUBSUB, hosts=[url])

    event = received(layer, lambda: publish.publish(state("x" * messages.MAX_FRAME)))

    assert event["frame"] == b""


def test_a_missing_server_is_logged_once_and_costs_nothing_more(layer_of, caplog):
    layer_of(PUBSUB, hosts=["unix:///nowhere/redis.sock?db=0"])

    begin = time.perf_counter()
    for _ in range(100):
        publish.publish(state())

    assert time.perf_counter() - begin < 1.0
    assert len(caplog.records) == 1


def test_a_server_that_does_not_answer_holds_nobody_up_for_longer_than_a_second(layer_of):
    layer_of(PUBSUB, hosts=["redis://192.0.2.1:6379/0"])

    begin = time.perf_counter()
    publish.publish(state())

    assert time.perf_counter() - begin < 1.1
