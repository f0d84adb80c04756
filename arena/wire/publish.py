"""Says a message to everybody who watches an experiment; may lose it, never waits longer than a
second, never raises.
"""

import logging
import time
from functools import lru_cache
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from arena.wire import messages

logger = logging.getLogger(__name__)
TIMEOUT = 0.5  # seconds, to connect and again to send
REST = (
    2.0  # seconds without a try after a failure, so that a dead Redis does not slow the arena down
)

_silent_until = {"monotonic": 0.0}


def publish(message: messages.Message) -> None:
    """Tell the group of the message's experiment; call it after the commit of what it tells."""
    _send(f"experiment.{message.experiment.replace('-', '')}", messages.event(message))


def publish_listed(experiment_uuid: UUID, owner_id: int | None) -> None:
    """Tell all lists that something else is shown of an experiment; call it after the commit."""
    _send(messages.LISTS, messages.listed(experiment_uuid, owner_id))


def publish_recheck(user_id: int) -> None:
    """Tell all sockets of a user to ask again whether they may still watch."""
    _send(messages.viewer_group(user_id), {"type": messages.RECHECK})


def _send(group: str, event: dict[str, Any]) -> None:
    if time.monotonic() < _silent_until["monotonic"]:
        return
    try:
        _group_send(group, event)
    except (
        Exception
    ) as error:  # whatever is wrong with the layer, the round that was committed must go on
        _silent_until["monotonic"] = time.monotonic() + REST
        logger.warning("live message to %s dropped: %s: %s", group, type(error).__name__, error)


def _group_send(group: str, event: dict[str, Any]) -> None:
    """group_send of the layer; with the Pub/Sub layer through one lasting client, where the layer
    itself opens a connection per call.
    """
    layer = get_channel_layer()
    if isinstance(layer, RedisPubSubChannelLayer):
        config = settings.CHANNEL_LAYERS["default"]["CONFIG"]
        _client(config["hosts"][0]).publish(
            f"{config.get('prefix', 'asgi')}__group__{group}", layer.serialize(event)
        )
    else:
        async_to_sync(layer.group_send)(group, event)


@lru_cache(maxsize=4)
def _client(url: str) -> Redis:
    """Fork-safe: its pool notices a new process id."""
    return Redis.from_url(
        url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=Retry(NoBackoff(), 0)
    )
