"""What a worker does besides its tasks: logs as the site does, is warm before its first block, and
dies with its parent.
"""

import logging.config
import signal

from celery.signals import setup_logging, worker_process_init
from django.conf import settings

from arena.engine.warm import warm
from arena.settings_schema import Settings
from lineage_site import process
from lineage_site.queue import heartbeat
from ml.heap import keep_freed_memory

__all__ = ["get_ready", "heartbeat", "log_as_the_site"]


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
    warm(Settings())
