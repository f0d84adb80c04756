"""Wiring: settings, addresses, server entry, work queue, and the one command that starts it all."""

from lineage_site.celery import app as celery_app

__all__ = ["celery_app"]
