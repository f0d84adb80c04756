"""What the queue's messages set off; unknown arguments of another release are left aside."""

from typing import Any

from celery import shared_task

from arena.services.running import reaper, turns


@shared_task
def take_turn(**_: Any) -> None:
    """Do what is due, for about a second."""
    turns.turns_take()


@shared_task
def reap(**_: Any) -> None:
    """Look for work that no worker does."""
    reaper.reap()
