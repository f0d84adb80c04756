"""What a worker does besides its tasks: logs as the site does, is warm before its first block, dies
with its parent, and hands back at its end what its processes still held.
"""

import atexit
import logging.config
import signal
from contextlib import suppress

from celery.signals import setup_logging, worker_process_init, worker_ready
from django.conf import settings
from django.db import DatabaseError

from arena.engine.warm import warm
from arena.services.running.turns import turns_lost
from arena.settings_schema import Settings
from lineage_site import process
from lineage_site.queue import heartbeat, tally
from ml.heap import keep_freed_memory

__all__ = ["get_ready", "hand_back_at_the_end", "heartbeat", "log_as_the_site"]


@setup_logging.connect
def log_as_the_site(**_: object) -> None:
    """Keeps Celery from configuring logging itself."""
    logging.config.dictConfig(settings.LOGGING)


@worker_process_init.connect
def get_ready(**_: object) -> None:
    """Loads the compiled kernels; a killed parent takes its processes along, so none works on
    unseen.
    """
    process.die_with_parent(signal.SIGKILL)
    keep_freed_memory()
    heartbeat.listen_to_work()
    tally.listen()
    warm(Settings())


@worker_ready.connect
def hand_back_at_the_end(**_: object) -> None:
    """Workers of other machines need not wait for the leases of processes that were ended here."""
    atexit.register(_hand_back)


def _hand_back() -> None:
    with suppress(DatabaseError):
        turns_lost()
