"""A browser that watches: who may, what it receives, in which order, and what it may say."""

import asyncio
import logging
import time
from dataclasses import replace
from itertools import chain
from urllib.parse import urlencode

import msgpack
import pytest
from asgiref.sync import sync_to_async
from channels.auth import AuthMiddlewareStack
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from django.contrib.auth.models import User
from django.db.models import F
from django.test import Client
from uvicorn.protocols.utils import ClientDisconnected

from arena.live import consumers
from arena.live.hub import hub
from arena.live.routing import websocket_urlpatterns
from arena.models import Experiment
from arena.selectors.pages.snapshot import state_delta
from arena.services.people import limits
from arena.wire import messages
from arena.wire.publish import publish
from tests.arena import world
from tests.arena.live.browser import Socket
from tests.conftest import valkey_start

pytestmark = pytest.mark.django_db(transaction=True)
APPLICATION = AuthMiddlewareStack(URLRouter(websocket_urlpatterns))


@pytest.fixture(autouse=True)
def _in_memory(settings, monkeypatch):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    monkeypatch.setattr(consumers, "FRAME_SECONDS", 0.02)
    monkeypatch.setattr(consumers, "SETTLE_SECONDS", 0.02)


def browser(experiment, owner=None, place=""):
    client = Client()
    if owner:
        client.force_login(owner)
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    address = f"/ws/experiments/{experiment.uuid}/{place}"
    return Socket(APPLICATION, address, headers=[(b"cookie", cookies.encode())]), client


@sync_to_async
def made(**fields):
    run = world.experiment(world.user(), **fields)
    world.user("eve")
    return run, *(
        browser(run, who)[0] for who in (run.owner, User.objects.get(username="eve"), None)
    )


@sync_to_async
def moved_on(run):
    Experiment.objects.filter(pk=run.pk).update(seq=F("seq") + 1)
    run.refresh_from_db()
    return messages.message("state", run, 2, state_delta(experiment=run))


async def tell(message):
    await get_channel_layer().group_send(
        f"experiment.{message.experiment.replace('-', '')}", messages.event(message)
    )


async def frame(socket):
    return messages.decode(await socket.receive_from(timeout=5))


async def closed(socket):
    while True:
        output = await socket.receive_output(timeout=5)
        if output["type"] == "websocket.close":
            await socket.disconnect()
            return output.get("code")


async def test_the_owner_receives_the_whole_state_first():
    run, socket, _, _ = await made()

    assert (await socket.connect())[0]
    [snapshot] = await frame(socket)

    assert (snapshot.type, snapshot.seq, snapshot.round) == ("snapshot", 3, 2)
    await socket.disconnect()


@pytest.mark.parametrize(
    ("seq", "first_type"), [("3", "state"), ("2", "snapshot"), ("x", "snapshot"), ("", "snapshot")]
)
async def test_who_says_where_it_is_is_told_what_is_new_and_all_where_that_is_not_it(
    seq, first_type
):
    run, _, _, _ = await made()
    place = f"?{urlencode({'epoch': messages.epoch(run), 'seq': seq})}"
    socket, _ = await sync_to_async(browser)(run, run.owner, place)

    assert (await socket.connect())[0]
    if first_type == "state":
        assert await socket.receive_nothing(0.5)
        await tell(await moved_on(run))
    [first] = await frame(socket)

    assert first.type == first_type
    await socket.disconnect()


async def test_somebody_else_and_nobody_are_refused_before_the_socket_opens():
    _, _, stranger, anonymous = await made()

    assert await stranger.connect() == (False, 4404)
    assert await anonymous.connect() == (False, 4404)


async def test_a_superuser_may_watch():
    run, _, _, _ = await made()
    root = await sync_to_async(User.objects.create_superuser)("root")
    socket, _ = await sync_to_async(browser)(run, root)

    assert (await socket.connect())[0]
    await socket.disconnect()


async def test_an_experiment_that_is_not_there_is_refused():
    run, _, _, _ = await made()
    gone = Experiment(name="gone")
    socket, _ = await sync_to_async(browser)(gone, run.owner)

    assert await socket.connect() == (False, 4404)


async def test_messages_follow_the_snapshot_in_order():
    run, socket, _, _ = await made()
    await socket.connect()
    [snapshot] = await frame(socket)

    await tell(await moved_on(run))
    await tell(await moved_on(run))
    received = []
    while len(received) < 2:
        received += await frame(socket)

    assert [message.seq for message in received] == [snapshot.seq + 1, snapshot.seq + 2]
    await socket.disconnect()


async def test_what_a_worker_publishes_reaches_the_browser_through_a_real_server(layer_of, valkey):
    url, _ = valkey
    layer_of("channels_redis.pubsub.RedisPubSubChannelLayer", hosts=[url])
    run, socket, _, _ = await made()
    await socket.connect()
    await frame(socket)

    await sync_to_async(publish)(await moved_on(run))
    [message] = await frame(socket)

    assert (message.type, message.seq) == ("state", 4)
    await socket.disconnect()


async def test_a_lost_message_is_answered_with_a_snapshot():
    run, socket, _, _ = await made()
    await socket.connect()
    await frame(socket)

    await moved_on(run)
    await tell(await moved_on(run))
    [message] = await frame(socket)

    assert (message.type, message.seq) == ("snapshot", 5)
    await socket.disconnect()


@pytest.fixture
def pauses(monkeypatch):
    """Pauses between frames end when a test says so."""
    sleep, ends = asyncio.sleep, asyncio.Semaphore(0)

    async def pause(seconds):
        await (ends.acquire() if seconds == consumers.FRAME_SECONDS else sleep(seconds))

    monkeypatch.setattr(asyncio, "sleep", pause)
    return ends


async def test_a_burst_arrives_in_few_frames(pauses):
    run, socket, _, _ = await made()
    await socket.connect()
    await frame(socket)

    for _ in range(20):
        await tell(await moved_on(run))
        await tell(messages.progress(run, 3, 0.5, 1.0))
    frames = []
    while not any(m.type == "state" and m.seq == run.seq for m in chain(*frames)):
        pauses.release()
        frames.append(await frame(socket))

    assert len(frames) <= 3
    assert [m.seq for m in chain(*frames) if m.type == "state"] == list(range(4, 24))
    assert sum(m.type == "progress" for m in chain(*frames)) <= len(frames)
    await socket.disconnect()


async def test_the_browser_gets_a_snapshot_for_the_asking():
    _, socket, _, _ = await made()
    await socket.connect()
    await frame(socket)

    await socket.send_to('{"type": "resync", "seq": -1}')
    [message] = await frame(socket)

    assert message.type == "snapshot"
    await socket.disconnect()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"type": "resync", "x": "' + "é" * 2050 + '"}', 1009),
        ('{"type": "other"}', 4400),
        ("nonsense", 4400),
        ("", 4400),
    ],
)
async def test_nonsense_and_too_much_of_it_close_the_socket(text, code):
    _, socket, _, _ = await made()
    await socket.connect()

    await socket.send_to(text)

    assert await closed(socket) == code


async def test_bytes_close_the_socket():
    _, socket, _, _ = await made()
    await socket.connect()

    await socket.send_to(bytes_data=b"resync")

    assert await closed(socket) == 1009


async def test_the_eleventh_request_of_a_second_closes_the_socket():
    _, socket, _, _ = await made()
    await socket.connect()

    for _ in range(11):
        await socket.send_to('{"type": "resync"}')

    assert await closed(socket) == 4429


async def test_a_logout_closes_the_socket_at_the_next_check(monkeypatch):
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.05)
    run, _, _, _ = await made()
    socket, client = await sync_to_async(browser)(run, run.owner)
    await socket.connect()

    await sync_to_async(client.logout)()

    assert await closed(socket) == 4404


async def test_a_logout_closes_the_socket_at_once(layer_of, valkey):
    url, _ = valkey
    layer_of("channels_redis.pubsub.RedisPubSubChannelLayer", hosts=[url])
    run, _, _, _ = await made()
    socket, client = await sync_to_async(browser)(run, run.owner)
    await socket.connect()
    await frame(socket)

    await sync_to_async(client.logout)()

    assert await closed(socket) == 4404


@pytest.mark.parametrize("change", ["deactivated", "password", "given away"])
async def test_who_loses_the_right_to_watch_is_cut_off_when_told_to_check(change):
    run, socket, _, _ = await made()
    await socket.connect()
    await frame(socket)

    await sync_to_async(lose_right)(run, change)
    await get_channel_layer().group_send(
        messages.viewer_group(run.owner.pk), {"type": "live.recheck"}
    )

    assert await closed(socket) == 4404


def lose_right(run, change):
    if change == "deactivated":
        User.objects.filter(pk=run.owner.pk).update(is_active=False)
    elif change == "password":
        run.owner.set_password("another one")
        run.owner.save()
    else:
        Experiment.objects.filter(pk=run.pk).update(owner=User.objects.get(username="eve"))


async def test_who_keeps_the_right_keeps_the_socket():
    run, socket, _, _ = await made()
    await socket.connect()
    await frame(socket)

    await get_channel_layer().group_send(
        messages.viewer_group(run.owner.pk), {"type": "live.recheck"}
    )

    assert await socket.receive_nothing(timeout=0.2)
    await socket.disconnect()


async def test_a_browser_that_takes_nothing_is_let_go(monkeypatch):
    monkeypatch.setattr(consumers, "STUCK_SECONDS", 0.05)

    async def stuck(self, text_data=None, bytes_data=None, close=False):
        await asyncio.sleep(60)

    monkeypatch.setattr(consumers.ExperimentConsumer, "send", stuck)
    _, socket, _, _ = await made()
    await socket.connect()

    assert await closed(socket) == 4408


async def test_a_failure_behind_the_socket_closes_it_for_the_browser_to_come_back(monkeypatch):
    def broken(**_):
        raise OSError("the disk is gone")

    monkeypatch.setattr(consumers, "first_paint_frame", broken)
    _, socket, _, _ = await made()
    await socket.connect()

    assert await closed(socket) == 1011


def with_words(socket):
    """The same browser at a server that can refuse a handshake with an answer."""
    socket.scope["extensions"] = {"websocket.http.response": {}}
    return socket


@sync_to_async
def another(run):
    return browser(run, run.owner)[0]


async def test_the_eleventh_socket_of_a_user_is_refused_before_it_opens_and_the_others_stay():
    run, *_ = await made()
    open_ones = [await another(run) for _ in range(10)]
    assert all([(await socket.connect())[0] for socket in open_ones])

    assert await (await another(run)).connect() == (False, 4429)

    await open_ones[0].disconnect()
    late = await another(run)
    assert (await late.connect())[0]
    for socket in [late, *open_ones[1:]]:
        await socket.disconnect()
    assert consumers.ExperimentConsumer.open_here == 0


async def test_a_refusal_says_why_and_when_to_come_back_where_the_server_can(monkeypatch):
    monkeypatch.setattr(limits, "SOCKETS_OF_USER", 0)
    _, socket, _, _ = await made()
    await with_words(socket).send_input({"type": "websocket.connect"})

    start, body = await socket.receive_output(5), await socket.receive_output(5)

    assert (start["type"], start["status"]) == ("websocket.http.response.start", 429)
    assert int(dict(start["headers"])[b"retry-after"]) > 0
    assert body["body"].startswith(b"At most 0 live connections of one user")
    await socket.disconnect()


async def test_a_process_has_an_end(monkeypatch):
    monkeypatch.setattr(consumers, "MOST_OF_PROCESS", 1)
    run, socket, _, _ = await made()
    await socket.connect()

    assert await (await another(run)).connect() == (False, 4429)

    await socket.disconnect()
    later = await another(run)
    assert (await later.connect())[0]
    await later.disconnect()


async def test_a_socket_that_breaks_while_it_opens_holds_no_place(monkeypatch):
    async def broken(self):
        raise OSError("away")

    monkeypatch.setattr(consumers.ExperimentConsumer, "accept", broken)
    run, socket, _, _ = await made()
    with pytest.raises(OSError, match="away"):
        await socket.connect()
        await socket.wait(5)

    assert consumers.ExperimentConsumer.open_here == 0
    assert len(await sync_to_async(limits.places_take)(user=run.owner, address="")) == 2


async def test_one_opening_more_than_a_minute_allows_is_refused(monkeypatch):
    assert (consumers.SOCKETS.most, consumers.SOCKETS.seconds) == (30, 60)
    monkeypatch.setattr(consumers, "SOCKETS", replace(consumers.SOCKETS, most=3))
    run, *_ = await made()
    for _ in range(3):
        socket = await another(run)
        assert (await socket.connect())[0]
        await socket.disconnect()

    assert await (await another(run)).connect() == (False, 4429)


async def test_a_socket_that_lasts_keeps_its_places(monkeypatch):
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.02)
    kept = []
    monkeypatch.setattr(consumers, "places_keep", lambda *, places: kept.append(places))
    _, socket, _, _ = await made()
    await socket.connect()
    await frame(socket)

    await asyncio.sleep(0.3)
    await socket.disconnect()

    assert len(kept) >= 2 and all(len(places) == 2 for places in kept)


async def test_a_browser_that_receives_no_message_hears_that_its_line_stands(monkeypatch):
    monkeypatch.setattr(consumers, "BEAT_SECONDS", 0.1)
    run, socket, _, _ = await made()
    await socket.connect()
    [snapshot] = await frame(socket)

    beats = [(await frame(socket))[0] for _ in range(3)]

    assert {(beat.type, beat.epoch, beat.seq) for beat in beats} == {
        ("beat", snapshot.epoch, run.seq)
    }
    await socket.disconnect()


async def test_a_lost_message_that_no_other_follows_is_made_good(monkeypatch):
    monkeypatch.setattr(consumers, "BEAT_SECONDS", 0.1)
    run, socket, _, _ = await made()
    await socket.connect()
    await frame(socket)

    await moved_on(run)
    received = [(await frame(socket))[0] for _ in range(6)]

    assert [(message.type, message.seq) for message in received if message.type != "beat"] == [
        ("snapshot", run.seq)
    ]
    await socket.disconnect()


async def test_who_leaves_while_something_is_said_is_no_error(monkeypatch, caplog):
    async def gone(self, text_data=None, bytes_data=None, close=False):
        raise ClientDisconnected

    monkeypatch.setattr(consumers.ExperimentConsumer, "send", gone)
    _, socket, _, _ = await made()
    with caplog.at_level(logging.DEBUG, "arena.live.consumers"):
        await socket.connect()
        for _ in range(200):
            if logged := [
                (record.levelname, record.exc_info)
                for record in caplog.records
                if record.name == "arena.live.consumers"
            ]:
                break
            await asyncio.sleep(0.05)
        await socket.disconnect()

    assert logged == [("DEBUG", None)]


async def test_a_message_is_read_once_for_all_who_watch(layer_of, valkey, monkeypatch):
    url, _ = valkey
    layer = layer_of("lineage_site.web.layer.Layer", hosts=[url])
    read = []
    monkeypatch.setattr(
        layer, "deserialize", lambda raw: read.append(raw) or type(layer).deserialize(layer, raw)
    )
    run, *_ = await made()
    sockets = [await another(run) for _ in range(5)]
    for socket in sockets:
        await socket.connect()
        await frame(socket)

    await sync_to_async(publish)(await moved_on(run))
    received = [(await frame(socket))[0] for socket in sockets]

    assert [message.seq for message in received] == [run.seq] * 5
    assert len(read) == 1
    for socket in sockets:
        await socket.disconnect()
    assert hub().groups == {}


NONSENSE = [
    b"",
    b"\xc1nonsense",
    b"x" * 10_000_000,
    msgpack.packb([1]),
    msgpack.packb({"type": "live.message"}),
    msgpack.packb({"type": "no"}),
]


@pytest.mark.parametrize("raw", NONSENSE, ids=len)
async def test_what_somebody_else_writes_into_the_layer_ends_nobody_s_socket(layer_of, valkey, raw):
    url, client = valkey
    layer_of("lineage_site.web.layer.Layer", hosts=[url])
    run, socket, _, _ = await made()
    await socket.connect()
    await frame(socket)

    client.publish(f"asgi__group__experiment.{run.uuid.hex}", raw)
    await sync_to_async(publish)(await moved_on(run))

    assert (await frame(socket))[0].seq == run.seq
    await socket.disconnect()


async def test_a_page_opens_and_catches_up_without_a_layer(layer_of, monkeypatch):
    monkeypatch.setattr(consumers, "BEAT_SECONDS", 0.1)
    layer_of("lineage_site.web.layer.Layer", hosts=["unix:///nowhere/redis.sock"])
    run, socket, _, _ = await made()

    assert (await socket.connect())[0]
    await frame(socket)
    await moved_on(run)
    received = [(await frame(socket))[0] for _ in range(6)]

    assert ("snapshot", run.seq) in [(message.type, message.seq) for message in received]
    await socket.disconnect()


async def test_a_socket_outlives_its_redis(layer_of, tmp_path, monkeypatch):
    monkeypatch.setattr(consumers, "BEAT_SECONDS", 0.2)
    path = tmp_path / "r.sock"
    server = valkey_start(path)
    layer_of("lineage_site.web.layer.Layer", hosts=[f"unix://{path}?db=0"])
    run, socket, _, _ = await made()
    await socket.connect()
    await frame(socket)

    server.kill()
    server.wait()
    await sync_to_async(publish)(await moved_on(run))
    kinds = [(await frame(socket))[0] for _ in range(8)]
    assert ("snapshot", run.seq) in [(message.type, message.seq) for message in kinds]

    server = valkey_start(path)
    received, until = set(), time.monotonic() + 20
    while "state" not in received and time.monotonic() < until:
        await sync_to_async(publish)(await moved_on(run))
        received |= {message.type for message in await frame(socket)}
    await socket.disconnect()
    server.kill()
    server.wait()
    assert "state" in received
