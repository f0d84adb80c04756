"""Finds work that no worker does: messages lost, workers dead. Wakes workers for it again, or gives
it up.
"""

import logging

from django.db import DatabaseError

from arena.services.running.turns import turns_lost
from arena.work import shares
from arena.work.faults import machine_words
from arena.work.queue import top_up

logger = logging.getLogger(__name__)


def reap() -> int:
    """Free what was left behind, and tell workers that there is work; how many messages were
    missing. Where the database is away, the timer asks again.
    """
    try:
        turns_lost()
        shares.mend()
        return top_up()
    except DatabaseError as error:
        logger.warning("nothing was looked after: %s", machine_words(error) or error)
        return 0
