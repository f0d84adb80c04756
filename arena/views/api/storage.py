"""What is stored of the caller's, and what is being deleted."""

from django.http import HttpRequest
from ninja import Router

from arena.models import Removal
from arena.selectors.belongings import removals_visible
from arena.selectors.storage import storage_limit, stored_bytes
from arena.views.api import shapes

router = Router(tags=["storage"])
MOST = 100


@router.get("", response=shapes.Storage, summary="Disk used")
def storage(request: HttpRequest) -> dict[str, int]:
    """By your experiments and markets, and how much you may fill."""
    return {"used": stored_bytes(owner_id=request.auth.pk), "limit": storage_limit()}


@router.get("/removals", response=list[shapes.Removal], summary="Deletions")
def removals(request: HttpRequest) -> list[Removal]:
    """The latest of yours, newest first."""
    return list(removals_visible(user=request.auth)[:MOST])
