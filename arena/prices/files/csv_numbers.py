"""Columns of text to float64, strictly: plain ASCII numbers or a refusal that names the cell."""

import re
from collections.abc import Callable, Sequence

import numpy as np

from arena.prices.files.errors import FeedError, shown

MAX_DIGITS = 40
NOT_FINITE = ("nan", "inf", "infinity", "null", "none", "na", "n/a")
is_number = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?").fullmatch
looks_like_formula = re.compile(r"[=+@\t]|-(?![0-9])").match


def numbers(cells: Sequence[str], lines: Sequence[int], column: str) -> np.ndarray:
    """float64 [n] of `cells`; raises `FeedError` at the first that is no plain, finite number of at most MAX_DIGITS characters."""
    # the place of a fault is looked for only where there is one
    if max(map(len, cells)) > MAX_DIGITS:
        _refuse_first(cells, lines, column, lambda cell: len(cell) <= MAX_DIGITS)
    if not all(map(is_number, cells)):
        _refuse_first(cells, lines, column, is_number)
    values = np.fromiter(map(float, cells), np.float64, len(cells))
    for i in np.flatnonzero(~np.isfinite(values)).tolist():
        raise FeedError(f"{shown(cells[i])} is too large for a number; correct it or delete the row", lines[i], column)
    for i in np.flatnonzero(values == 0).tolist():
        if vanishes(cells[i]):
            raise FeedError(f"{shown(cells[i])} is too small for a number and would become 0; correct it", lines[i], column)
    # a negative zero is stored as zero
    return values + 0.0


def vanishes(cell: str) -> bool:
    """Whether a cell that reads as 0 is written with another figure: 1e-400."""
    return re.search("[1-9]", re.split("[eE]", cell)[0]) is not None


def refuse_formulas(cells: Sequence[str], lines: Sequence[int], column: str) -> None:
    """Raises `FeedError` at the first cell that a spreadsheet would run; for columns that are not read as numbers."""
    _refuse_first(cells, lines, column, lambda cell: not looks_like_formula(cell))


def _refuse_first(cells: Sequence[str], lines: Sequence[int], column: str, fine: Callable[[str], object]) -> None:
    for cell, line in zip(cells, lines, strict=True):
        if not fine(cell):
            raise FeedError(_why(cell), line, column)


def _why(cell: str) -> str:
    """What is wrong with a cell that is no number, in words with the remedy."""
    lower = cell.strip().lower().lstrip("-")
    reasons = (
        (len(cell) > MAX_DIGITS, f"is longer than {MAX_DIGITS} characters; correct it"),
        (not lower, "is empty; fill it in or delete the row"),
        (lower in NOT_FINITE, "is not a finite number; correct it or delete the row"),
        (looks_like_formula(cell), "looks like a spreadsheet formula or a signed text; export plain values"),
        (cell != cell.strip(), "has blanks around it; remove them"),
        ("," in cell, "has a comma; write a decimal point and no thousands separators, such as 1234.5"),
    )
    return f"{shown(cell)} " + next(
        (text for is_so, text in reasons if is_so), "is not a plain number such as 1234.5; correct it or delete the row"
    )
