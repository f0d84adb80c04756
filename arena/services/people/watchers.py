"""Makes the sockets of a user ask again whether they may watch, as soon as the user logs out or is
changed.
"""

from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.db.models.signals import post_save

from arena.wire.publish import publish_recheck

ON_EVERY_LOGIN = frozenset({"last_login"})


def connect() -> None:
    """To be called once, when the apps are ready."""
    user_logged_out.connect(_logged_out, dispatch_uid="arena.watchers")
    post_save.connect(_changed, sender=get_user_model(), dispatch_uid="arena.watchers")


def _logged_out(user: Any, **_: Any) -> None:
    if user is not None:
        transaction.on_commit(partial(publish_recheck, user.pk))


def _changed(instance: Any, created: bool, update_fields: frozenset[str] | None, **_: Any) -> None:
    if not created and update_fields != ON_EVERY_LOGIN:
        transaction.on_commit(partial(publish_recheck, instance.pk))
