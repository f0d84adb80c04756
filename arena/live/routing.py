"""Websocket addresses; to be mounted under the origin check and the session login of the ASGI
application.
"""

from typing import Any

from channels.security.websocket import WebsocketDenier
from django.urls import path, re_path

from arena.live.consumers import ExperimentConsumer
from arena.live.lists import ListConsumer


async def nowhere(scope: Any, receive: Any, send: Any) -> None:
    """A socket that leads nowhere is refused, like a page that is not there."""
    await WebsocketDenier()(scope, receive, send)


websocket_urlpatterns = [
    path("ws/experiments/", ListConsumer.as_asgi(), name="socket_list"),
    path(
        "ws/experiments/<uuid:experiment_uuid>/",
        ExperimentConsumer.as_asgi(),
        name="socket_experiment",
    ),
    # the stubs know only views behind an address
    re_path(r"", nowhere, name="socket_nowhere"),  # type: ignore[arg-type]
]
