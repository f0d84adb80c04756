"""Opens a round: its row, a row for each of its blocks, and the work on them."""

from datetime import datetime

from arena.engine import schedule
from arena.models import BlockRun, BlockState, Experiment, Round
from arena.settings_schema import Settings
from arena.store.population import Stored
from arena.store.rounds import block_count
from arena.work import kinds
from arena.work.queue import Wanted, jobs_ask


def round_open(
    *, experiment: Experiment, settings: Settings, index: int, births: Stored, now: datetime
) -> Round:
    """Rows of round `index`, which begins with the population in the file `births`; within the
    running transaction.
    """
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
    BlockRun.objects.bulk_create(
        [BlockRun(round=opened, block=block) for block in range(block_count(experiment))],
        batch_size=500,
    )
    return opened


def round_ask(*, opened: Round) -> None:
    """Have what is left to do of an open round done: its blocks, or its close."""
    blocks = opened.blocks.exclude(state=BlockState.DONE).values_list("pk", "block", "fence")
    wanted = [Wanted(kinds.BLOCK, *row) for row in blocks]
    if wanted:
        jobs_ask(wanted=wanted, user=opened.experiment.owner_id, experiment=opened.experiment_id)
    else:
        close_ask(round_id=opened.pk, experiment=opened.experiment)


def close_ask(*, round_id: int, experiment: Experiment) -> None:
    """Have a round closed whose blocks are all done."""
    fence = Round.objects.values_list("fence", flat=True).get(pk=round_id)
    jobs_ask(
        wanted=[Wanted(kinds.CLOSE, round_id, fence=fence)],
        user=experiment.owner_id,
        experiment=experiment.pk,
    )
