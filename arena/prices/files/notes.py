"""Notes on a file that was understood: columns left out, gaps, and what a person should
look at.
"""

from collections.abc import Collection, Sequence

import numpy as np

from arena.prices.files.cells.columns import Columns
from arena.prices.files.errors import printable
from arena.prices.files.rows import duration
from arena.prices.market.bars import DAY_MS, Bars
from arena.prices.market.calendar import gaps, hours_words
from arena.prices.market.leaps import FLAGGED, WILD, moves

FLAT_RUN = 1000
MOST_NAMED = 20


def column_notes(
    header: Sequence[str],
    columns: Columns,
    volumes: Sequence[np.ndarray],
    rivals: Sequence[np.ndarray | None],
    lines: np.ndarray,
    skip: Collection[int] = (),
) -> list[str]:
    """Which columns were left unread, and a warning where volume changes its unit.

    volumes, rivals: float64, part by part, of the column read and the next one; lines: int64 [n]
    where each row stands; skip: columns that were named already.
    """
    names = [printable(cell) for cell in header]
    notes = []
    if columns.rival is not None:
        rest = ", ".join(names[j] for j in columns.volumes[1:])
        notes.append(
            f"Volume from {names[columns.volumes[0]]}, the first of {len(columns.volumes)} volume"
            f" columns; not read: {rest}."
        )
        known = [rival for rival in rivals if rival is not None and not np.isnan(rival).any()]
        if known and len(known) == len(rivals):
            both = f"{names[columns.volumes[0]]} and {names[columns.rival]}"
            notes += _unit_switch(np.concatenate(volumes), np.concatenate(known), lines, both)
    ignored = [
        names[j]
        for j in range(len(names))
        if j not in columns.used and j not in columns.volumes and j not in skip
    ]
    more = f" and {len(ignored) - MOST_NAMED:,} more" if len(ignored) > MOST_NAMED else ""
    return notes + (
        [f"Columns not read: {', '.join(ignored[:MOST_NAMED])}{more}."] if ignored else []
    )


def _unit_switch(first: np.ndarray, second: np.ndarray, lines: np.ndarray, names: str) -> list[str]:
    """A warning where two volume columns trade places: one holds coins here and money there."""
    traded = np.flatnonzero((first > 0) & (second > 0))
    larger = first[traded] > second[traded]
    switches = traded[1:][np.diff(larger)]
    # of two columns of nearly the same size the larger one means nothing
    far = (
        np.median(np.abs(np.log(first[traded] / second[traded]))) > np.log(10)
        if traded.size
        else False
    )
    if not far or not switches.size:
        return []
    where = f"at line {lines[switches[0]]}" + (
        f" and {switches.size - 1} more" if switches.size > 1 else ""
    )
    return [
        f"Caution: {names} seem to trade places {where}, so the unit of volume changes; it is kept"
        " as written."
    ]


def series_notes(bars: Bars) -> list[str]:
    """Stretch and length of the bars, gaps, and what looks odd but is kept."""
    notes = [
        f"Bars of {duration(bars.timeframe_ms)} from {iso(bars.time[0])} to {iso(bars.time[-1])}.",
        *gap_notes(bars),
    ]
    size = np.abs(moves(bars))
    flagged = np.flatnonzero(size > FLAGGED)
    if flagged.size:
        first = iso(bars.time[flagged[0]])
        notes.append(
            f"Caution: {flagged.size} moves beyond x1.5 in one bar, first at {first}; a split or a"
            " wrong cell?"
        )
    if size.max() > WILD:
        notes.append(
            f"Quarantine: the move at {iso(bars.time[size.argmax()])} is beyond x10 in one bar; a"
            " person has to accept it."
        )
    moved = np.flatnonzero(np.diff(bars.close, prepend=np.nan, append=np.nan) != 0)
    if np.diff(moved).max() >= FLAT_RUN:
        notes.append(f"Caution: the price stands still for {np.diff(moved).max():,} bars in a row.")
    return notes


def gap_notes(bars: Bars) -> list[str]:
    """When the market is open, and what is missing then."""
    notes, holes = [], gaps(bars)
    if hours := hours_words(bars):
        closed = "weekends" if bars.timeframe_ms == DAY_MS else "hours at which it is closed"
        notes.append(f"The market is {hours}: {closed} are not counted as gaps, holidays are.")
    if holes:
        after, before, missing = max(holes, key=lambda gap: gap[2])
        total = sum(gap[2] for gap in holes)
        notes.append(
            f"{len(holes):,} gaps, {total:,} bars missing, the longest {missing:,} between"
            f" {iso(after)} and {iso(before)}; not filled."
        )
    return notes


def iso(ms: int | np.integer) -> str:
    """UTC milliseconds as "2022-03-01T13:00:00Z"."""
    text = str(np.datetime64(int(ms), "ms"))
    return text.removesuffix(".000") + "Z"
