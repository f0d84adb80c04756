"""The column of a state."""

from typing import Any

from django.db import models

from agents.states import Grade, State


class _OfStates(models.Field):
    """Choices and help come from a table of states. Migrations know it as the plain field that it
    is in the database, so that a sentence can be reworded without one.
    """

    PLAIN = ""

    def __init__(self, *args: Any, states: type[State] | type[Grade] | None = None, **kwargs: Any):
        self.states = states
        if states:
            kwargs |= {"choices": states.choices(), "help_text": states.described()}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        kwargs.pop("help_text", None)
        return name, self.PLAIN, args, kwargs


class StateField(_OfStates, models.CharField):
    """The value of a State."""

    PLAIN = "django.db.models.CharField"


class GradeField(_OfStates, models.SmallIntegerField):
    """The value of a Grade."""

    PLAIN = "django.db.models.SmallIntegerField"
