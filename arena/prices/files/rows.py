"""Rows in the order of the file to a series of bars: direction, duplicates, length of a bar."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from arena.prices.files.errors import MOST_PROBLEMS, FeedError, Problem
from arena.prices.market.bars import COLUMNS, DAY_MS, MONTH_MS, Bars

HOUR_MS = 3_600_000
# as many equal steps in a row that are longer than a bar are not gaps but another length of bar
MIXED_RUN = 20
# a day by local time has 23 or 25 hours when the clocks change
DAY_SLACK_MS = HOUR_MS
# a week may be dated by its first trading day
WEEK_SLACK_MS = 3 * DAY_MS
# the shortest month; and how far from midnight UTC the midnight of a city is
SHORTEST_MONTH_MS, HALF_DAY_MS = 28 * DAY_MS - HOUR_MS, DAY_MS // 2
TWICE = (
    "but other values; keep one (local times around a clock change: name their zone (zone), or"
    " write them in UTC)"
)
# bars at one time of day that make it one at which bars begin
USUAL_TIMES = 2
UNITS = (
    (12 * MONTH_MS, "year"),
    (MONTH_MS, "month"),
    (7 * DAY_MS, "week"),
    (DAY_MS, "day"),
    (HOUR_MS, "hour"),
    (60_000, "minute"),
    (1000, "second"),
    (1, "millisecond"),
)


@dataclass(frozen=True)
class Rows:
    """`arrays` by name of COLUMNS, each [n]; `lines` int64 [n]: the `unit` of the file each row
    stands in; `time_column` as headed.
    """

    arrays: dict[str, np.ndarray]
    lines: np.ndarray
    time_column: str
    unit: str = "line"

    def __len__(self) -> int:
        return len(self.lines)

    def take(self, index: slice | np.ndarray) -> "Rows":
        """The rows at `index`, a slice or a mask."""
        return Rows(
            {name: array[index] for name, array in self.arrays.items()},
            self.lines[index],
            self.time_column,
            self.unit,
        )

    def refuse(self, row: int | np.integer, text: str) -> FeedError:
        """The error that names the time column at `row`."""
        return FeedError(text, int(self.lines[row]), self.time_column, unit=self.unit)

    def refuse_all(self, places: Sequence[int] | np.ndarray, texts: Sequence[str]) -> FeedError:
        """The error that names the time column at several rows, each with its text."""
        problems = [
            Problem(text, int(self.lines[row]), self.time_column)
            for row, text in zip(places, texts, strict=True)
        ]
        problems.sort(key=lambda problem: problem.line or 0)
        return FeedError(*problems[0], unit=self.unit, problems=problems)


def series(rows: Rows, now_ms: int) -> tuple[Bars, list[str]]:
    """Bars of the rows and notes on what was done; `FeedError` for times in no order, conflicts,
    the future, mixed bars.
    """
    _refuse_future(rows, now_ms)
    rows, turned = _oldest_first(rows)
    rows, merged = _merged(rows)
    if len(rows) < 2:
        raise FeedError(
            "there is one bar; at least 2 are needed", int(rows.lines[0]), unit=rows.unit
        )
    step = timeframe(rows)
    rows, unfinished = _closed(rows, step, now_ms)
    return Bars(**rows.arrays, timeframe_ms=step), [*turned, *merged, *unfinished]


def duration(ms: int) -> str:
    """ "1 hour", "15 minutes", "1 day"."""
    size, unit = next((size, unit) for size, unit in UNITS if ms % size == 0)
    return f"{ms // size} {unit}{'' if ms == size else 's'}"


def timeframe(rows: Rows) -> int:
    """The most common step in ms (the shortest of several); `FeedError` where other steps are not
    gaps of whole bars.

    Bars that come once in so many calendar months last MONTH_MS each. Nights and weekends need not
    be whole bars where the times of day are usual ones, nor the first bar of a day where it is
    short every day.
    """
    steps = np.diff(rows.arrays["time"])
    months = _months(rows.arrays["time"], steps)
    if months:
        return months * MONTH_MS
    sizes, counts = np.unique(steps, return_counts=True)
    step = int(sizes[np.argmax(counts)])
    rest = np.minimum(steps % step, step - steps % step)
    slack = WEEK_SLACK_MS if step == 7 * DAY_MS else DAY_SLACK_MS if step >= DAY_MS else 0
    odd = (rest > slack) | (steps < step / 2)
    if odd.any() and step < DAY_MS:
        odd &= ~_by_the_clock(rows.arrays["time"], steps, step)
    if odd.any():
        places = np.flatnonzero(odd)
        raise rows.refuse_all(
            places[:MOST_PROBLEMS] + 1,
            [_mixed(int(steps[i]), step) for i in places[:MOST_PROBLEMS]],
        )
    long_run = _run(steps, step)
    if long_run is not None:
        raise rows.refuse(long_run + 1, _mixed(int(steps[long_run]), step))
    return step


def _months(time: np.ndarray, steps: np.ndarray) -> int:
    """Calendar months from one bar to the next; 0 where they do not come so."""
    if steps.min() < SHORTEST_MONTH_MS:
        return 0
    passed: np.ndarray = np.diff(
        (time + HALF_DAY_MS).astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    )
    sizes, counts = np.unique(passed, return_counts=True)
    months = int(sizes[np.argmax(counts)])
    return months if months and not (passed % months).any() else 0


def _by_the_clock(time: np.ndarray, steps: np.ndarray, step: int) -> np.ndarray:
    """bool [n - 1]: steps from one usual time of day to another, over a night or after it.

    A time of day is usual that bars begin at on several days; a step shorter than a bar counts
    after a night alone.
    """
    days = time % DAY_MS
    _, which, counts = np.unique(days, return_inverse=True, return_counts=True)
    usual = counts[which] >= USUAL_TIMES
    known = usual[:-1] & usual[1:]
    nights = steps > step
    after_night = np.concatenate([[True], nights[:-1]])
    return known & (nights | (after_night & (steps >= step / 4)))


def _mixed(found: int, step: int) -> str:
    return (
        f"comes {duration(found)} after the bar before, where most bars are {duration(step)} apart;"
        " keep bars of one length"
    )


def _run(steps: np.ndarray, step: int) -> int | None:
    """Where MIXED_RUN equal steps longer than `step` begin, or None."""
    edges = np.flatnonzero(np.diff(steps, prepend=-1, append=-1))
    lengths = np.diff(edges)
    found = np.flatnonzero((lengths >= MIXED_RUN) & (steps[edges[:-1]] > 1.5 * step))
    return int(edges[found[0]]) if found.size else None


def _refuse_future(rows: Rows, now_ms: int) -> None:
    late = np.flatnonzero(rows.arrays["time"] > now_ms)
    if late.size:
        some = late[:MOST_PROBLEMS]
        whens = [np.datetime64(int(rows.arrays["time"][row]), "ms") for row in some]
        raise rows.refuse_all(
            some,
            [
                f"{when} UTC lies in the future; check the unit and the zone, or delete the row"
                for when in whens
            ],
        )


def _oldest_first(rows: Rows) -> tuple[Rows, list[str]]:
    steps = np.diff(rows.arrays["time"])
    falls, rises = np.count_nonzero(steps < 0), np.count_nonzero(steps > 0)
    wrong = np.flatnonzero(steps > 0 if falls > rises else steps < 0)
    if wrong.size:
        order = "newest first" if falls > rises else "oldest first"
        text = (
            f"breaks the order of times, which are {order} elsewhere; sort the file by time, or"
            " delete the row"
        )
        some = wrong[:MOST_PROBLEMS] + 1
        raise rows.refuse_all(some, [text] * len(some))
    if falls:
        return rows.take(slice(None, None, -1)), ["Newest row first: turned round, oldest first."]
    return rows, []


def _merged(rows: Rows) -> tuple[Rows, list[str]]:
    """Neighbours of one time: one row where all values are equal, else an error."""
    twice = np.diff(rows.arrays["time"]) == 0
    same = np.logical_and.reduce(
        [rows.arrays[name][1:] == rows.arrays[name][:-1] for name in COLUMNS]
    )
    if (twice & ~same).any():
        pairs = np.flatnonzero(twice & ~same)[:MOST_PROBLEMS]
        others = [int(min(rows.lines[i : i + 2])) for i in pairs]
        later = [int(i) + int(rows.lines[i + 1] > rows.lines[i]) for i in pairs]
        raise rows.refuse_all(
            later, [f"has the time of {rows.unit} {other} {TWICE}" for other in others]
        )
    if not twice.any():
        return rows, []
    first = int(max(rows.lines[np.argmax(twice)], rows.lines[np.argmax(twice) + 1]))
    return rows.take(np.concatenate([[True], ~twice])), [
        f"{np.count_nonzero(twice)} exact duplicate rows merged, such as {rows.unit} {first}."
    ]


def _closed(rows: Rows, step: int, now_ms: int) -> tuple[Rows, list[str]]:
    """Without the last bar where it is still open at `now_ms`."""
    if len(rows) > 2 and _closes(int(rows.arrays["time"][-1]), step) > now_ms:
        return rows.take(slice(None, -1)), [
            f"The last bar ({rows.unit} {rows.lines[-1]}) has not closed yet: left out."
        ]
    return rows, []


def _closes(opened: int, step: int) -> int:
    """When a bar closes; that of calendar months when as many have passed."""
    if step % MONTH_MS:
        return opened + step
    at = np.datetime64(opened + HALF_DAY_MS, "ms")
    months = at.astype("datetime64[M]") + step // MONTH_MS
    return (
        int(
            (
                months.astype("datetime64[ms]")
                - at.astype("datetime64[M]").astype("datetime64[ms]")
            ).astype(np.int64)
        )
        + opened
    )
