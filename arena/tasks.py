"""What the queue's messages set off; unknown arguments of another release are left aside."""

from typing import Any

from celery import shared_task

from arena.prices.services import importing
from arena.services import closing, founding, judgement, nulls, reaper, rounds


@shared_task
def found(experiment_id: int, **_: Any) -> None:
    """Look at an experiment whose founders are to be born."""
    founding.founding_run(experiment_id=experiment_id)


@shared_task
def play_block(round_id: int, block: int, **_: Any) -> None:
    """Look at a block of a round."""
    rounds.block_run(round_id=round_id, block=block)


@shared_task
def close_round(round_id: int, **_: Any) -> None:
    """Look at a round whose blocks are done."""
    closing.round_run_close(round_id=round_id)


@shared_task
def judge(judgement_id: int, **_: Any) -> None:
    """Look at an experiment that has ended and waits to be judged."""
    judgement.judgement_run(judgement_id=judgement_id)


@shared_task
def play_null(null_id: int, **_: Any) -> None:
    """Look at a null world."""
    nulls.null_run(null_id=null_id)


@shared_task
def import_market(import_id: int, **_: Any) -> None:
    """Look at an import of market data."""
    importing.import_run(import_id=import_id)


@shared_task
def reap(**_: Any) -> None:
    """Look for work that nobody does."""
    reaper.reap()
