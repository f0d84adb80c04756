"""What people change while an experiment lives: checked, applied once, recorded for ever, sent to
everybody who watches.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from agents.life import traits
from agents.models import Agent, AgentState
from arena.models import Experiment, Intervention, Round, RoundState
from arena.selectors.machine.allowance import more_rounds_problems
from arena.selectors.pages.snapshot import intervention_delta
from arena.selectors.settings_as_of import RUNTIME_SETTINGS, experiment_values
from arena.services.records.notifications import list_notify
from arena.services.records.seals import intervention_seal
from arena.services.records.states import FINAL, experiment_lock
from arena.settings_schema import SettingsError, parse
from arena.wire import messages
from arena.wire.publish import publish

AGENT_FIELDS = (*traits.BOUNDS, "retire")
EXPERIMENT_FIELDS = ("name", "rounds_planned", *RUNTIME_SETTINGS)


class InterventionError(ValueError):
    """A change that the rules do not allow; the text says why. Nothing was changed."""


class EditConflict(InterventionError):
    """Another user changed the same thing meanwhile. Nothing was changed."""


@dataclass(frozen=True)
class Change:
    """One field, as a person found it and as it is to be."""

    field: str
    before: Any
    after: Any


def is_final(*, experiment: Experiment) -> bool:
    """Whether no further round of the experiment will be played."""
    return experiment.state in FINAL


@transaction.atomic
def intervention_record(
    *,
    agent: Agent,
    who: User | None,
    changes: Mapping[str, float | bool],
    version: int,
    now: datetime,
    reason: str = "",
) -> list[Intervention]:
    """Change fields (of AGENT_FIELDS) of a living agent that is still at `version`, with effect
    from its next round.

    InterventionError for a field or value that is not allowed, a dead agent or a final experiment;
    EditConflict where the agent was edited since. Values that already stand make no intervention.
    """
    experiment = experiment_lock(experiment_id=agent.experiment_id)
    row = Agent.objects.select_for_update().get(pk=agent.pk)
    if row.version != version:
        raise EditConflict(
            f"agent {row.number} was edited by somebody else meanwhile (edit {row.version}, you saw"
            f" {version})"
        )
    if is_final(experiment=experiment) or row.state != AgentState.ACTIVE:
        raise InterventionError(
            f"agent {row.number} plays no further round and can no longer be changed"
        )
    wanted = {name: _agent_value(name, value) for name, value in changes.items()}
    made = [
        Change(name, getattr(row, name), value)
        for name, value in wanted.items()
        if value != getattr(row, name)
    ]
    if made:
        Agent.objects.filter(pk=row.pk).update(
            version=F("version") + 1, **{change.field: change.after for change in made}
        )
    return _record(experiment, made, who, now, row, reason)


@transaction.atomic
def experiment_change(
    *,
    experiment: Experiment,
    who: User | None,
    changes: Mapping[str, Any],
    seen: Mapping[str, Any],
    now: datetime,
) -> list[Intervention]:
    """Change fields (of EXPERIMENT_FIELDS) of an experiment; `seen`: the value of each as the
    person found it.

    InterventionError for what is not allowed, EditConflict where a field no longer has the value
    seen.
    """
    row = experiment_lock(experiment_id=experiment.pk)
    standing = experiment_values(experiment=row)
    for name in changes:
        if name not in EXPERIMENT_FIELDS:
            raise InterventionError(f"{name} of an experiment cannot be changed")
        if seen[name] != standing[name]:
            raise EditConflict(
                f"{name} was changed by somebody else meanwhile: it is now {standing[name]}, you"
                f" saw {seen[name]}"
            )
    made = [
        Change(name, standing[name], value)
        for name, value in changes.items()
        if value != standing[name]
    ]
    if is_final(experiment=row) and any(change.field != "name" for change in made):
        raise InterventionError(
            f"the experiment is {row.get_state_display()}: only its name can be changed"
        )
    if problems := more_rounds_problems(
        experiment=row, rounds=changes.get("rounds_planned", row.rounds_planned)
    ):
        raise InterventionError(problems)
    _apply(row, {change.field: change.after for change in made})
    return _record(row, made, who, now)


def _agent_value(name: str, value: float | bool) -> float | bool:
    """The value to store; InterventionError for another field or a value out of range, NaN among
    them.
    """
    if name == "retire":
        return bool(value)
    if name not in traits.BOUNDS:
        raise InterventionError(f"{name} of an agent cannot be changed")
    low, high = traits.BOUNDS[name]
    if not low <= value <= high:
        raise InterventionError(f"{name} must lie between {low:g} and {high:g}, got {value!r}")
    return float(value)


def _apply(experiment: Experiment, values: Mapping[str, Any]) -> None:
    """Check and store new values; InterventionError names what is wrong."""
    if "rounds_planned" in values:
        _check_length(experiment, values["rounds_planned"])
    experiment.name = values.get("name", experiment.name)
    experiment.rounds_planned = values.get("rounds_planned", experiment.rounds_planned)
    evolution = {
        name.removeprefix("evolution."): values[name] for name in RUNTIME_SETTINGS if name in values
    }
    raw = experiment.settings | {"evolution": experiment.settings.get("evolution", {}) | evolution}
    try:
        parse(raw | {"rounds": experiment.rounds_planned})
    except SettingsError as error:
        raise InterventionError(str(error)) from None
    if not experiment.name.strip() or len(experiment.name) > 120:
        raise InterventionError("name must have 1 to 120 characters")
    Experiment.objects.filter(pk=experiment.pk).update(
        name=experiment.name, rounds_planned=experiment.rounds_planned, settings=raw
    )


def _check_length(experiment: Experiment, planned: int) -> None:
    """A round that is being played may not become, or cease to be, the last: its close may already
    be under way.
    """
    rounds = Round.objects.filter(experiment=experiment)
    opened, playing = rounds.count(), rounds.filter(state=RoundState.OPEN).exists()
    if playing and experiment.rounds_planned <= opened:
        raise InterventionError(
            "rounds_planned can no longer be changed: the last round has begun (clone the"
            " experiment to go further)"
        )
    if planned < opened + playing:
        raise InterventionError(
            f"rounds_planned must be at least {opened + playing}: {opened} rounds have begun"
        )


def _record(
    experiment: Experiment,
    made: list[Change],
    who: User | None,
    now: datetime,
    agent: Agent | None = None,
    reason: str = "",
) -> list[Intervention]:
    """One row and one live message a change; they are felt from the first round that has not
    begun.
    """
    effective = Round.objects.filter(experiment=experiment).count()
    rows = []
    for change in made:
        row = Intervention.objects.create(
            experiment=experiment,
            agent=agent,
            who=who,
            at=now,
            field=change.field,
            before=_text(change.before),
            after=_text(change.after),
            effective_round=effective,
            reason=reason,
        )
        intervention_seal(intervention=row)
        Experiment.objects.filter(pk=experiment.pk).update(seq=F("seq") + 1)
        experiment.refresh_from_db()
        update = messages.message(
            "intervention",
            experiment,
            experiment.rounds_done - 1,
            intervention_delta(intervention=row),
        )
        transaction.on_commit(partial(publish, update))
        list_notify(experiment=experiment)
        rows.append(row)
    return rows


def _text(value: Any) -> str:
    """Floats in full, so that nothing is lost between what was typed and what the engine reads."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return repr(value) if isinstance(value, float) else str(value)
