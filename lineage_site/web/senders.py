"""Whether a request comes from a user who is logged in or holds a token, read from its head
alone.
"""

from collections.abc import MutableMapping
from importlib import import_module
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie

from arena.services.people.tokens import token_user


async def known(scope: MutableMapping[str, Any]) -> bool:
    """Whether its session or its bearer token is a user's."""
    return await _known(dict(scope["headers"]))


@database_sync_to_async
def _known(headers: dict[bytes, bytes]) -> bool:
    scheme, _, secret = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        return token_user(secret=secret.strip()) is not None
    key = parse_cookie(headers.get(b"cookie", b"").decode("latin-1")).get(
        settings.SESSION_COOKIE_NAME
    )
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    return bool(key) and get_user(request).is_authenticated
