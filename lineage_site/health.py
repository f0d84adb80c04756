"""Is the process up (healthz), and can it do its work (readyz): database, Redis, a live worker."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from lineage_site.heartbeat import KEY


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 where everything is there, else 503; {"database": bool, "redis": bool, "worker": bool} either way."""
    parts = {"database": _holds(_database), "redis": _holds(_redis), "worker": _holds(_worker)}
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


def _holds(check: Callable[[], object]) -> bool:
    try:
        return bool(check())
    except (DatabaseError, redis.RedisError, OSError):
        return False


def _database() -> object:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone()


def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


def _redis() -> object:
    with _client() as client:
        return client.ping()


def _worker() -> object:
    with _client() as client:
        return client.exists(KEY)
