"""Every single change that could be made to what is stored, made from the models: a plausible
other value in each column.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, models, transaction

from agents.life import traits
from agents.models import Agent, LineageEdge, Scar, Trade
from arena.engine.packing import pack_actions, pack_figures, unpack_actions, unpack_figures
from arena.models import (
    BlockRun,
    Evaluation,
    Experiment,
    Intervention,
    Judgement,
    Look,
    NullWorld,
    Round,
    RoundSummary,
    Seal,
    Tried,
)
from arena.prices.models import MarketData

# model -> how to find an experiment's rows
REACHED = {
    Agent: "experiment",
    Trade: "agent__experiment",
    Scar: "agent__experiment",
    LineageEdge: "child__experiment",
    Experiment: "pk",
    MarketData: "experiments",
    Round: "experiment",
    BlockRun: "round__experiment",
    RoundSummary: "round__experiment",
    Intervention: "experiment",
    NullWorld: "experiment",
    Evaluation: "experiment",
    Judgement: "experiment",
    Tried: "experiment",
    Look: "experiment",
    Seal: "experiment",
}
UNREACHED = {
    "FirstPaint": "a copy of what the rows tell, made again with every change",
    "StoredBars": "whether anybody ever simulated these bars; the market's row says the same",
    "ProviderState": "how a provider does today",
    "ProviderKey": "a secret of the site",
    "CandlePage": "kept from a provider until a market is made of it",
    "LastQuote": "a price of today",
    "Acceptance": "who accepted a market's leaps before anything ran on it",
    "BasketRenewal": "work on a market that is yet to be",
    "MarketImport": "work on a market that is yet to be",
    "ApiToken": "a right of a user",
    "SecurityEvent": "of people, not of experiments; the database refuses its change",
    "SeenSession": "where a user is logged in",
    "SecondFactor": "a secret of a user",
    "RecoveryCode": "a secret of a user",
    "Removal": "work on what is no more",
    "Job": "work that is yet to be done",
    "Installation": "what the database is called",
    "Office": "which process is the timer",
    "UserShare": "who has used how much of the workers of late",
    "ExperimentShare": "who has used how much of the workers of late",
}
WORK = "who worked on it, when and at which attempt; no page shows it"
CHANGES_BY_RIGHT = "a person may change it at any time"
EXEMPT = {
    "Experiment.name": CHANGES_BY_RIGHT,
    "Experiment.seq": "numbers live messages",
    "RoundSummary.format": "a summary of another format is made again, and shown by nothing",
    "MarketData.name": CHANGES_BY_RIGHT,
    "MarketData.owner_id": "whose list shows it, and nothing else",
    **{f"{model}.archived": CHANGES_BY_RIGHT for model in ("Experiment", "MarketData")},
    **{f"Experiment.{name}": CHANGES_BY_RIGHT for name in ("tags", "note")},
    "Experiment.group": "how the list folds it, and nothing else",
    "Experiment.keep_every": "how much is kept of it; what is not there is named",
    **{
        f"{model}.stored_bytes": "a count of the disk, made anew by tidy"
        for model in ("Experiment", "MarketData")
    },
    **{
        f"{model}.removed_at": "who has it is shown no page of it"
        for model in ("Experiment", "MarketData")
    },
    "Agent.version": "keeps two people's edits apart",
    **{f"Round.{name}": WORK for name in ("fence", "worker")},
    **{f"BlockRun.{name}": WORK for name in ("fence", "worker", "seconds", "done_at")},
    **{f"NullWorld.{name}": WORK for name in ("reason", "kept")},
    "Judgement.reason": "of one that was made no page shows it",
}
# rows of it outlive the experiments that they count the agents of
OUTLIVES = (Tried, Look)
DELETED_WITH_ALL = (Experiment, MarketData)
# a row of it that is missing is made again from other rows
MADE_AGAIN = (RoundSummary,)


@dataclass(frozen=True)
class Change:
    """One column of one row; leaf: where in a JSON value."""

    model: type[models.Model]
    pk: int
    field: str
    value: Any
    leaf: str = ""

    @property
    def name(self) -> str:
        return f"{self.model.__name__}.{self.field}"

    def __str__(self) -> str:
        return f"{self.name}{self.leaf} of row {self.pk}"


def concrete_models() -> list[type[models.Model]]:
    return [model for app in ("agents", "arena") for model in apps.get_app_config(app).get_models()]


def rows_of(model: type[models.Model], experiment: Experiment) -> models.QuerySet:
    """Past whatever guards the model's own manager has."""
    key = experiment.uuid if model in OUTLIVES else experiment.pk
    return models.QuerySet(model).filter(**{REACHED[model]: key}).order_by("pk")


def changes(experiment: Experiment) -> Iterator[Change]:
    """Of every column of every model, in a row near the beginning and in the last."""
    for model in REACHED:
        found = list(rows_of(model, experiment))
        for row in {0: found[0], 1: found[-1]}.values() if len(found) > 1 else found:
            for field in model._meta.concrete_fields:
                if not field.primary_key:
                    yield from _of(row, field)


def _of(row: models.Model, field: models.Field) -> Iterator[Change]:
    value = getattr(row, field.attname)
    if isinstance(field, models.JSONField):
        for leaf, other in leaves(value):
            yield Change(type(row), row.pk, field.name, other, leaf)
    else:
        yield Change(type(row), row.pk, field.attname, another(field, value))


def leaves(value: Any) -> Iterator[tuple[str, Any]]:
    """(path, the whole value with that leaf changed); of lists the first entry, and one more."""
    if isinstance(value, dict):
        for name, each in value.items():
            for path, other in leaves(each):
                yield f".{name}{path}", value | {name: other}
        yield ".invented", value | {"invented": 1}
    elif isinstance(value, list):
        for path, other in leaves(value[0]) if value else ():
            yield f"[0]{path}", [other, *value[1:]]
        yield "[+]", [*value, "more"]
    else:
        yield "", other_scalar(value)


def other_scalar(value: Any) -> Any:
    if value is None:
        return 0.5
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return value * 1.01 + 0.001 if isinstance(value, float) else f"{value}x"


def another(field: models.Field, value: Any) -> Any:
    """Another legal value of a column."""
    if field.choices:
        # the last, because of the first, active, there is but one in a place
        return [choice for choice, _ in field.choices if choice != value][-1]
    if field.name in traits.BOUNDS:
        low, high = traits.BOUNDS[field.name]
        return value * 0.9 if value * 0.9 >= low else min(high, value * 1.1 + low)
    for kind, other in OTHERS.items():
        if isinstance(field, kind):
            return other(field, value)
    return other_scalar(value)


def _other_row(field: models.Field, key: int | None) -> int | None:
    if key is not None and field.null:
        return None
    other = (
        models.QuerySet(field.related_model)
        .exclude(pk=key)
        .order_by("pk")
        .values_list("pk", flat=True)
        .first()
    )
    return other or (key or 0) + 1000


OTHERS = {
    models.ForeignKey: _other_row,
    models.DateTimeField: lambda field, value: (
        (value or datetime(2024, 1, 1, tzinfo=UTC)) + timedelta(hours=1)
    ),
    models.BinaryField: lambda field, value: other_blob(field.name, bytes(value)),
    models.UUIDField: lambda field, value: uuid.uuid4(),
}


def other_blob(name: str, data: bytes) -> bytes:
    """A blob that can be read and says something else."""
    if name == "figures":
        figures = unpack_figures(data)
        figures[-1, 7] = 0.5
        return pack_figures(figures)
    if name == "actions":
        actions = unpack_actions(data)
        actions[-1, -1, 3] = (actions[-1, -1, 3] + 1) % 3
        return pack_actions(actions)
    return bytes([data[0] ^ 1]) + data[1:] if data else b"?"


class _Back(Exception):
    pass


@contextmanager
def undone() -> Iterator[None]:
    """All that happens within is taken back, whatever the constraints think of it."""
    try:
        with transaction.atomic():
            _checks(False)
            yield
            raise _Back
    except _Back:
        pass
    finally:
        _checks(True)


def _checks(on: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA ignore_check_constraints = {'OFF' if on else 'ON'}")


def make(change: Change) -> None:
    """Write it; where a unique key forbids the next number, one far away."""
    rows = models.QuerySet(change.model).filter(pk=change.pk)
    try:
        with transaction.atomic():
            assert rows.update(**{change.field: change.value}) == 1
    except IntegrityError:
        rows.update(**{change.field: change.value + 2000})


def delete(model: type[models.Model], pk: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE id = %s", [pk])


def double(row: models.Model) -> models.Model:
    """The same row again, under the next free key."""
    row.pk = None
    for field in type(row)._meta.concrete_fields:
        if field.name in ("number", "sequence", "index", "block", "slot"):
            setattr(row, field.attname, getattr(row, field.attname) + 1000)
    if isinstance(row, Evaluation):
        row.subject = "median_agent" if row.subject == "champion" else f"{row.subject}2"
        row.after_round += 1000
    if isinstance(row, Judgement | Look):
        row.after_round += 1000
    if isinstance(row, LineageEdge):
        row.parent_id = (
            Agent.objects.filter(experiment=row.child.experiment)
            .exclude(pk__in=[row.parent_id, row.child_id])
            .first()
            .pk
        )
    if isinstance(row, Agent):
        row.state, row.death_round, row.died_at = "outcompeted", 0, row.born_at
    models.Model.save(row, force_insert=True)
    return row


@contextmanager
def file_changed(name: str, data: bytes | None) -> Iterator[None]:
    """The file with other contents, or with one bit flipped in the middle; as it was,
    afterwards.
    """
    with default_storage.open(name) as file:
        whole = file.read()
    middle = len(whole) * 3 // 4
    _write(
        name,
        data
        if data is not None
        else whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
    )
    try:
        yield
    finally:
        _write(name, whole)


def _write(name: str, data: bytes) -> None:
    default_storage.delete(name)
    default_storage.save(name, ContentFile(data))
