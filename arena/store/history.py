"""The rows of an experiment's history -> the same rows of a fork, copied within the database."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.db import connection, models

from agents.life import traits
from agents.models import Agent, AgentState, LineageEdge, Scar, Trade
from arena.models import BlockRun, Intervention, Round, RoundSummary
from arena.settings_schema import Settings
from arena.store.agents import TRAITS, row_values

AGENTS, ROUNDS = Agent._meta.db_table, Round._meta.db_table
# the original's agent, and the fork's of the same number
TWINS = (
    f"JOIN {AGENTS} old ON old.id = s.agent_id JOIN {AGENTS} new ON new.experiment_id = %s AND"
    " new.number = old.number"
)


def history_copy(*, original_id: int, fork_id: int, after: int) -> None:
    """Rounds up to `after` with all that happened in them, agents born by its close, and what
    people changed before it.

    Agents who died later are alive again; their other fields are still those of today, see
    store.agents.agents_restore.
    """
    own = {"experiment_id": ("%s", fork_id)}
    _copy(Agent, own, "", "s.experiment_id = %s AND s.birth_round <= %s", [original_id, after + 1])
    later = Agent.objects.filter(experiment_id=fork_id, death_round__gt=after)
    later.update(state=AgentState.ACTIVE, death_round=None, died_at=None)
    _copy(
        Round, own, "", f"s.experiment_id = %s AND s.{_quoted('index')} <= %s", [original_id, after]
    )
    for hung in (BlockRun, RoundSummary):
        _of_rounds(hung, original_id, fork_id, after)
    for model in (Trade, Scar):
        _of_agents(model, original_id, fork_id, after)
    _edges(original_id, fork_id, after)
    _interventions(original_id, fork_id, after)


def _of_rounds(model: type[models.Model], original_id: int, fork_id: int, after: int) -> None:
    index = _quoted("index")
    join = (
        f"JOIN {ROUNDS} old ON old.id = s.round_id JOIN {ROUNDS} new ON new.experiment_id = %s AND"
        f" new.{index} = old.{index}"
    )
    _copy(
        model,
        {"round_id": ("new.id",)},
        join,
        f"old.experiment_id = %s AND old.{index} <= %s",
        [fork_id, original_id, after],
    )


def _of_agents(model: type[models.Model], original_id: int, fork_id: int, after: int) -> None:
    where = f"old.experiment_id = %s AND s.{_quoted('round')} <= %s"
    _copy(model, {"agent_id": ("new.id",)}, TWINS, where, [fork_id, original_id, after])


def _edges(original_id: int, fork_id: int, after: int) -> None:
    join = (
        f"JOIN {AGENTS} child ON child.id = s.child_id JOIN {AGENTS} parent ON parent.id ="
        f" s.parent_id JOIN {AGENTS} newc ON newc.experiment_id = %s AND newc.number = child.number"
        f" JOIN {AGENTS} newp ON newp.experiment_id = %s AND newp.number = parent.number"
    )
    where = "child.experiment_id = %s AND child.birth_round <= %s"
    _copy(
        LineageEdge,
        {"child_id": ("newc.id",), "parent_id": ("newp.id",)},
        join,
        where,
        [fork_id, fork_id, original_id, after + 1],
    )


def _interventions(original_id: int, fork_id: int, after: int) -> None:
    """But for new names: the fork has its own."""
    join = TWINS.replace("JOIN", "LEFT JOIN")
    where = "s.experiment_id = %s AND s.effective_round <= %s AND s.field <> 'name'"
    values = {"experiment_id": ("%s", fork_id), "agent_id": ("new.id",)}
    _copy(Intervention, values, join, where, [fork_id, original_id, after + 1])


def _copy(
    model: type[models.Model],
    values: Mapping[str, tuple[Any, ...]],
    join: str,
    where: str,
    arguments: list[Any],
) -> None:
    """Rows s of `model` again, in order, with other `values`: {column: (expression, its argument if
    it takes one)}.
    """
    columns = [str(field.column) for field in model._meta.concrete_fields if not field.primary_key]
    chosen = [
        values[column][0] if column in values else f"s.{_quoted(column)}" for column in columns
    ]
    given = [argument for column in columns for argument in values.get(column, ())[1:]]
    table, names = _quoted(model._meta.db_table), ", ".join(map(_quoted, columns))
    sql = (
        f"INSERT INTO {table} ({names}) SELECT {', '.join(chosen)} FROM {table} s {join} WHERE"
        f" {where} ORDER BY s.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*given, *arguments])


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def agents_restore(
    agents: np.ndarray, *, fork_id: int, settings: Settings, retiring: frozenset[int]
) -> None:
    """Bring the rows of the living of a fork to AGENT [population], their records as its first
    round begins.

    retiring: numbers of those who were asked to retire and have not yet.
    """
    values = []
    for agent in agents[agents["state"] == 0]:
        number, clipped = (
            int(agent["number"]),
            {name: traits.clip(name, float(agent[name])) for name in TRAITS},
        )
        values.append(
            {
                **row_values(agent, settings),
                **clipped,
                "retire": number in retiring,
                "number": number,
            }
        )
    changed = ", ".join(f"{_quoted(name)} = %s" for name in values[0] if name != "number")
    sql = f"UPDATE {AGENTS} SET {changed} WHERE experiment_id = {int(fork_id)} AND number = %s"
    with connection.cursor() as cursor:
        cursor.executemany(sql, [tuple(row.values()) for row in values])
