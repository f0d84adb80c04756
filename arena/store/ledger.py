"""Trades, scars and lineage of the engine -> rows, in bulk; and trades and scars back again, for
the audit.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np
from django.db import connection, models

from agents.models import Agent, LineageEdge, Scar, Trade
from arena.engine.results import SCAR, SCAR_CAUSES, TRADE, TRADE_REASONS, Birth
from arena.store.summaries import AMOUNTS

MOST_VALUES = 500
# of one INSERT: 20 values a row stay below the 32,766 that SQLite takes
ROWS_AT_ONCE = 500
TRADE_COLUMNS = ("agent", "round", "entry_time", "exit_time", "reason")
TRADE_NUMBERS = tuple(name for name in TRADE.names or () if name not in ("agent", "reason"))
SCAR_COLUMNS = (
    "agent",
    "round",
    "bar_time",
    "cause",
    "trade_sequence",
    "q_sell",
    "q_hold",
    "q_buy",
)
SCAR_NUMBERS = tuple(
    name for name in SCAR.names or () if name not in ("agent", "cause", "trade", "q")
)


def trades_insert(
    trades: np.ndarray, *, index: int, pk_of: Mapping[int, int], times: np.ndarray
) -> None:
    """Rows of round `index` from TRADE [any]. pk_of: agent number -> key; times: int64 [bars] of
    the market.
    """
    columns = [
        _keys(trades, pk_of),
        [index] * len(trades),
        times[trades["entry_bar"]].tolist(),
        times[trades["exit_bar"]].tolist(),
        [TRADE_REASONS[code] for code in trades["reason"]],
        *(trades[name].tolist() for name in TRADE_NUMBERS),
    ]
    rows_insert(Trade, (*TRADE_COLUMNS, *TRADE_NUMBERS), columns)


def scars_insert(
    scars: np.ndarray, *, index: int, pk_of: Mapping[int, int], times: np.ndarray
) -> None:
    """Rows of round `index` from SCAR [any]; arguments as for trades."""
    columns = [
        _keys(scars, pk_of),
        [index] * len(scars),
        times[scars["bar"]].tolist(),
        [SCAR_CAUSES[code] for code in scars["cause"]],
        [trade if trade >= 0 else None for trade in scars["trade"].tolist()],
        *([finite(value) for value in scars["q"][:, action].tolist()] for action in range(3)),
        *(scars[name].tolist() for name in SCAR_NUMBERS),
    ]
    rows_insert(Scar, (*SCAR_COLUMNS, *SCAR_NUMBERS), columns)


def edges_insert(births: Sequence[Birth], *, pk_of: Mapping[int, int]) -> None:
    """A row for each parent of each child."""
    pairs = [(birth, parent) for birth in births for parent in birth.parents]
    columns: dict[str, list[Any]] = {
        "parent": [pk_of[parent] for _, parent in pairs],
        "child": [pk_of[birth.number] for birth, _ in pairs],
        "kind": ["crossover" if len(birth.parents) > 1 else "mutation" for birth, _ in pairs],
        **{
            name: [float(getattr(birth, name)) for birth, _ in pairs]
            for name in ("rate", "strength", "weight_distance")
        },
        "seed": [birth.seed for birth, _ in pairs],
    }
    rows_insert(LineageEdge, tuple(columns), list(columns.values()))


def rows_insert(
    model: type[models.Model], names: Sequence[str], columns: Sequence[list[Any]]
) -> None:
    """Rows of `model` past the ORM, which takes ten times as long; columns: the values of each
    field of `names`. IntegrityError.

    COPY where the database has it, with numbers as they are kept: nothing is printed and parsed.
    Else INSERTs of many rows, because what a statement costs once, the list of a CHECK among it, is
    paid for a row as for many.
    """
    known = {field.name: field for field in model._meta.concrete_fields}
    fields = [known[name] for name in names]
    quoted = [
        connection.ops.quote_name(name)
        for name in (model._meta.db_table, *(str(field.column) for field in fields))
    ]
    place, rows = f"{quoted[0]} ({', '.join(quoted[1:])})", zip(*columns, strict=True)
    with connection.wrap_database_errors, connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {place} FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(
                    [str(field.db_type(connection)).partition("(")[0] for field in fields]
                )
                for row in rows:
                    copy.write_row(row)
        else:
            marks = f"({', '.join(['%s'] * len(fields))})"
            whole = (
                list(chain.from_iterable(islice(rows, ROWS_AT_ONCE)))
                for _ in range(len(columns[0]) // ROWS_AT_ONCE)
            )
            # the stubs want sequences; of an iterator only a part is in memory at a time
            cursor.executemany(
                f"INSERT INTO {place} VALUES {', '.join([marks] * ROWS_AT_ONCE)}",
                whole,  # type: ignore[arg-type]
            )
            cursor.executemany(f"INSERT INTO {place} VALUES {marks}", rows)  # type: ignore[arg-type]


def trades_read(*, experiment_id: int, index: int, numbers: Iterable[int]) -> np.ndarray:
    """TRADE [any] of those agents in round `index`, by agent and sequence, as the rows have
    them.
    """
    rows = Trade.objects.filter(
        agent__experiment_id=experiment_id, round=index, agent__number__in=list(numbers)
    )
    values = rows.order_by("agent__number", "sequence").values_list(
        "agent__number", "reason", *TRADE_NUMBERS
    )
    trades = np.zeros(len(values), TRADE)
    for place, (number, reason, *rest) in enumerate(values):
        trades[place]["agent"], trades[place]["reason"] = number, TRADE_REASONS.index(reason)
        for name, value in zip(TRADE_NUMBERS, rest, strict=True):
            trades[place][name] = value
    return trades


def amounts_read(*, experiment_id: int, index: int, numbers: Iterable[int]) -> np.ndarray:
    """float64 [agents, 1 + len(AMOUNTS)] of round `index`: how many trades each of those agents
    closed, and the sums of their AMOUNTS, added in the order of the trades.
    """
    place = {number: place for place, number in enumerate(numbers)}
    rows: list[tuple[Any, ...]] = []
    wanted = list(place)
    for first in range(0, len(wanted), MOST_VALUES):
        trades = Trade.objects.filter(
            agent__experiment_id=experiment_id,
            round=index,
            agent__number__in=wanted[first : first + MOST_VALUES],
        )
        ordered = trades.order_by("agent__number", "sequence")
        rows += ordered.values_list("agent__number", *AMOUNTS)
    values = np.array(rows, np.float64).reshape(-1, 1 + len(AMOUNTS))
    places = np.array([place[row[0]] for row in rows], np.int64)
    values[:, 0] = 1
    return np.stack([np.bincount(places, each, len(wanted)) for each in values.T], axis=1)


def scars_read(*, experiment_id: int, index: int, numbers: Iterable[int]) -> np.ndarray:
    """SCAR [any] of those agents in round `index`, by agent and sequence, as the rows have them."""
    rows = Scar.objects.filter(
        agent__experiment_id=experiment_id, round=index, agent__number__in=list(numbers)
    )
    columns = ("agent__number", "cause", "trade_sequence", "q_sell", "q_hold", "q_buy")
    values = rows.order_by("agent__number", "sequence").values_list(*columns, *SCAR_NUMBERS)
    scars = np.zeros(len(values), SCAR)
    for place, (number, cause, trade, sell, hold, buy, *rest) in enumerate(values):
        scars[place]["agent"], scars[place]["cause"] = number, SCAR_CAUSES.index(cause)
        scars[place]["trade"] = -1 if trade is None else trade
        scars[place]["q"] = [np.nan if q is None else q for q in (sell, hold, buy)]
        for name, value in zip(SCAR_NUMBERS, rest, strict=True):
            scars[place][name] = value
    return scars


def agent_keys(*, experiment_id: int, numbers: Iterable[int]) -> dict[int, int]:
    """{agent number: key of its row}; asked for in parts, because a database takes only so many
    values at once.
    """
    wanted = list(numbers)
    found: dict[int, int] = {}
    for first in range(0, len(wanted), MOST_VALUES):
        rows = Agent.objects.filter(
            experiment_id=experiment_id, number__in=wanted[first : first + MOST_VALUES]
        )
        found.update(rows.values_list("number", "pk"))
    return found


def finite(value: float) -> float | None:
    """None where a number is not finite: no database takes it alike."""
    return value if np.isfinite(value) else None


def _keys(records: np.ndarray, pk_of: Mapping[int, int]) -> list[int]:
    return [pk_of[number] for number in records["agent"].tolist()]
