"""Opens a round: its row, a row for each of its blocks, and a word to the workers."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.conf import settings as site
from django.db import transaction
from django.db.models.functions import Now

from arena import enqueue
from arena.engine import schedule
from arena.engine.results import RoundPlan
from arena.models import BlockRun, BlockState, Experiment, Round
from arena.settings_schema import Settings
from arena.store.population import Stored

# rows that one statement names
MOST_KEYS = 500


def block_size(experiment: Experiment) -> int:
    """Agents a block: the site's as the experiment started, for all its life."""
    return int(experiment.environment.get("block_size", site.BLOCK_SIZE))


def block_count(experiment: Experiment) -> int:
    """Blocks a round."""
    return -(-experiment.population // block_size(experiment))


def round_open(*, experiment: Experiment, settings: Settings, index: int, births: Stored, now: datetime) -> Round:
    """Rows of round `index`, which begins with the population in the file `births`; within the running transaction."""
    plan = schedule.plan(experiment.market.bars, settings, index)
    opened = Round.objects.create(
        experiment=experiment,
        index=index,
        plan={"competition": plan.competition, "practice": plan.practice},
        reused=plan.reused,
        births_file=births.name,
        births_sha256=births.sha256,
        opened_at=now,
    )
    BlockRun.objects.bulk_create([BlockRun(round=opened, block=block) for block in range(block_count(experiment))], batch_size=500)
    return opened


def plan_of(row: Round) -> RoundPlan:
    """The bar windows of a round's row, as the engine takes them."""
    practice = tuple((int(start), int(stop)) for start, stop in row.plan["practice"])
    start, stop = row.plan["competition"]
    return RoundPlan(row.index, (int(start), int(stop)), practice, row.reused)


def blocks_announce(*, blocks: Iterable[BlockRun]) -> None:
    """Tell the workers of blocks, once the running transaction is committed, and note when."""
    rows = list(blocks)
    for first in range(0, len(rows), MOST_KEYS):
        BlockRun.objects.filter(pk__in=[row.pk for row in rows[first : first + MOST_KEYS]]).update(announced_at=Now())
    for row in rows:
        transaction.on_commit(partial(enqueue.announce, enqueue.PLAY_BLOCK, row.round_id, row.block))


def round_announce(*, opened: Round) -> None:
    """Tell the workers of all waiting blocks of a round."""
    blocks_announce(blocks=opened.blocks.filter(state=BlockState.WAITING))
