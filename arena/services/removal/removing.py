"""Deletes what hangs on an experiment or a market, a few rows or files a step.

Each step is a short transaction under the fence, and others get the database for as long as it took
before the next: a million trades never hold the one writer. A step that was not committed is taken
again; what was deleted is not looked for twice.
"""

import logging
import time
from collections.abc import Callable, Iterator
from itertools import islice

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from agents.models import Agent, LineageEdge, Scar, Trade
from arena.errors import WrongState
from arena.models import (
    Acceptance,
    BasketRenewal,
    BlockRun,
    Evaluation,
    Experiment,
    FirstPaint,
    Intervention,
    Judgement,
    MarketData,
    MarketImport,
    NullWorld,
    Removal,
    RemovalState,
    Removed,
    Round,
    RoundSummary,
    Seal,
)
from arena.prices.services.markets import bars_lock
from arena.selectors.belongings import descendants
from arena.services.records.storage import storage_add, storage_measured
from arena.services.removal.removals import market_remove, removal_again
from arena.store import files, worlds
from arena.work.claims import Claim, claim_done, claim_progress, claim_yield

# one task's share; then others have their turn
SLICE_SECONDS = 5.0
ROWS, BLOBS, FILES = 2000, 50, 200
# agents whose rows are deleted together, so that none that has no rows left is asked again
AGENTS = 50
# the next step waits as long as the last one took, so that others get to write
LONGEST_NAP = 0.25

logger = logging.getLogger(__name__)


def removal_run(claim: Claim, *, seconds: float = SLICE_SECONDS) -> None:
    """Work on a removal for a while, and have another turn where there is more. StaleFence."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        if not removal_step(claim=claim):
            return
        time.sleep(min(time.monotonic() - began, LONGEST_NAP))
    claim_yield(claim)


def removal_step(*, claim: Claim) -> bool:
    """One committed step; False after the last. StaleFence."""
    removal = Removal.objects.get(pk=claim.subject)
    with transaction.atomic():
        rows = (
            _experiment_rows(removal)
            if removal.kind == Removed.EXPERIMENT
            else _market_rows(removal)
        )
        claim_progress(claim)
        Removal.objects.filter(pk=removal.pk).update(rows=removal.rows + rows, reason="")
    if rows:
        return True
    if removal.kind == Removed.EXPERIMENT and _files(removal):
        claim_progress(claim)
        return True
    _finish(claim, removal)
    return False


def _experiment_rows(removal: Removal) -> int:
    """Delete some rows of an experiment, those first that others refer to; how many. Of one that
    has forks, people's changes stay.
    """
    pk, held = (
        removal.subject_id,
        Experiment.objects.filter(forked_from=removal.subject_id).exists(),
    )
    steps: list[Callable[[], int]] = [
        lambda: _delete(Evaluation, ROWS, experiment=pk),
        lambda: _delete(Judgement, ROWS, experiment=pk),
        lambda: _delete(NullWorld, BLOBS, experiment=pk),
        lambda: 0 if held else _delete(Intervention, ROWS, experiment=pk),
        lambda: _agents(pk),
        lambda: _delete(BlockRun, BLOBS, round__experiment=pk),
        lambda: _delete(RoundSummary, BLOBS, round__experiment=pk),
        lambda: _delete(FirstPaint, ROWS, experiment=pk),
        lambda: _delete(Round, ROWS, experiment=pk),
    ]
    return next(filter(None, (step() for step in steps)), 0)


def _agents(experiment_id: int) -> int:
    """Some rows of the first agents, then these; an agent whom a change that stays is about stays
    with it.
    """
    left = Agent.objects.filter(experiment=experiment_id, interventions=None)
    front = list(left.order_by("number").values_list("pk", flat=True)[:AGENTS])
    if not front:
        return 0
    for model, field in (
        (Trade, "agent"),
        (Scar, "agent"),
        (LineageEdge, "child"),
        (LineageEdge, "parent"),
    ):
        if deleted := _delete(model, ROWS, **{f"{field}__in": front}):
            return deleted
    return _delete(Agent, AGENTS, pk__in=front)


def _market_rows(removal: Removal) -> int:
    """Delete some rows that hang on a market; how many."""
    pk = removal.subject_id
    renewals = BasketRenewal.objects.filter(Q(basket=pk) | Q(market=pk))
    MarketImport.objects.filter(renewal__in=renewals).update(renewal=None)
    steps: list[Callable[[], int]] = [
        lambda: _delete(Seal, ROWS, market=pk),
        lambda: _delete(Acceptance, ROWS, market=pk),
        lambda: _delete(MarketImport, ROWS, market=pk),
        lambda: renewals.delete()[0],
        lambda: MarketData.parts.through.objects.filter(from_marketdata=pk).delete()[0],
    ]
    return next(filter(None, (step() for step in steps)), 0)


def _delete(model: type[models.Model], most: int, **which: object) -> int:
    """Delete at most so many rows, past the guards of append-only tables: the database itself
    refuses what is still referred to.
    """
    rows: models.QuerySet[models.Model] = models.QuerySet(model)
    keys = list(rows.filter(**which).order_by().values_list("pk", flat=True)[:most])
    return rows.filter(pk__in=keys)._raw_delete(rows.db) if keys else 0


def _files(removal: Removal) -> int:
    """Delete some files of an experiment that no fork is shown from; how many."""
    folder, needed = _folder(removal), files_needed(experiment_id=removal.subject_id)
    names = list(islice((name for name in files.within(folder) if name not in needed), FILES))
    files.remove(*names)
    return len(names)


def _folder(removal: Removal) -> str:
    """Of an experiment's own files; a market has none."""
    if removal.uuid is None:
        raise ValueError(f"{removal.name} is no experiment: it has no folder")
    return files.experiment_folder(removal.uuid)


def files_needed(*, experiment_id: int) -> frozenset[str]:
    """Files of an experiment, and of those before it, that its forks point to."""
    experiment = Experiment.objects.filter(pk=experiment_id).first()
    forks = descendants(experiment=experiment) if experiment else []
    return frozenset(name for fork in forks for name in files_of_rows(experiment_id=fork.pk))


def files_of_rows(*, experiment_id: int) -> Iterator[str]:
    """Names of all files that an experiment's rows point to, wherever they lie."""
    stems = (
        BlockRun.objects.filter(round__experiment=experiment_id).exclude(checkpoint="").order_by()
    )
    for stem in stems.values_list("checkpoint", flat=True).iterator():
        yield from (stem + files.WEIGHTS, stem + files.MEMORY)
    rounds = Round.objects.filter(experiment=experiment_id).order_by()
    for names in rounds.values_list("births_file", "close_file").iterator():
        yield from filter(None, names)
    births = Agent.objects.filter(experiment=experiment_id).exclude(birth_file="").order_by()
    yield from births.values_list("birth_file", flat=True).distinct().iterator()
    for kept in NullWorld.objects.filter(experiment=experiment_id).values_list("kept", flat=True):
        yield from worlds.world_files(kept)


def _finish(claim: Claim, removal: Removal) -> None:
    """The last row; of an experiment with forks it stays, for they are shown from it."""
    if removal.kind == Removed.MARKET:
        _finish_market(claim, removal)
        return
    with transaction.atomic():
        row = Experiment.objects.filter(pk=removal.subject_id).first()
        if row is not None and Experiment.objects.filter(forked_from=row).exists():
            _end(claim, removal, RemovalState.HELD)
            storage_add(
                experiment_id=row.pk, size=storage_measured(experiment=row) - row.stored_bytes
            )
            return
        _end(claim, removal, RemovalState.DONE)
        if row is not None:
            _delete(Experiment, 1, pk=row.pk)
            removal_again(subject_id=row.forked_from_id or 0)
    files.folder_remove(_folder(removal))
    if row is not None and removal.market_too:
        _market_after(row, removal)


def _end(claim: Claim, removal: Removal, state: RemovalState) -> None:
    claim_done(claim)
    Removal.objects.filter(pk=removal.pk).update(state=state, done_at=timezone.now())


def _market_after(experiment: Experiment, removal: Removal) -> None:
    """The market of a deleted experiment, where its owner has it to themselves and nothing else is
    on it.
    """
    market = MarketData.objects.filter(
        pk=experiment.market_id, owner=experiment.owner_id, owner__isnull=False
    ).first()
    if market is not None:
        try:
            market_remove(market=market, who=removal.who)
        except WrongState as error:
            logger.info("the market of %s stays: %s", removal.name, error)


def _finish_market(claim: Claim, removal: Removal) -> None:
    """The row, and the file where no other market has the same bars."""
    with transaction.atomic():
        row = MarketData.objects.filter(pk=removal.subject_id).first()
        _end(claim, removal, RemovalState.DONE)
        if row is None:
            return
        bars_lock(digest=row.sha256)
        _delete(MarketData, 1, pk=row.pk)
        if not MarketData.objects.filter(file=row.file).exists():
            files.remove(row.file)
