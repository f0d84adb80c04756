"""A worker for tests of the queue alone: our settings and our transport, one task, which writes
into the file NOTES.
"""

import os
import time
from pathlib import Path

from celery import Celery

from lineage_site.environment import redis_url
from lineage_site.queue import broker

broker.install()
app = Celery("queue_worker", broker=redis_url.broker(os.environ["QUEUE"]))
app.config_from_object("lineage_site.queue.config")
app.conf.update(
    broker_url=redis_url.broker(os.environ["QUEUE"]), imports=[], worker_max_memory_per_child=None
)
app.conf.broker_transport_options = app.conf.broker_transport_options | {
    "global_keyprefix": "test:"
}


@app.task(name="note")
def note(text: str, seconds: float = 0.0) -> None:
    """Says that it was here, and stays for a while."""
    with Path(os.environ["NOTES"]).open("a") as notes:
        notes.write(f"{text}\n")
    time.sleep(seconds)
