"""Keeps count of what experiments take of the disk, and says where a user has filled their
share.
"""

from django.contrib.auth.models import User
from django.db.models import F, Sum
from django.db.models.functions import Length

from agents.models import Scar, Trade
from arena.engine import packing
from arena.engine.results import BlockResult
from arena.models import BlockRun, BlockState, Experiment
from arena.selectors.machine.storage import is_full, storage_words
from arena.store import files

# of a trade or scar with its indices, about
ROW_BYTES = 200
REMEDY = (
    "delete an experiment or a market that is no longer needed, or ask an administrator for more"
)


def storage_add(*, experiment_id: int, size: int) -> None:
    """Count so many bytes more, or fewer, for an experiment."""
    if size:
        Experiment.objects.filter(pk=experiment_id).update(stored_bytes=F("stored_bytes") + size)


def bytes_of_rows(*, result: BlockResult) -> int:
    """What a block's results take in the database, about; two digests of 32 bytes an agent among
    it.
    """
    packed = len(packing.pack_figures(result.figures)) + len(packing.pack_actions(result.actions))
    return packed + 2 * result.digests.nbytes + ROW_BYTES * (len(result.trades) + len(result.scars))


def storage_measured(*, experiment: Experiment) -> int:
    """Bytes of an experiment's own folder, and of its rows as they were counted when they were
    written; it looks at all of them.
    """
    own = BlockRun.objects.filter(round__experiment=experiment, state=BlockState.DONE)
    packed = own.aggregate(
        figures=Sum(Length("figures")), actions=Sum(Length("actions")), shown=Sum(Length("shown"))
    )
    rows = sum(
        model.objects.filter(agent__experiment=experiment).count() for model in (Trade, Scar)
    )
    stored = sum(
        files.size(name) for name in files.within(files.experiment_folder(experiment.uuid))
    )
    return (
        stored
        + sum(each or 0 for each in packed.values())
        + (packed["shown"] or 0)
        + ROW_BYTES * rows
    )


def storage_refusal(*, owner: User | None) -> str:
    """Why nothing new is stored for `owner`, "" where there is room; no owner, and the command
    line, has no share.
    """
    if owner is None or not is_full(owner_id=owner.pk):
        return ""
    return f"your share of the disk is full ({storage_words(user=owner)}): {REMEDY}"
