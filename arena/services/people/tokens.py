"""Tokens with which scripts call the API in a user's name: shown once, kept as a hash, good for
some things and for some time.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from arena.models import ApiToken
from arena.people.actions import Action, Scope
from arena.people.may import allowed
from arena.people.models import EventKind
from arena.services.people.events import event_record

PREFIX = "lineage_"
SHOWN = len(PREFIX) + 4
# a write for every call would make reading as costly as writing
USE_NOTED_EVERY = timedelta(minutes=1)
DAYS = 90
MOST_DAYS = 366
MOST_OF_USER = 50


class TokenRefused(ValueError):
    """A token that cannot be made; the text says why and what to do."""


def token_create(
    *, user: Any, name: str, scopes: Iterable[Scope] = tuple(Scope), days: int = DAYS
) -> tuple[ApiToken, str]:
    """(row, secret); the secret is nowhere kept. TokenRefused where the user has MOST_OF_USER
    already.
    """
    now = timezone.now()
    if user.api_tokens.filter(Q(ends_at=None) | Q(ends_at__gt=now)).count() >= MOST_OF_USER:
        raise TokenRefused(f"{MOST_OF_USER} tokens are the most: revoke one that is not needed.")
    secret = PREFIX + secrets.token_urlsafe(32)
    good_for = [scope.value for scope in Scope if scope in set(scopes) | {Scope.READ}]
    row = ApiToken.objects.create(
        user=user,
        name=name[:80] or "token",
        begins=secret[:SHOWN],
        sha256=_hash(secret),
        scopes=good_for,
        created_at=now,
        ends_at=now + timedelta(days=days),
    )
    event_record(
        kind=EventKind.TOKEN_MADE,
        user=user,
        detail=f"{row.begins}… {row.name}: {', '.join(good_for)}, {days} days",
    )
    return row, secret


def token_revoke(*, user: Any, token_id: int) -> bool:
    """Whether the user might, and it is now gone."""
    row = (
        allowed(user, Action.TOKEN_REVOKE, ApiToken.objects.select_related("user"))
        .filter(pk=token_id)
        .first()
    )
    if row is None:
        return False
    row.delete()
    event_record(kind=EventKind.TOKEN_REVOKED, user=row.user, detail=f"{row.begins}… {row.name}")
    return True


def tokens_end(*, user: Any) -> int:
    """All of a user's; how many there were."""
    count = ApiToken.objects.filter(user=user).delete()[0]
    if count:
        event_record(kind=EventKind.TOKEN_REVOKED, user=user, detail=f"all {count}")
    return count


def token_user(*, secret: str) -> Any:
    """The active user the token speaks for, with what it is good for as `scopes`; None for any
    other text, and after its end.
    """
    now = timezone.now()
    row = ApiToken.objects.select_related("user").filter(sha256=_hash(secret)).first()
    if row is None or (why := _why_not(row, now)):
        event_record(
            kind=EventKind.TOKEN_REFUSED,
            user=row and row.user,
            detail=f"{row.begins}… {why}" if row else "unknown",
        )
        return None
    if row.used_at is None:
        event_record(kind=EventKind.TOKEN_USED, user=row.user, detail=f"{row.begins}… {row.name}")
    if row.used_at is None or now - row.used_at > USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=row.pk).update(used_at=now)
    # only for this call; who comes with a session has no such attribute
    row.user.scopes = frozenset(row.scopes)  # type: ignore[attr-defined]
    return row.user


def _why_not(row: ApiToken, now: datetime) -> str:
    if not row.user.is_active:
        return "of an account that is closed"
    return "has ended" if row.ends_at is not None and row.ends_at <= now else ""


def _hash(secret: str) -> str:
    """Plain SHA-256: a secret of 256 random bits cannot be guessed, however fast the hash."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
