"""Whose experiments there are, and where each stands."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from arena.models import Experiment, ExperimentState
from arena.people.actions import Action
from arena.people.may import allowed
from arena.wire import messages

State = ExperimentState
STARTABLE, PAUSABLE = (State.DRAFT,), (State.RUNNING,)
RESUMABLE = (State.PAUSED, State.PAUSING)
STOPPABLE = (State.DRAFT, State.RUNNING, State.PAUSING, State.PAUSED)


def experiments_visible(*, user: Any) -> QuerySet[Experiment]:
    """Those the user may read, but for what is being deleted."""
    rows = Experiment.objects.select_related("market", "owner").filter(removed_at=None)
    return allowed(user, Action.EXPERIMENT_READ, rows)


def experiments_listed(*, user: Any, archived: bool) -> QuerySet[Experiment]:
    """Those of them that a list shows: the archived ones, or the others."""
    return experiments_visible(user=user).filter(archived=archived)


def is_visible(*, user: Any, experiment_uuid: UUID) -> bool:
    """Whether the user may see the experiment."""
    return experiments_visible(user=user).filter(uuid=experiment_uuid).exists()


def may_concern(*, user: Any, owner_id: int | None) -> bool:
    """Whether a change to an experiment of that owner is worth a look into the database for the
    user, who may see no others.
    """
    return user.is_superuser or owner_id == user.pk


def experiment_position(*, experiment_uuid: UUID) -> tuple[str, int]:
    """(epoch, seq) as they stand in the database; Experiment.DoesNotExist."""
    row = Experiment.objects.only("uuid", "started_at", "seq").get(uuid=experiment_uuid)
    return messages.epoch(row), row.seq


def controls(*, experiment: Experiment) -> dict[str, bool]:
    """Which of its buttons an experiment has in its state."""
    state = experiment.state
    return {
        "start": state in STARTABLE,
        "pause": state in PAUSABLE,
        "resume": state in RESUMABLE,
        "again": state == State.FAILED,
        "stop": state in STOPPABLE,
    }


def badge(*, experiment: Experiment) -> dict[str, str]:
    """What the data is: kind and label."""
    return {"kind": experiment.market.kind.value, "label": experiment.market.kind.label}
