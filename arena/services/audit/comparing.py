"""Sentences for what is stored otherwise than it must be."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from agents.models import Agent
from arena.store.digests import canonical

RECORDED = ("generation", "founder", "birth_round")


def compared(where: str, right: Any, found: Any) -> Iterator[str]:
    """A sentence for each leaf of JSON values that is not the one computed."""
    if isinstance(right, dict) and isinstance(found, dict):
        for name in sorted(right.keys() | found.keys()):
            yield from compared(f"{where}: {name}", right.get(name), found.get(name))
    elif canonical(right) != canonical(found):
        yield f"{where} is {found!r}, computed again {right!r}"


def otherwise(where: str, row: Any, right: dict[str, Any]) -> Iterator[str]:
    """A sentence for each column of a row that does not have the right value."""
    for name, value in right.items():
        if getattr(row, name) != value:
            yield f"{where}: {name} is {getattr(row, name)!s}, should be {value!s}"


def born_otherwise(
    agent: Agent, record: np.void, origin: str, place: tuple[Any, ...]
) -> Iterator[str]:
    """What an agent's row says otherwise of its birth than its record then; place: file and row of
    its first weights, time if known.
    """
    right = {"origin": origin, "endowment": float(record["endowment"])}
    right |= {name: int(record[name]) for name in RECORDED}
    right |= dict(zip(("birth_file", "birth_row", "born_at"), place, strict=False))
    yield from otherwise(f"agent {agent.number}", agent, right)
