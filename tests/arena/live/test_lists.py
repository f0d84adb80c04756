"""A browser with the list of experiments open hears of its own experiments as they change, and of
no others.
"""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.contrib.auth.models import User
from django.test import Client

from arena.live import consumers, lists
from arena.live.hub import hub
from arena.models import Experiment
from arena.wire import messages
from tests.arena import world
from tests.arena.live.browser import Socket
from tests.arena.live.test_consumers import APPLICATION

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _in_memory(settings, monkeypatch):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    monkeypatch.setattr(lists, "ROWS_SECONDS", 0.02)
    monkeypatch.setattr(consumers, "SETTLE_SECONDS", 0.02)


@sync_to_async
def made(**fields):
    run = world.experiment(world.user(), rounds=1, **fields)
    world.user("eve")
    User.objects.create_superuser("root")
    return run


@sync_to_async
def browser(name):
    client = Client()
    client.force_login(User.objects.get(username=name))
    cookies = "; ".join(f"{key}={morsel.value}" for key, morsel in client.cookies.items())
    return Socket(APPLICATION, "/ws/experiments/", headers=[(b"cookie", cookies.encode())])


@sync_to_async
def change(run, **fields):
    Experiment.objects.filter(pk=run.pk).update(**fields)


async def tell(run):
    await get_channel_layer().group_send(messages.LISTS, messages.listed(run.uuid, run.owner_id))


async def heard(socket):
    [message] = messages.decode(await socket.receive_from(timeout=5))
    return message


@pytest.mark.parametrize("who", ["ada", "root"])
async def test_who_may_see_a_run_hears_how_it_stands_now(who):
    run = await made()
    socket = await browser(who)
    assert (await socket.connect())[0]

    await change(run, rounds_done=7, state="paused")
    await tell(run)

    message = await heard(socket)
    [row] = message.data["rows"]
    assert (message.type, message.data["gone"], row["uuid"]) == ("rows", [], str(run.uuid))
    assert (row["state"], row["cells"]["rounds"], row["percent"]) == ("paused", "7 of 10", 70)
    await socket.disconnect()


async def test_nobody_hears_of_what_is_anothers():
    run = await made()
    socket = await browser("eve")
    await socket.connect()

    await tell(run)
    # as if a prefilter were wrong: the database decides
    await get_channel_layer().group_send(
        messages.LISTS, messages.listed(run.uuid, (await sync_to_async(_eve)()).pk)
    )

    message = await heard(socket)
    assert (message.data["rows"], message.data["gone"]) == ([], [str(run.uuid)])
    await socket.disconnect()


def _eve():
    return User.objects.get(username="eve")


async def test_a_deleted_run_is_gone_and_many_changes_are_one_message():
    run = await made()
    socket = await browser("ada")
    await socket.connect()
    await change(run, removed_at=world.NOON)

    for _ in range(50):
        await tell(run)

    assert (await heard(socket)).data["gone"] == [str(run.uuid)]
    await asyncio.sleep(0.2)
    assert await socket.receive_nothing(0.2) or (await heard(socket)).data["rows"] == []
    await socket.disconnect()


async def test_where_nothing_changes_a_beat_says_that_the_line_stands(monkeypatch):
    monkeypatch.setattr(consumers, "BEAT_SECONDS", 0.05)
    await made()
    socket = await browser("ada")
    await socket.connect()

    assert (await heard(socket)).type == "beat"
    await socket.disconnect()


async def test_a_list_that_is_closed_leaves_nothing_behind_and_may_say_nothing():
    await made()
    socket = await browser("ada")
    await socket.connect()
    assert messages.LISTS in hub().groups

    await socket.send_to('{"type": "resync"}')
    answer = await socket.receive_output(5)

    assert (answer["type"], answer["code"]) == ("websocket.close", consumers.NONSENSE)
    await socket.disconnect()
    assert messages.LISTS not in hub().groups


@pytest.mark.parametrize(
    "event",
    [
        {"type": messages.LISTED},
        {"type": messages.LISTED, "experiment": "x", "owner": 1},
        {"type": messages.LISTED, "experiment": 7, "owner": 1},
        {"type": messages.LISTED, "experiment": "0" * 32, "owner": "1"},
    ],
)
def test_what_says_no_experiment_is_no_event(event):
    assert not messages.is_event(event)
