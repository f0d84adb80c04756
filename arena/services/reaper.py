"""Finds work that nobody does: messages lost, workers dead. Wakes workers for it again, or gives it up."""

from arena.services.turns import turns_lost
from arena.work import shares
from arena.work.queue import top_up


def reap() -> int:
    """Free what was left behind, and tell workers that there is work; how many messages were missing."""
    turns_lost()
    shares.mend()
    return top_up()
