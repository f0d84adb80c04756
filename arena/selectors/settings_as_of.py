"""An experiment's settings as they stood at a round, without what people changed later."""

from typing import Any

from django.db.models import QuerySet

from arena.models import Experiment, Intervention
from arena.settings_schema import Settings, parse

# settings that may change while rounds are played: only the close of a round looks at them
RUNTIME_SETTINGS = ("evolution.turnover", "evolution.tournament", "evolution.strength")


def experiment_values(*, experiment: Experiment) -> dict[str, Any]:
    """EXPERIMENT_FIELDS as they stand."""
    evolution = parse(experiment.settings).evolution
    return {
        "name": experiment.name,
        "rounds_planned": experiment.rounds_planned,
        **{name: getattr(evolution, name.removeprefix("evolution.")) for name in RUNTIME_SETTINGS},
    }


def settings_at_start(*, experiment: Experiment) -> dict[str, Any]:
    """The stored settings with every intervention taken back: what the digest chain begins with."""
    return settings_as_of(experiment=experiment, index=-1)


def settings_as_of(*, experiment: Experiment, index: int) -> dict[str, Any]:
    """The stored settings without what people changed with effect after round `index`."""
    return _taken_back(experiment, _edits_after(experiment, index))


def settings_when_made(*, experiment: Experiment) -> dict[str, Any]:
    """The stored settings without what people changed since the experiment was made; what a fork
    shares stands in its settings.
    """
    shared = Intervention.objects.filter(experiment=experiment.forked_from).values("at")
    return _taken_back(experiment, _edits_after(experiment, -1).exclude(at__in=shared))


def _taken_back(experiment: Experiment, edits: QuerySet[Intervention]) -> dict[str, Any]:
    """The stored settings without `edits`, the latest first."""
    settings = experiment.settings | {"evolution": dict(experiment.settings.get("evolution", {}))}
    for field, before in edits.filter(field__in=RUNTIME_SETTINGS).values_list("field", "before"):
        settings["evolution"][field.removeprefix("evolution.")] = (
            float(before) if "." in before or "e" in before else int(before)
        )
    return settings


def settings_of_close(*, experiment: Experiment, index: int) -> dict[str, Any]:
    """The settings, as stored, that the close of round `index` looked at, with all that was changed
    while it was played; of a round that a fork shares those of the experiment it was forked from.
    """
    player = _player_of(experiment, index)
    return settings_as_of(experiment=player, index=index + 1)


def rounds_planned_as_of(*, experiment: Experiment, index: int) -> int:
    """How many rounds were planned before people changed it with effect after round `index`."""
    first = (
        _edits_after(experiment, index)
        .filter(field="rounds_planned")
        .values_list("before", flat=True)
        .last()
    )
    return experiment.rounds_planned if first is None else int(first)


def _edits_after(experiment: Experiment, index: int) -> QuerySet[Intervention]:
    """Changes of the experiment's own settings that are felt after round `index`, the latest
    first.
    """
    return Intervention.objects.filter(
        experiment=experiment, agent=None, effective_round__gt=index
    ).order_by("-pk")


def settings_of_round(*, experiment: Experiment, index: int) -> Settings:
    """What round `index` was played with: what a fork shares was played with the settings of the
    experiment it was forked from.
    """
    return parse(_player_of(experiment, index).settings)


def _player_of(experiment: Experiment, index: int) -> Experiment:
    """Who played round `index`: the experiment itself, or the one it shares the round with."""
    original, after = experiment.forked_from, experiment.forked_after
    if original is None or after is None or index > after:
        return experiment
    return _player_of(original, index)
