"""What a person calls their experiments and markets, and which of them lists show."""

from typing import Any

from django.utils import timezone

from arena.models import Experiment, MarketData
from arena.services.experiments.interventions import InterventionError, experiment_change


def experiment_rename(*, experiment: Experiment, who: Any, name: str) -> None:
    """Another name, listed among what people changed. InterventionError."""
    changes = {"name": name.strip()}
    experiment_change(
        experiment=experiment,
        who=who,
        changes=changes,
        seen={"name": experiment.name},
        now=timezone.now(),
    )


def market_rename(*, market: MarketData, name: str) -> None:
    """Another name; what it is and where it came from stay as they were sealed.
    InterventionError.
    """
    if not 0 < len(name.strip()) <= 120:
        raise InterventionError("name must have 1 to 120 characters")
    MarketData.objects.filter(pk=market.pk).update(name=name.strip())


def archive_set(*, row: Experiment | MarketData, archived: bool) -> None:
    """Leave an experiment or a market out of lists, or show it there again; nothing else
    changes.
    """
    type(row).objects.filter(pk=row.pk).update(archived=archived)
