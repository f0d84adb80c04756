"""The app of experiments, markets and rounds."""

from importlib import import_module

from django.apps import AppConfig


class ArenaConfig(AppConfig):
    """Experiments, markets and rounds."""

    name = "arena"

    def ready(self) -> None:
        for name in ("watchers", "watching"):  # their models are there only now
            import_module(f"arena.services.people.{name}").connect()
