"""Keys of price providers that staff store: sealed in the database, opened only to ask the provider
they are for.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from arena.prices.models import ProviderKey
from arena.prices.providers.faults import Refused
from arena.prices.providers.registry import TITLES
from arena.sealing import Unreadable, seal, unseal

SHOWN = 4


@transaction.atomic
def key_store(*, provider: str, key: str, who: Any) -> ProviderKey:
    """Keep a provider's key, in the place of the one before."""
    columns = {
        "sealed": seal(key, _place(provider)),
        "ends": key[-SHOWN:],
        "stored_by": who,
        "stored_at": timezone.now(),
    }
    row, _ = ProviderKey.objects.update_or_create(provider=provider, defaults=columns)
    return row


def key_read(*, provider: str) -> str:
    """The key that was stored, "" where there is none. Refused where it cannot be opened: better
    than to go on without it unnoticed.
    """
    row = ProviderKey.objects.filter(provider=provider).first()
    try:
        return unseal(bytes(row.sealed), _place(provider)) if row else ""
    except Unreadable as error:
        raise Refused(
            f"the stored key of {TITLES.get(provider, provider)} {error}; enter it again in the"
            " admin"
        ) from None


def _place(provider: str) -> str:
    return f"provider key: {provider}"
