"""Tokens with which scripts call the API in a user's name: shown once, kept as a hash."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.utils import timezone

from arena.models import ApiToken

PREFIX = "lineage_"
SHOWN = len(PREFIX) + 4
# a write for every call would make reading as dear as writing
USE_NOTED_EVERY = timedelta(minutes=1)


def token_create(*, user: Any, name: str) -> tuple[ApiToken, str]:
    """(row, secret); the secret is nowhere kept."""
    secret = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        user=user, name=name[:80] or "token", begins=secret[:SHOWN], sha256=_hash(secret), created_at=timezone.now()
    )
    return row, secret


def token_revoke(*, user: Any, token_id: int) -> bool:
    """Whether it was the user's and is now gone."""
    return ApiToken.objects.filter(user=user, pk=token_id).delete()[0] > 0


def token_user(*, secret: str) -> Any:
    """The active user the token speaks for, None for any other text."""
    row = ApiToken.objects.select_related("user").filter(sha256=_hash(secret), user__is_active=True).first()
    if row is None:
        return None
    now = timezone.now()
    if row.used_at is None or now - row.used_at > USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=row.pk).update(used_at=now)
    return row.user


def _hash(secret: str) -> str:
    """Plain SHA-256: a secret of 256 random bits cannot be guessed, however fast the hash."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
