"""Numbers as pages write them in sentences: a true minus, spaces that break no line, a dash for none."""

from collections.abc import Sequence
from typing import Any

from agents.money import MINUS, NONE, THIN

FIXED = "\u00a0"


def percent(value: Any, digits: int = 1, signed: bool = False) -> str:
    """0.1234 -> "12.3 %"; `signed` puts a plus before gains."""
    return NONE if value is None else f"{number(100 * value, digits, signed)}{FIXED}%"


def number(value: Any, digits: int = 2, signed: bool = False) -> str:
    """With so many decimals; what rounds to 0 has no sign."""
    if value is None:
        return NONE
    text = f"{abs(value):,.{digits}f}".replace(",", THIN)
    nought = not any(digit in text for digit in "123456789")
    return text if nought else (MINUS if value < 0 else "+" if signed else "") + text


def whole(value: Any) -> str:
    """Without decimals."""
    return number(value, 0)


def listed(words: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def plural(count: int, word: str) -> str:
    """1 bar, 2 bars."""
    return f"{whole(count)} {word}{'' if count == 1 else 's'}"
