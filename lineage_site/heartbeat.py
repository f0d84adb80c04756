"""A worker says every few seconds that it lives; readyz looks whether one did lately."""

import logging

import redis
from celery.signals import heartbeat_sent, worker_ready
from django.conf import settings

from lineage_site import sites

KEY = f"{settings.SITE}:worker"
SECONDS = 15
log = logging.getLogger(__name__)


@worker_ready.connect
@heartbeat_sent.connect
def beat(**_: object) -> None:
    """Renews a key that fades after SECONDS; a Redis that is away is a matter for the worker, not for its heartbeat."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            client.set(KEY, 1, ex=SECONDS)
            sites.hold(client)
    except sites.Taken as problem:
        log.error("%s", problem)
    except redis.RedisError as problem:
        log.warning("no heartbeat: %s", problem)
