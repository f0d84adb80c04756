"""Creates and starts a small experiment, so that a newcomer finds something alive."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from arena import settings_schema
from arena.services.experiments import lifecycle

SETTINGS = {
    "population": 64,
    "rounds": 240,
    "round_bars": 512,
    "seed": 1,
    "market": {"kind": "sine"},
}


class Command(BaseCommand):
    """64 agents on a sine wave, for a few minutes."""

    help = "Creates the demo experiment for the first superuser, and starts it."

    def handle(self, *_: object, **__: object) -> None:
        """CommandError where there is no user to own it."""
        owner = get_user_model().objects.filter(is_superuser=True).order_by("pk").first()
        if owner is None:
            raise CommandError(
                "No superuser to own the demo; make one with: manage.py createsuperuser",
                returncode=2,
            )
        experiment = lifecycle.experiment_create(
            owner=owner, name="Demo: a sine wave", settings=settings_schema.parse(SETTINGS)
        )
        lifecycle.experiment_start(experiment_uuid=experiment.uuid)
        self.stdout.write(
            f"Demo started: {experiment.name}, {experiment.population} agents,"
            f" {experiment.rounds_planned} rounds."
        )
