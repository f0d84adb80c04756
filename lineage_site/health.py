"""Is the process up (healthz), and can it do its work (readyz): database, Redis, a live worker."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from arena.people.actions import Action
from arena.people.may import may
from lineage_site import env
from lineage_site.heartbeat import KEY


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 where everything is there, else 503; {"ready": bool}, and for who looks after the site what is there and what not."""
    parts = {"database": _holds(_database), "redis": _holds(_redis), "worker": _holds(_worker)}
    ready = all(parts.values())
    told = {"ready": ready} | (parts if _looks_after(request) else {})
    return JsonResponse(told, status=200 if ready else 503)


def _looks_after(request: HttpRequest) -> bool:
    """Staff; and on a site that is for this machine alone, whoever asks from it and not through a proxy."""
    here = request.META.get("REMOTE_ADDR") in env.LOOPBACK and "HTTP_X_FORWARDED_FOR" not in request.META
    if here and not settings.PUBLIC_ORIGINS and settings.HOST in env.LOOPBACK:
        return True
    return _holds(lambda: may(request.user, Action.SITE_HEALTH))


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
