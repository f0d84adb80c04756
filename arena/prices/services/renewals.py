"""Brings a basket up to date: each part from where it came from, then all put together anew of what
they have in common.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from arena.errors import BasketRefused
from arena.prices.models import LONGEST_FAULT, BasketRenewal, ImportState, MarketData, MarketImport
from arena.prices.services.baskets import basket_look, basket_store
from arena.prices.services.imports import import_again
from ml.checkpoint import CheckpointError


@transaction.atomic
def renewal_begin(
    *, basket: MarketData, feeds: Sequence[MarketImport], owner: Any, now_ms: int
) -> BasketRenewal:
    """An import for each of `feeds`, those that the parts came from, in the order of the symbols;
    all or none. ImportRefused.
    """
    row = BasketRenewal.objects.create(basket=basket, owner=owner, created_at=timezone.now())
    for feed in feeds:
        import_again(row=feed, owner=owner, now_ms=now_ms, renewal=row)
    return row


def renewal_go_on(*, renewal_id: int) -> None:
    """Put the basket together where the last of its parts has come; within the transaction that
    brought it.
    """
    # of two that end at the same time, the second sees the first
    row = BasketRenewal.objects.select_for_update().get(pk=renewal_id)
    imports = list(row.imports.select_related("market").order_by("pk"))
    brought = [each.market for each in imports if each.state == ImportState.DONE and each.market]
    if len(brought) < len(imports):
        return
    try:
        basket = basket_look(parts=brought, most_bars=None)
        row.market, row.reason = (
            basket_store(basket=basket, name=row.basket.name, owner=row.owner),
            "",
        )
    except (BasketRefused, CheckpointError) as error:
        row.reason = str(error)[:LONGEST_FAULT]
    row.save(update_fields=["market", "reason"])
