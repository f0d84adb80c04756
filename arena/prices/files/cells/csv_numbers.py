"""Columns of text to float64: a cell tells its own number, and the whole file tells what a comma
is.

Plain ASCII numbers, thousands in groups of three, a currency sign before or after, and K, M, B
after: nothing else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from arena.prices.files.errors import Problem, shown

MAX_DIGITS = 40
NOT_FINITE = ("nan", "inf", "infinity")
# what tools write where there is nothing
EMPTY = frozenset({"", "nan", "null", "none", "na", "n/a", "#n/a", "nat", "-", "--", "."})
is_number = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?").fullmatch
looks_like_formula = re.compile(r"[=+@\t]|-(?![0-9])").match
SIGNS = r"[$€£¥₹₿]?"
BLANKS = " \u00a0\u2009\u202f'\u2019"
SUFFIXES = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
# sign, currency, figures, exponent, suffix, currency
dressed = re.compile(
    rf"(-?) ?{SIGNS} ?(-?)([0-9][0-9.,{BLANKS}]*|[.,][0-9]+)([eE][+-]?[0-9]+)? ?([kKmMbBtT]?)"
    rf" ?{SIGNS}"
).fullmatch
GROUPED = {
    "point": (
        re.compile(rf"([0-9]{{1,3}}([,{BLANKS}][0-9]{{3}})+|[0-9]+)(\.[0-9]*)?|\.[0-9]+").fullmatch
    ),
    "comma": (
        re.compile(rf"([0-9]{{1,3}}([.{BLANKS}][0-9]{{3}})+|[0-9]+)(,[0-9]*)?|,[0-9]+").fullmatch
    ),
}
REMOVED = {
    "point": str.maketrans("", "", "," + BLANKS),
    "comma": str.maketrans(",", ".", "." + BLANKS),
}


@dataclass(frozen=True)
class Numbers:
    """float64 [n] of a column, NaN where a cell is empty or no number; `empty` bool [n]; `problems`
    of the others.
    """

    values: np.ndarray
    empty: np.ndarray
    problems: list[Problem]


def is_empty(cell: str) -> bool:
    """Whether a cell says that there is nothing."""
    return cell.strip().lower() in EMPTY


def is_numeral(cell: str) -> bool:
    """Whether a cell could be a number, whatever its comma means."""
    found = dressed(cell.strip())
    return found is not None and any(grouped(found[3]) for grouped in GROUPED.values())


def decimals_of(cells: Sequence[str], *, commas_usual: bool = False) -> set[str]:
    """Which of "point" and "comma" every cell can be read with; empty: they contradict.

    A single point is a decimal point, but where commas are usual and every point stands before
    three figures.
    """
    figured = [
        figures[3]
        for cell in cells
        if ("," in cell or "." in cell) and (figures := dressed(cell.strip()))
    ]
    fits = [{style for style, grouped in GROUPED.items() if grouped(text)} for text in figured]
    # what is no number either way says nothing
    known = [(text, styles) for text, styles in zip(figured, fits, strict=True) if styles]
    possible = set.intersection({"point", "comma"}, *(styles for _, styles in known))
    doubt = any("," in text or text.count(".") > 1 for text, _ in known)
    if doubt or (commas_usual and known and possible == {"point", "comma"}):
        return possible
    return {"point"}


def numbers(
    cells: Sequence[str], lines: Sequence[int], column: str, decimal: str = "point"
) -> Numbers:
    """The numbers of one column; `lines` where each stands."""
    if cells and max(map(len, cells)) <= MAX_DIGITS:
        plain = cells if decimal == "point" else _with_points(cells)
        if all(map(is_number, plain)):
            values = np.fromiter(map(float, plain), np.float64, len(plain))
            if np.isfinite(values).all() and not any(
                vanishes(plain[i]) for i in np.flatnonzero(values == 0).tolist()
            ):
                # a negative zero is stored as zero
                return Numbers(values + 0.0, np.zeros(len(plain), bool), [])
    return _one_by_one(cells, lines, column, decimal)


def _with_points(cells: Sequence[str]) -> Sequence[str]:
    """Cells of figures with a decimal comma, written with a point; the same ones where any is more
    than that.
    """
    return (
        [cell.translate(REMOVED["comma"]) for cell in cells]
        if all(map(GROUPED["comma"], cells))
        else cells
    )


def value_of(cell: str, decimal: str = "point") -> float | None:
    """The number of one cell, None where it is none; may be infinite."""
    if decimal == "point" and is_number(cell):
        return float(cell) + 0.0
    found = dressed(cell.strip())
    if found is None or not GROUPED[decimal](found[3]) or (found[1] and found[2]):
        return None
    figures = found[3].translate(REMOVED[decimal]) + (found[4] or "")
    return float(f"{found[1] or found[2]}{figures}") * SUFFIXES[found[5].lower()] + 0.0


def vanishes(cell: str) -> bool:
    """Whether a cell that reads as 0 is written with another figure: 1e-400."""
    return re.search("[1-9]", re.split("[eE]", cell)[0]) is not None


def _one_by_one(cells: Sequence[str], lines: Sequence[int], column: str, decimal: str) -> Numbers:
    values, empty, problems = np.full(len(cells), np.nan), np.zeros(len(cells), bool), []
    for i, cell in enumerate(cells):
        if is_empty(cell):
            empty[i] = True
            continue
        value = value_of(cell, decimal) if len(cell) <= MAX_DIGITS else None
        if value is None or not np.isfinite(value) or (value == 0 and vanishes(cell)):
            problems.append(Problem(_why(cell, value, decimal), int(lines[i]), column))
        else:
            values[i] = value
    return Numbers(values, empty, problems)


def _why(cell: str, value: float | None, decimal: str) -> str:
    """What is wrong with a cell, in words with the remedy."""
    if value is not None:
        size = "large for a number" if value else "small for a number and would become 0"
        return f"{shown(cell)} is too {size}; correct it or delete the row"
    other = "a comma" if decimal == "point" else "a point"
    reasons = (
        (len(cell) > MAX_DIGITS, f"is longer than {MAX_DIGITS} characters; correct it"),
        (
            cell.strip().lower().lstrip("-+") in NOT_FINITE,
            "is not a finite number; correct it or delete the row",
        ),
        (
            looks_like_formula(cell),
            "looks like a spreadsheet formula or a signed text; export plain values",
        ),
        (
            is_numeral(cell),
            f"has {other} where the other cells do not; write all numbers in one way",
        ),
    )
    remedy = "is not a plain number such as 1234.5; correct it or delete the row"
    return f"{shown(cell)} " + next((text for is_so, text in reasons if is_so), remedy)
