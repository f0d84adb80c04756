"""Every socket, tried by everybody."""

import pytest
from asgiref.sync import sync_to_async

from arena.live.routing import websocket_urlpatterns
from tests.arena.live.browser import Socket
from tests.arena.live.test_consumers import APPLICATION
from tests.doors import table, visitors
from tests.doors.table import PEOPLE

pytestmark = pytest.mark.django_db(transaction=True)
PATHS = {
    "socket_list": "/ws/experiments/",
    "socket_experiment": "/ws/experiments/{}/",
    "socket_nowhere": "/ws/nothing/{}",
}


def test_every_socket_has_a_row_and_every_row_a_socket():
    assert {pattern.name for pattern in websocket_urlpatterns} == set(table.SOCKETS) == set(PATHS)


def cookies(stage):
    """{kind: the header of its browser}."""
    found = {}
    for kind in PEOPLE:
        jar = stage.browser(kind).cookies.items()
        found[kind] = "; ".join(f"{name}={morsel.value}" for name, morsel in jar).encode()
    stage.users["inactive"].is_active = False
    stage.users["inactive"].save()
    return found


async def test_everybody_watches_what_they_may_and_nothing_else():
    stage = await sync_to_async(visitors.stage)()
    wrong = []
    for kind, cookie in (await sync_to_async(cookies)(stage)).items():
        for name, path in PATHS.items():
            socket = Socket(APPLICATION, path.format(stage.run.uuid), headers=[(b"cookie", cookie)])
            let_in, _ = await socket.connect()
            wrong += [f"{name}: {kind} {let_in}"] if let_in != (kind in table.SOCKETS[name]) else []
            await socket.disconnect()

    assert wrong == []
