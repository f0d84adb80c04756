"""The Celery application; web, workers and commands all announce through it."""

import os

from celery import Celery

from lineage_site.queue import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lineage_site.settings")
broker.install()
app = Celery("lineage")
app.config_from_object("lineage_site.queue.config")
app.autodiscover_tasks()
app.steps["worker"].add("lineage_site.queue.heartbeat:Beats")
