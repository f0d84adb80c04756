"""Rows in the order of the file to a series of bars: direction, duplicates, length of a bar."""

from dataclasses import dataclass

import numpy as np

from arena.prices.files.errors import FeedError
from arena.prices.market.bars import COLUMNS, DAY_MS, Bars

HOUR_MS = 3_600_000
# as many equal steps in a row that are longer than a bar are not gaps but another length of bar
MIXED_RUN = 20
# a day by local time has 23 or 25 hours when the clocks change
DAY_SLACK_MS = HOUR_MS
UNITS = ((7 * DAY_MS, "week"), (DAY_MS, "day"), (HOUR_MS, "hour"), (60_000, "minute"), (1000, "second"), (1, "millisecond"))


@dataclass(frozen=True)
class Rows:
    """`arrays` by name of COLUMNS, each [n]; `lines` int64 [n]: the `unit` of the file each row stands in; `time_column` as headed."""

    arrays: dict[str, np.ndarray]
    lines: np.ndarray
    time_column: str
    unit: str = "line"

    def __len__(self) -> int:
        return len(self.lines)

    def take(self, index: slice | np.ndarray) -> "Rows":
        """The rows at `index`, a slice or a mask."""
        return Rows({name: array[index] for name, array in self.arrays.items()}, self.lines[index], self.time_column, self.unit)

    def refuse(self, row: int | np.integer, text: str) -> FeedError:
        """The error that names the time column at `row`."""
        return FeedError(text, int(self.lines[row]), self.time_column, unit=self.unit)


def series(rows: Rows, now_ms: int) -> tuple[Bars, list[str]]:
    """Bars of the rows and notes on what was done; `FeedError` for times in no order, conflicts, the future, mixed bars."""
    _refuse_future(rows, now_ms)
    rows, turned = _oldest_first(rows)
    rows, merged = _merged(rows)
    if len(rows) < 2:
        raise FeedError("there is one bar; at least 2 are needed", int(rows.lines[0]), unit=rows.unit)
    step = timeframe(rows)
    rows, unfinished = _closed(rows, step, now_ms)
    return Bars(**rows.arrays, timeframe_ms=step), [*turned, *merged, *unfinished]


def duration(ms: int) -> str:
    """ "1 hour", "15 minutes", "1 day"."""
    size, unit = next((size, unit) for size, unit in UNITS if ms % size == 0)
    return f"{ms // size} {unit}{'' if ms == size else 's'}"


def timeframe(rows: Rows) -> int:
    """The most common step in ms (the shortest of several); `FeedError` where other steps are not gaps of whole bars."""
    steps = np.diff(rows.arrays["time"])
    sizes, counts = np.unique(steps, return_counts=True)
    step = int(sizes[np.argmax(counts)])
    rest = np.minimum(steps % step, step - steps % step)
    odd = np.flatnonzero((rest > (DAY_SLACK_MS if step >= DAY_MS else 0)) | (steps < step / 2))
    if odd.size:
        raise rows.refuse(odd[0] + 1, _mixed(int(steps[odd[0]]), step))
    long_run = _run(steps, step)
    if long_run is not None:
        raise rows.refuse(long_run + 1, _mixed(int(steps[long_run]), step))
    return step


def _mixed(found: int, step: int) -> str:
    return f"comes {duration(found)} after the bar before, where most bars are {duration(step)} apart; keep bars of one length"


def _run(steps: np.ndarray, step: int) -> int | None:
    """Where MIXED_RUN equal steps longer than `step` begin, or None."""
    edges = np.flatnonzero(np.diff(steps, prepend=-1, append=-1))
    lengths = np.diff(edges)
    found = np.flatnonzero((lengths >= MIXED_RUN) & (steps[edges[:-1]] > 1.5 * step))
    return int(edges[found[0]]) if found.size else None


def _refuse_future(rows: Rows, now_ms: int) -> None:
    late = np.flatnonzero(rows.arrays["time"] > now_ms)
    if late.size:
        when = np.datetime64(int(rows.arrays["time"][late[0]]), "ms")
        raise rows.refuse(late[0], f"{when} UTC lies in the future; check the unit and the zone, or delete the row")


def _oldest_first(rows: Rows) -> tuple[Rows, list[str]]:
    steps = np.diff(rows.arrays["time"])
    falls, rises = np.count_nonzero(steps < 0), np.count_nonzero(steps > 0)
    wrong = np.flatnonzero(steps > 0 if falls > rises else steps < 0)
    if wrong.size:
        order = "newest first" if falls > rises else "oldest first"
        raise rows.refuse(wrong[0] + 1, f"breaks the order of times, which are {order} elsewhere; sort the file by time, or delete the row")
    if falls:
        return rows.take(slice(None, None, -1)), ["Newest row first: turned round, oldest first."]
    return rows, []


def _merged(rows: Rows) -> tuple[Rows, list[str]]:
    """Neighbours of one time: one row where all values are equal, else an error."""
    twice = np.diff(rows.arrays["time"]) == 0
    same = np.logical_and.reduce([rows.arrays[name][1:] == rows.arrays[name][:-1] for name in COLUMNS])
    for i in np.flatnonzero(twice & ~same):
        other = int(min(rows.lines[i : i + 2]))
        text = f"has the time of {rows.unit} {other} but other values; keep one (local times around a clock change: write them in UTC)"
        raise FeedError(text, int(max(rows.lines[i : i + 2])), rows.time_column, unit=rows.unit)
    if not twice.any():
        return rows, []
    first = int(max(rows.lines[np.argmax(twice)], rows.lines[np.argmax(twice) + 1]))
    return rows.take(np.concatenate([[True], ~twice])), [
        f"{np.count_nonzero(twice)} exact duplicate rows merged, such as {rows.unit} {first}."
    ]


def _closed(rows: Rows, step: int, now_ms: int) -> tuple[Rows, list[str]]:
    """Without the last bar where it is still open at `now_ms`."""
    if len(rows) > 2 and rows.arrays["time"][-1] + step > now_ms:
        return rows.take(slice(None, -1)), [f"The last bar ({rows.unit} {rows.lines[-1]}) has not closed yet: left out."]
    return rows, []
