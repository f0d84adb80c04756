"""An amount of money as a person reads it.

static/js/shared/format.js writes the same; both are held to tests/money_cases.json.
"""

from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

NONE, MINUS, THIN = "–", "\u2212", "\u202f"
LEAST, MOST = 1e-6, 1e21
LEAST_TEXT, MOST_TEXT = "0.000001", "10\u00b2\u00b9"
# below it two significant digits, from it on two decimals
SMALL = 0.1
UNITS = ((1e6, "million"), (1e9, "billion"), (1e12, "trillion"), (1e15, "quadrillion"))
SIGNIFICANT = 4


def money(value: float | None, signed: bool = False) -> str:
    """12345.678 -> "12 345.68", 2.5e6 -> "2.5 million", 2e-10 -> "< 0.000001".

    0.00 is said only of 0. signed: gains have a plus. A dash for None and what is not finite.
    """
    if value is None or not isfinite(value):
        return NONE
    size, negative = abs(value), value < 0
    sign = MINUS if negative else "+" if signed and value else ""
    if 0 < size < LEAST:
        return f"{'>' if negative else '<'} {sign}{LEAST_TEXT}"
    if size >= MOST:
        return f"{'<' if negative else '>'} {sign}{MOST_TEXT}"
    return sign + (_small(size) if 0 < size < SMALL else _plain(size))


def _small(size: float) -> str:
    """Two significant digits, without an exponent; at least two decimals."""
    decimals = 1 - Decimal(repr(size)).adjusted()
    text = _fixed(size, decimals)
    kept = len(text) - decimals + 2
    return text[:kept] + text[kept:].rstrip("0")


def _plain(size: float) -> str:
    """Two decimals up to a million, four significant digits and a word from there on."""
    text = _fixed(size, 2)
    if float(text) < UNITS[0][0]:
        return _grouped(text)
    scaled = [(_significant(size / unit), word) for unit, word in UNITS]
    count, word = next((each for each in scaled if each[0] < 1000), scaled[-1])
    return f"{_grouped(f'{count:f}')}\u00a0{word}"


def _significant(size: float) -> Decimal:
    exact = Decimal(size)
    rounded = exact.quantize(Decimal(1).scaleb(exact.adjusted() - SIGNIFICANT + 1), ROUND_HALF_UP)
    return rounded.normalize()


def _fixed(size: float, decimals: int) -> str:
    """Rounded half up from the exact value, as JavaScript's toFixed does."""
    return str(Decimal(size).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def _grouped(text: str) -> str:
    whole, point, fraction = text.partition(".")
    return f"{int(whole):,}".replace(",", THIN) + point + fraction
