"""Keeps count of what experiments take of the disk, and says where somebody has filled their share."""

from django.db.models import F

from arena.engine.results import BlockResult
from arena.models import Experiment
from arena.selectors.storage import is_full, storage_words

# of a trade or scar with its indices, about
ROW_BYTES = 300
DIGESTS_BYTES, ACTIONS_A_BYTE = 64, 4
REMEDY = "delete an experiment or a market that is no longer needed, or ask an administrator for more"


def storage_add(*, experiment_id: int, size: int) -> None:
    """Count so many bytes more, or fewer, for an experiment."""
    if size:
        Experiment.objects.filter(pk=experiment_id).update(stored_bytes=F("stored_bytes") + size)


def bytes_of_rows(*, result: BlockResult) -> int:
    """What a block's results take in the database, about."""
    packed = result.figures.nbytes + result.actions.size // ACTIONS_A_BYTE + DIGESTS_BYTES * len(result.digests)
    return packed + ROW_BYTES * (len(result.trades) + len(result.scars))


def storage_refusal(*, owner: object) -> str:
    """Why nothing new is stored for `owner`, "" where there is room; nobody, and the command line, has no share."""
    if owner is None or not is_full(owner_id=owner.pk):
        return ""
    return f"your share of the disk is full ({storage_words(user=owner)}): {REMEDY}"
