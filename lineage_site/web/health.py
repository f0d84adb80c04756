"""Is the process up (healthz), and can the site do its work (readyz)."""

import sqlite3
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from arena.people.actions import Action
from arena.people.may import may
from arena.selectors.machine.room import is_room
from arena.selectors.waiting import is_work_done
from lineage_site.environment import env
from lineage_site.queue.heartbeat import TIMER, TURN, WORKER, client, is_heard

# a probe does not wait as long as work does
PATIENCE_MS = 1000


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 where everything is there, else 503; {"ready": bool}, and for who looks after the site
    {part: bool}.

    database: it can be read; writer: and written within a second; disk: there is room for more than
    the reserve; queue: what waits for its turn is taken up; turns: a worker has lately done what it
    was sent, or gets on with it; redis, worker and timer were heard of lately.
    """
    parts = {name: _holds(check) for name, check in CHECKS.items()}
    ready = all(parts.values())
    answer = {"ready": ready} | (parts if _looks_after(request) else {})
    return JsonResponse(answer, status=200 if ready else 503)


def _looks_after(request: HttpRequest) -> bool:
    """Staff; and on a site that is for this machine alone, who asks from it and not through a
    proxy.
    """
    here = (
        request.META.get("REMOTE_ADDR") in env.LOOPBACK
        and "HTTP_X_FORWARDED_FOR" not in request.META
    )
    if here and not settings.PUBLIC_ORIGINS and settings.HOST in env.LOOPBACK:
        return True
    return is_operator(request)


def is_operator(request: HttpRequest) -> bool:
    """Whether a user asks who may look after the site."""
    return _holds(lambda: may(request.user, Action.SITE_HEALTH))


def _holds(check: Callable[[], object]) -> bool:
    try:
        return bool(check())
    except (DatabaseError, sqlite3.Error, redis.RedisError, OSError):
        return False


def _database() -> object:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone()


def _writer() -> bool:
    """Whether a transaction that writes can begin: a worker that was stopped in the midst of one
    would keep all others out.
    """
    if connection.vendor != "sqlite":
        return True
    name = str(connection.settings_dict["NAME"])
    with sqlite3.connect(
        name, timeout=PATIENCE_MS / 1000, isolation_level=None, uri=name.startswith("file:")
    ) as own:
        own.execute("BEGIN IMMEDIATE")
        own.execute("ROLLBACK")
    own.close()
    return True


def _redis() -> object:
    with client() as server:
        return server.ping()


def _heard(name: str) -> Callable[[], bool]:
    def check() -> bool:
        with client() as server:
            return is_heard(server, name)

    return check


CHECKS: dict[str, Callable[[], object]] = {
    "database": _database,
    "writer": _writer,
    "disk": is_room,
    "redis": _redis,
    "worker": _heard(WORKER),
    "turns": _heard(TURN),
    "timer": _heard(TIMER),
    "queue": is_work_done,
}
