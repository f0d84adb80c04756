"""The columns of an agent as people see them: its page, the terms, the API and the admin are made
from this list.
"""

from functools import lru_cache
from typing import Any

from django.db.models import Field, FloatField

from agents.models import Agent
from agents.money import money
from agents.state_field import AmountField

# what the house needs and says nothing of an agent
WORKINGS = frozenset({"id", "experiment", "retire", "birth_file", "birth_row", "version"})


@lru_cache
def columns() -> tuple[Field, ...]:
    """All others, in the order of the model."""
    return tuple(field for field in Agent._meta.concrete_fields if field.name not in WORKINGS)


def label(field: Field) -> str:
    """What pages call it."""
    return str(field.verbose_name).capitalize()


def written(field: Field, agent: Agent) -> str:
    """Its value as a person reads it."""
    value: Any = getattr(agent, field.attname)
    if isinstance(field, AmountField):
        return money(value)
    return f"{value:.4g}" if isinstance(field, FloatField) and value is not None else str(value)
