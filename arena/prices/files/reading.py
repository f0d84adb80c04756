"""What every kind of file ends in: parts of columns that were read, made one series with a sentence for all that was understood."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from arena.prices.files.columns import Columns
from arena.prices.files.errors import printable
from arena.prices.files.notes import column_notes, series_notes
from arena.prices.files.rows import Rows, series
from arena.prices.market.bars import PRICES, Bars, value_problem

PRICE_RANGE = (1e-12, 1e12)
VOLUME_MAX = 1e18


@dataclass(frozen=True)
class PriceFile:
    """What a file holds: its bars, one sentence per thing understood or done, the headings read by role, its symbol or ""; all headings."""

    bars: Bars
    notes: list[str]
    columns: dict[str, str]
    symbol: str
    headings: tuple[str, ...]


@dataclass
class Part:
    """Some rows in the order of the file: `time` int64 ms and float64 `values` by role, all [n]; `lines` int64 [n] where they stand.

    `rival`: float64 [n] of the second column of volumes, None where there is none of numbers.
    """

    time: np.ndarray
    values: dict[str, np.ndarray]
    rival: np.ndarray | None
    lines: np.ndarray


@dataclass(frozen=True)
class Understood:
    """What holds for a whole file: its headings, their roles, the time column read, sentences, symbol; what `lines` of a part count."""

    header: Sequence[str]
    columns: Columns
    time_column: int
    notes: list[str]
    symbol: str
    unit: str


def assembled(parts: list[Part], told: Understood, now_ms: int) -> PriceFile:
    """The file of `parts`, which are emptied on the way: of a long series only one copy is held. Raises `FeedError`."""
    lines = np.concatenate([part.lines for part in parts])
    rivals = [part.rival for part in parts]
    notes = [*told.notes, *column_notes(told.header, told.columns, [part.values["volume"] for part in parts], rivals, lines)]
    arrays = {"time": np.concatenate([part.time for part in parts])}
    for role in told.columns.values:
        arrays[role] = np.concatenate([part.values.pop(role) for part in parts])
    parts.clear()
    bars, done = series(Rows(arrays, lines, told.header[told.time_column], told.unit), now_ms)
    read = {"time": told.time_column, **told.columns.values} | ({} if told.columns.symbol is None else {"symbol": told.columns.symbol})
    headings = {role: told.header[j] for role, j in read.items()}
    return PriceFile(bars, [*notes, *done, *series_notes(bars)], headings, told.symbol, tuple(map(printable, told.header)))


def impossible(values: dict[str, np.ndarray]) -> tuple[int, str, str] | None:
    """(row, role, what is wrong and the remedy) of a price or volume there cannot be, or None."""
    problem = value_problem(**values)
    if problem:
        row, role, text = problem
        return row, role, f"{text}; correct or delete the row"
    low, high = PRICE_RANGE
    for role in PRICES:
        for far in np.flatnonzero((values[role] < low) | (values[role] > high)):
            return int(far), role, f"is no price between {low:g} and {high:g}; change the unit"
    for far in np.flatnonzero(values["volume"] > VOLUME_MAX):
        return int(far), "volume", f"is above {VOLUME_MAX:g}; change the unit"
    return None
