"""Tables of states: each has a value for rows, a word for pages and a sentence for people. Models,
the glossary, the API and the admin are made from them.
"""

from enum import IntEnum, StrEnum
from typing import Any, Self


class Described:
    """What the two kinds of table below have in common."""

    label: str
    sentence: str

    @classmethod
    def values(cls: Any) -> list[Any]:
        """Values in the order of the table."""
        return [state.value for state in cls]

    @classmethod
    def labels(cls: Any) -> list[str]:
        """What pages call them."""
        return [state.label for state in cls]

    @classmethod
    def choices(cls: Any) -> list[tuple[Any, str]]:
        """As a model's field takes them."""
        return [(state.value, state.label) for state in cls]

    @classmethod
    def described(cls: Any) -> str:
        """All of them with their sentences, as one text."""
        return " ".join(f"{state.value}: {state.sentence}" for state in cls)


class State(Described, StrEnum):
    """A table whose members are written (value, label, sentence), and looked up by value."""

    def __new__(cls, value: str, label: str = "", sentence: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_, member.label, member.sentence = value, label, sentence
        return member


class Grade(Described, IntEnum):
    """The same, of states that are numbers in an order."""

    def __new__(cls, value: int, label: str = "", sentence: str = "") -> Self:
        member = int.__new__(cls, value)
        member._value_, member.label, member.sentence = value, label, sentence
        return member
