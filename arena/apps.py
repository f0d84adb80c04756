"""The app of experiments, markets and rounds."""

from importlib import import_module

from django.apps import AppConfig


class ArenaConfig(AppConfig):
    """Experiments, markets and rounds."""

    name = "arena"

    def ready(self) -> None:
        watchers = import_module("arena.services.watchers")  # its models are there only now
        watchers.connect()
