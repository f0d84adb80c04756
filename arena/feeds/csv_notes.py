"""What is told about a CSV that was understood: columns left out, gaps, and what a person should look at."""

import numpy as np

from arena.feeds.csv_columns import Columns
from arena.feeds.csv_numbers import is_number
from arena.feeds.csv_series import duration
from arena.feeds.csv_text import Table
from arena.feeds.errors import printable
from arena.market.bars import Bars, gaps, weekends_closed

# log of the price ratio of two bars beyond which a note asks whether it is a split or a wrong cell
JUMP = float(np.log(1.5))
FLAT_RUN = 1000


def column_notes(cells: Table, columns: Columns) -> list[str]:
    """Which columns were left unread, and a warning where volume changes its unit."""
    header = [printable(cell) for cell in cells.header]
    notes = []
    if len(columns.volumes) > 1:
        rest = ", ".join(header[j] for j in columns.volumes[1:])
        notes.append(f"Volume from {header[columns.volumes[0]]}, the first of {len(columns.volumes)} volume columns; not read: {rest}.")
        notes += _unit_switch(cells, columns)
    ignored = [header[j] for j in range(len(header)) if j not in columns.used and j not in columns.volumes]
    return notes + ([f"Columns not read: {', '.join(ignored)}."] if ignored else [])


def _unit_switch(cells: Table, columns: Columns) -> list[str]:
    """A warning where the first two volume columns trade places: one holds coins here and money there."""
    j, other = columns.volumes[:2]
    if not all(map(is_number, cells.columns[other])):
        return []
    first, second = (np.array(list(map(float, cells.columns[k]))) for k in (j, other))
    traded = np.flatnonzero((first > 0) & (second > 0))
    larger = first[traded] > second[traded]
    switches = traded[1:][np.diff(larger)]
    # of two columns of nearly the same size the larger one means nothing
    far = np.median(np.abs(np.log(first[traded] / second[traded]))) > np.log(10) if traded.size else False
    if not far or not switches.size:
        return []
    where = f"at line {cells.lines[switches[0]]}" + (f" and {switches.size - 1} more" if switches.size > 1 else "")
    names = f"{printable(cells.header[j])} and {printable(cells.header[other])}"
    return [f"Caution: {names} seem to trade places {where}, so the unit of volume changes; it is kept as written."]


def series_notes(bars: Bars) -> list[str]:
    """Stretch and length of the bars, gaps, and what looks odd but is kept."""
    holes = gaps(bars)
    notes = [f"Bars of {duration(bars.timeframe_ms)} from {iso(bars.time[0])} to {iso(bars.time[-1])}."]
    if weekends_closed(bars):
        notes.append("No bar falls on a weekend: weekends are not counted as gaps, holidays are.")
    if holes:
        after, before, missing = max(holes, key=lambda gap: gap[2])
        total = sum(gap[2] for gap in holes)
        notes.append(
            f"{len(holes):,} gaps, {total:,} bars missing, the longest {missing:,} between {iso(after)} and {iso(before)}; not filled."
        )
    jumps = np.flatnonzero(np.abs(np.diff(np.log(bars.close))) > JUMP)
    if jumps.size:
        notes.append(
            f"Caution: {jumps.size} moves beyond x1.5 in one bar, first at {iso(bars.time[jumps[0] + 1])}; a split or a wrong cell?"
        )
    moved = np.flatnonzero(np.diff(bars.close, prepend=np.nan, append=np.nan) != 0)
    if np.diff(moved).max() >= FLAT_RUN:
        notes.append(f"Caution: the price stands still for {np.diff(moved).max():,} bars in a row.")
    return notes


def iso(ms: int | np.integer) -> str:
    """UTC milliseconds as "2022-03-01T13:00:00Z"."""
    text = str(np.datetime64(int(ms), "ms"))
    return text.removesuffix(".000") + "Z"
