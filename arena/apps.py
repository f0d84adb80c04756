"""The app of experiments, markets and rounds."""

from django.apps import AppConfig


class ArenaConfig(AppConfig):
    """Experiments, markets and rounds."""

    name = "arena"
