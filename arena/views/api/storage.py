"""What is stored of the caller's, and what is being deleted."""

from ninja import Router

from arena.models import Removal
from arena.people.actions import Action
from arena.selectors.belongings import removals_visible
from arena.selectors.machine.storage import storage_limit, stored_bytes
from arena.views.api import shapes
from arena.views.api.auth import ApiRequest, calling

router = Router(tags=["storage"])
MOST = 100


@router.get("", response=shapes.Storage, summary="Disk used")
def storage(request: ApiRequest) -> dict[str, int]:
    """By your experiments and markets, and how much you may fill."""
    calling(request, Action.SITE_READ)
    return {"used": stored_bytes(owner_id=request.auth.pk), "limit": storage_limit()}


@router.get("/removals", response=list[shapes.Removal], summary="Deletions")
def removals(request: ApiRequest) -> list[Removal]:
    """The latest of yours, newest first."""
    calling(request, Action.SITE_READ)
    return list(removals_visible(user=request.auth)[:MOST])
