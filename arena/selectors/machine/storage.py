"""How much of the disk an owner's experiments and markets take, by counters that each commit keeps
up to date.
"""

from typing import Any

from django.conf import settings
from django.db.models import Sum

from arena.models import Experiment, MarketData
from arena.selectors.words import size_words

MEGABYTE = 1_000_000


def stored_bytes(*, owner_id: int | None) -> int:
    """Of all that an owner has, what is being deleted among it: it is not gone yet."""
    found = [
        model.objects.filter(owner=owner_id).aggregate(sum=Sum("stored_bytes"))["sum"]
        for model in (Experiment, MarketData)
    ]
    return sum(each or 0 for each in found)


def storage_limit() -> int:
    """Bytes that anybody may fill; 0 for no limit."""
    return settings.DISK_PER_USER_MB * MEGABYTE


def storage_words(*, user: Any) -> str:
    """ "12 MiB of 4.7 GiB used"."""
    used, most = size_words(stored_bytes(owner_id=user.pk)), storage_limit()
    return f"{used} of {size_words(most)} used" if most else f"{used} used"


def is_full(*, owner_id: int | None) -> bool:
    """Whether an owner has reached the limit; what has no owner has no limit."""
    return owner_id is not None and 0 < storage_limit() <= stored_bytes(owner_id=owner_id)
