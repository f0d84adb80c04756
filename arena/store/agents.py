"""AGENT records -> rows of agents, and people's edits of those rows -> records."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection

from agents.life import traits
from agents.life.trust import exposure_cap
from agents.models import Agent, Origin
from arena.engine.results import AGENT, Birth
from arena.models import Experiment, Intervention
from arena.settings_schema import Settings
from arena.store.ledger import finite, rows_insert

# traits a record and its row have in common; epsilon is one too, but moves by itself
TRAITS = (
    "learning_rate",
    "gamma",
    "epsilon_bars",
    "risk_fraction",
    "mutation_rate",
    "mutation_strength",
)


# as it is born; it never changes
BORN = ("number", "generation", "founder", "birth_round", "endowment")
# columns that have the name and the value of a field of the record, and whether they may be null
SAME = {
    field.name: field.null
    for field in Agent._meta.concrete_fields
    if field.name in (AGENT.names or ()) and field.name not in (*BORN, *traits.BOUNDS, "state")
}


def row_values(agent: np.void, settings: Settings) -> dict[str, float | int | None]:
    """Fields of an agent's row that follow its record; traits are not among them, because people
    edit those.
    """
    cap = exposure_cap(
        int(agent["tier"]),
        settings.life.max_leverage,
        int(agent["no_leverage"]),
        float(agent["scar_leverage"]),
        float(agent["risk_fraction"]),
    )
    return {
        "epsilon": traits.clip("epsilon", float(agent["epsilon"])),
        **{
            name: finite(agent[name].item()) if null else agent[name].item()
            for name, null in SAME.items()
        },
        "return_since_birth": float(
            (agent["equity"] + agent["paid_to_children"]) / agent["endowment"] - 1.0
        ),
        "scar_count": int(agent["scars"]),
        "severe_scar_count": int(agent["severe_scars"]),
        "trade_count": int(agent["trades"]),
        "bars_lived": int(agent["bars"]),
        "leverage_cap": float(cap),
    }


# an UPDATE of rows of agents, and the values of each
Update = tuple[str, list[tuple[float | int | None, ...]]]


def agents_update(
    agents: np.ndarray, *, pk_of: Mapping[int, int], edited: frozenset[int], settings: Settings
) -> None:
    """Bring the rows of AGENT [any] up to their records. edited: numbers whose epsilon a person
    changed and no round has felt yet.
    """
    updates_write(agent_updates(agents, pk_of=pk_of, edited=edited, settings=settings))


def agent_updates(
    agents: np.ndarray, *, pk_of: Mapping[int, int], edited: frozenset[int], settings: Settings
) -> list[Update]:
    """What `agents_update` writes, made beforehand: it takes longer to make than to write."""
    made = []
    for keeps_epsilon in (False, True):
        chosen = [agent for agent in agents if (int(agent["number"]) in edited) == keeps_epsilon]
        rows = [row_values(agent, settings) for agent in chosen]
        names = [
            name for name in (rows[0] if rows else ()) if not (keeps_epsilon and name == "epsilon")
        ]
        values = [
            (*(row[name] for name in names), pk_of[int(agent["number"])])
            for row, agent in zip(rows, chosen, strict=True)
        ]
        if values:
            made.append(
                (
                    (
                        f"UPDATE {Agent._meta.db_table} SET"
                        f" {', '.join(f'{name} = %s' for name in names)} WHERE id = %s"
                    ),
                    values,
                )
            )
    return made


def updates_write(updates: Iterable[Update]) -> None:
    """Write what `agent_updates` made."""
    with connection.cursor() as cursor:
        for statement, values in updates:
            cursor.executemany(statement, values)


def agents_insert(
    births: Sequence[Birth],
    *,
    experiment: Experiment,
    settings: Settings,
    origin: Origin,
    file: str,
    now: datetime,
    first: int = 0,
) -> None:
    """Rows of the newborn; those with parents are children, the others of `origin`. file: where
    their first weights are, row by row from `first` on.
    """
    newborn_write(
        newborn_columns(
            births,
            experiment=experiment,
            settings=settings,
            origin=origin,
            file=file,
            now=now,
            first=first,
        )
    )


def newborn_columns(
    births: Sequence[Birth],
    *,
    experiment: Experiment,
    settings: Settings,
    origin: Origin,
    file: str,
    now: datetime,
    first: int = 0,
) -> dict[str, list[Any]]:
    """What `agents_insert` writes, by field, made beforehand."""
    fields = [field for field in Agent._meta.concrete_fields if not field.primary_key]
    blank = {field.attname: field.get_default() for field in fields} | {
        "experiment_id": experiment.pk,
        "birth_file": file,
    }
    blank["born_at"] = Agent._meta.get_field("born_at").get_db_prep_save(now, connection)
    rows = [
        {
            **blank,
            "number": birth.number,
            "slot": birth.slot,
            "origin": str(Origin.CHILD if birth.parents else origin),
            "generation": int(birth.agent["generation"]),
            "founder": int(birth.agent["founder"]),
            "birth_round": int(birth.agent["birth_round"]),
            "endowment": float(birth.agent["endowment"]),
            "birth_row": row,
            **{name: traits.clip(name, float(birth.agent[name])) for name in TRAITS},
            **row_values(birth.agent, settings),
        }
        for row, birth in enumerate(births, first)
    ]
    return {field.name: [row[field.attname] for row in rows] for field in fields}


def newborn_write(columns: Mapping[str, list[Any]]) -> None:
    """Write what `newborn_columns` made."""
    rows_insert(Agent, tuple(columns), list(columns.values()))


def edits_apply(agents: np.ndarray, *, experiment_id: int, index: int) -> None:
    """Put into AGENT [any], as round `index` begins, what people changed from this round on; in the
    order they changed it.
    """
    place = {int(number): at for at, number in enumerate(agents["number"])}
    edits = Intervention.objects.filter(
        experiment_id=experiment_id, effective_round=index, field__in=traits.BOUNDS
    )
    for number, field, after in edits.order_by("pk").values_list("agent__number", "field", "after"):
        if number in place:
            _edit(agents[place[number] : place[number] + 1], field, float(after))


def epsilon_edited(*, experiment_id: int, index: int) -> frozenset[int]:
    """Numbers of agents whose epsilon was edited with effect after round `index`."""
    edits = Intervention.objects.filter(
        experiment_id=experiment_id, effective_round__gt=index, field="epsilon"
    )
    return frozenset(edits.values_list("agent__number", flat=True))


def retiring_slots(*, experiment_id: int) -> frozenset[int]:
    """Places of the living whom a person asked to retire."""
    return frozenset(
        Agent.objects.filter(experiment_id=experiment_id, state="active", retire=True).values_list(
            "slot", flat=True
        )
    )


def numbers_of(agents: np.ndarray) -> Iterable[int]:
    """Agent numbers of AGENT [any]."""
    return agents["number"].tolist()


def _edit(agent: np.ndarray, field: str, value: float) -> None:
    """A new epsilon is a new beginning of its fall, or the fall would go on as if no person had
    touched it. agent: AGENT [1].
    """
    agent[field] = value
    if field == "epsilon":
        agent["epsilon_start"], agent["practice_bars"], agent["win_factor"] = value, 0, 1.0
