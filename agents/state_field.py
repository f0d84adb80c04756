"""Columns whose help comes from a table of states. Migrations know them as the plain columns that
they are in the database, so that a sentence can be reworded without one.
"""

from typing import Any

from django.db import models

from agents.states import Grade, State


class _Explained(models.Field):
    """plain: the name under which migrations know the column."""

    plain = ""

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        kwargs.pop("help_text", None)
        return name, self.plain, args, kwargs


class _OfStates(_Explained):
    """Choices and help are those of a table."""

    def __init__(self, *args: Any, states: type[State] | type[Grade] | None = None, **kwargs: Any):
        self.states = states
        if states:
            kwargs |= {"choices": states.choices(), "help_text": states.described()}
        super().__init__(*args, **kwargs)


class StateField(_OfStates, models.CharField):
    """The value of a State."""

    plain = "django.db.models.CharField"


class GradeField(_OfStates, models.SmallIntegerField):
    """The value of a Grade."""

    plain = "django.db.models.SmallIntegerField"


class AmountField(_Explained, models.FloatField):
    """An amount of money, one of those of a table."""

    plain = "django.db.models.FloatField"
