"""Compares the storage with the rows: files that no row points to, files that rows miss, counts of
the disk that are off.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from arena.models import BlockRun, BlockState, Experiment, MarketData, Removal, RemovalState
from arena.selectors.machine import keeping
from arena.services.records.storage import storage_measured
from arena.services.removal.removing import files_needed, files_of_rows
from arena.store import files
from arena.work.claims import MOST_ATTEMPTS
from arena.work.leases import LEASE

# what is younger may belong to work whose rows are not committed yet; an hour is far more than any
# claim lives
YOUNG = max(timedelta(hours=1), LEASE * MOST_ATTEMPTS * 2)


class Stray(NamedTuple):
    """A file that no row points to, or that none will be asked for."""

    name: str
    size: int


class Miscount(NamedTuple):
    """An experiment or market whose count of the disk is off."""

    row: Experiment | MarketData
    right: int


def strays() -> Iterator[Stray]:
    """Files without rows, older than any claim lives."""
    known: dict[UUID | None, Experiment] = {row.uuid: row for row in Experiment.objects.all()}
    going = set(Removal.objects.exclude(state=RemovalState.DONE).values_list("uuid", flat=True))
    for name in files.folders(files.EXPERIMENTS):
        experiment = known.get(_uuid(name))
        if _uuid(name) in going:
            # a removal is at it, and will be at what it left when it goes on
            continue
        wanted = files_wanted(experiment=experiment) if experiment else frozenset()
        yield from _strays(f"{files.EXPERIMENTS}/{name}", wanted)
    yield from _strays(files.MARKETS, frozenset(MarketData.objects.values_list("file", flat=True)))


def missing() -> Iterator[str]:
    """Files that rows point to and that are not there: what was in them can be played again, or
    brought back from a backup.
    """
    for experiment in Experiment.objects.filter(removed_at=None).order_by("pk"):
        for name in sorted(files_wanted(experiment=experiment, shared=False)):
            if not files.exists(name):
                yield f"{experiment.name} ({experiment.uuid}) misses {name}"
    for market in MarketData.objects.filter(removed_at=None).order_by("pk"):
        if not files.exists(market.file):
            yield f"market {market.pk}, {market.name}, misses {market.file}: bring its file again"


def miscounts() -> Iterator[Miscount]:
    """Experiments and markets of which more or less is stored than was counted."""
    for experiment in Experiment.objects.filter(removed_at=None).order_by("pk"):
        right = storage_measured(experiment=experiment)
        if right != experiment.stored_bytes:
            yield Miscount(experiment, right)
    for market in MarketData.objects.filter(removed_at=None).order_by("pk"):
        if (right := files.size(market.file)) != market.stored_bytes:
            yield Miscount(market, right)


def strays_remove(*, found: list[Stray]) -> int:
    """Delete them, but for those that a row has come to point to meanwhile; bytes freed."""
    still = {stray.name for stray in strays()}
    return files.remove(*(stray.name for stray in found if stray.name in still))


def miscounts_mend(*, found: list[Miscount]) -> None:
    """Write the right counts down; an experiment that goes on has counted more meanwhile, and is
    left for the next time.
    """
    for each in found:
        rows = type(each.row).objects.filter(pk=each.row.pk, stored_bytes=each.row.stored_bytes)
        rows.update(stored_bytes=each.right)


def files_wanted(*, experiment: Experiment, shared: bool = True) -> frozenset[str]:
    """Files in an experiment's own folder that it keeps, and with `shared` those that its forks are
    shown from.
    """
    own, done, every = (
        files.experiment_folder(experiment.uuid),
        experiment.rounds_done,
        experiment.keep_every,
    )
    found = {
        name
        for name in files_of_rows(experiment_id=experiment.pk)
        if not name.endswith((files.WEIGHTS, files.MEMORY))
    }
    runs = BlockRun.objects.filter(round__experiment=experiment, state=BlockState.DONE).order_by()
    for index, stem in runs.values_list("round__index", "checkpoint").iterator():
        if keeping.is_whole(index, done, every):
            found.add(stem + files.WEIGHTS)
        if keeping.is_kept(index, done, experiment.population, every):
            found.add(stem + files.MEMORY)
    found = {name for name in found if name.startswith(own)}
    return frozenset(found) | (files_needed(experiment_id=experiment.pk) if shared else frozenset())


def _strays(folder: str, wanted: frozenset[str]) -> Iterator[Stray]:
    for name in files.within(folder):
        if name not in wanted and files.age(name) > YOUNG:
            yield Stray(name, files.size(name))


def _uuid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
