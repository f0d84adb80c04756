"""Numbers as pages write them in sentences: a true minus, spaces that break no line, a dash for
none.
"""

from collections.abc import Sequence
from typing import Any

from agents.money import MINUS, NONE, THIN

FIXED = "\u00a0"
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
# from here on a number is too long to be read, and a share from ten million per cent
READABLE, READABLE_SHARE = 1e12, 1e5
SIZES = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def percent(value: Any, digits: int = 1, signed: bool = False) -> str:
    """0.1234 -> "12.3 %"; `signed` puts a plus before gains. What cannot be read is written with
    a power of ten.
    """
    if value is None:
        return NONE
    if abs(value) >= READABLE_SHARE:
        return f"{_sign(value, signed)}{power(100 * abs(value))}{FIXED}%"
    return f"{number(100 * value, digits, signed)}{FIXED}%"


def points(value: Any, digits: int = 1) -> str:
    """A difference of shares: 0.038 -> "+3.8"."""
    return number(None if value is None else 100 * value, digits, True)


def power(value: float) -> str:
    """2.31e12 -> "2.3 × 10¹²"."""
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}{FIXED}×{FIXED}10{str(int(exponent)).translate(RAISED)}"


def number(value: Any, digits: int = 2, signed: bool = False) -> str:
    """With so many decimals; what rounds to 0 has no sign. What cannot be read is written with a
    power of ten.
    """
    if value is None:
        return NONE
    if abs(value) >= READABLE:
        return _sign(value, signed) + power(abs(value))
    text = f"{abs(value):,.{digits}f}".replace(",", THIN)
    nought = not any(digit in text for digit in "123456789")
    return text if nought else _sign(value, signed) + text


def whole(value: Any) -> str:
    """Without decimals."""
    return number(value, 0)


def size_words(size: float) -> str:
    """Bytes: "1.2 GiB", "12 GiB", "0"."""
    unit, name = next((each for each in SIZES if size >= each[0]), SIZES[-1])
    return f"{size / unit:,.{0 if size >= 10 * unit else 1}f} {name}" if size else "0"


def listed(words: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def plural(count: int, word: str) -> str:
    """1 bar, 2 bars."""
    return f"{whole(count)} {word}{'' if count == 1 else 's'}"


def _sign(value: float, signed: bool) -> str:
    return MINUS if value < 0 else "+" if signed else ""
