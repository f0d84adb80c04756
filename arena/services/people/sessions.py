"""Where a user is logged in: noted once a minute, ended by its user, by staff, and by itself after
a day without a visit.
"""

from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.utils import timezone
from redis.exceptions import RedisError

from arena.people.models import LONGEST_ADDRESS, LONGEST_DETAIL, EventKind, SeenSession
from arena.services.people.events import event_record
from arena.wire.publish import publish_recheck

NOTED_EVERY = 60
IDLE = timedelta(hours=24)


def session_note(*, user: Any, key: str, address: str, device: str) -> bool:
    """Note that a session is in use, at most once a minute; False where it had been idle for too
    long, and is now ended.
    """
    if not _due(key):
        return True
    now = timezone.now()
    row = SeenSession.objects.filter(key=key).first()
    if row is not None and row.user_id == user.pk and now - row.seen_at > IDLE:
        sessions_end(user=user, keys=[key], why="nobody had come for a day")
        return False
    columns = {
        "user": user,
        "device": device[:LONGEST_DETAIL],
        "address": address[:LONGEST_ADDRESS],
        "seen_at": now,
    }
    SeenSession.objects.update_or_create(
        key=key, defaults=columns, create_defaults={**columns, "since": now}
    )
    return True


def sessions_end(
    *, user: Any, keys: list[str] | None = None, besides: str = "", why: str = ""
) -> int:
    """End those of a user's sessions with these keys (None: all), `besides` one; how many there
    were.
    """
    rows = SeenSession.objects.filter(user=user).exclude(key=besides)
    ending = list(
        (rows if keys is None else rows.filter(key__in=keys)).values_list("key", flat=True)
    )
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for key in ending:
        store(key).delete()
    SeenSession.objects.filter(key__in=ending).delete()
    if ending:
        event_record(
            kind=EventKind.SESSION_ENDED, user=user, detail=why or f"{len(ending)} of them"
        )
        publish_recheck(user.pk)
    return len(ending)


def sessions_of(*, user: Any) -> list[SeenSession]:
    """Those that still stand, the latest first; what has ended by itself is forgotten."""
    now = timezone.now()
    SeenSession.objects.filter(
        user=user, since__lt=now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    ).delete()
    return list(SeenSession.objects.filter(user=user, seen_at__gt=now - IDLE))


def _due(key: str) -> bool:
    """Whether a minute has passed; a cache that is away costs a write, and nothing else."""
    try:
        return caches["default"].add(f"seen:{key}", 1, NOTED_EVERY)
    except RedisError:
        return caches["own"].add(f"seen:{key}", 1, NOTED_EVERY)
