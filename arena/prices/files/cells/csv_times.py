"""Columns of text to milliseconds: Unix time by its magnitude, numbers that are dates, dates in
every usual order.

A cell tells its own unit and its own layout; which of day and month stands first, and whether a
number counts from 1970 or is a date, holds for the column and is decided by all of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from arena.prices.files.errors import Problem, shown

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000
# a number that counts from 1970: figures, perhaps a point and more
is_unix = re.compile(r"([0-9]{9,20})(\.[0-9]{1,9})?").fullmatch
is_digits = re.compile(r"[0-9]+").fullmatch
# ISO 8601 as nearly every tool writes it
is_date = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?)"
    r" ?(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?"
).fullmatch
CLOCK = (
    r"(?P<h>[0-9]{1,2})(?::?(?P<m>[0-9]{2})(?::?(?P<s>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?)?)?["
    r" -]?(?P<half>[ap]\.?m\.?)?"
)
is_written = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]? )?"
    r"(?:(?P<a>[0-9]{1,4}|[a-zäé]{3,9})(?P<sep>[-/.]|\.?"
    r" )(?P<b>[0-9]{1,2}|[a-zäé]{3,9})\.?,?(?P=sep)(?P<c>[0-9]{1,4})"
    r"|(?P<a2>[a-z]{3,9})\.? (?P<b2>[0-9]{1,2}), ?(?P<c2>[0-9]{4})"
    r"|(?P<whole>[0-9]{8})|(?P<month>[0-9]{4}-[0-9]{2}))"
    rf"(?:(?:,? ?t ?|[,;_ ] ?){CLOCK})?"
    r" ?(?P<zone>z|(?:utc|gmt)?[+-][0-9]{1,2}(?::?[0-9]{2})?|utc|gmt)?",
    re.IGNORECASE,
).fullmatch
is_clock = re.compile(CLOCK.replace("(?::?(?P<m>", "(?::(?P<m>"), re.IGNORECASE).fullmatch
MONTHS = {
    name: i % 12 + 1
    for i, name in enumerate(
        [
            "jan",
            "feb",
            "mar",
            "apr",
            "may",
            "jun",
            "jul",
            "aug",
            "sep",
            "oct",
            "nov",
            "dec",
            "jän",
            "feb",
            "mär",
            "apr",
            "mai",
            "jun",
            "jul",
            "aug",
            "sep",
            "okt",
            "nov",
            "dez",
        ]
    )
} | {"mrz": 3}
# (first value of a unit, milliseconds = value x up / down); the first are seconds, from 1973 to
# 5138
STEPS = (10**8, 10**11, 10**14, 10**17)
UNITS = ("seconds", "milliseconds", "microseconds", "nanoseconds")
# figures of a whole number in each unit
FIGURES = {
    "seconds": (9, 11),
    "milliseconds": (12, 14),
    "microseconds": (15, 17),
    "nanoseconds": (18, 19),
}
UP, DOWN = (1000, 1, 1, 1), (1, 1, 1000, 10**6)
MOST_UNIX = 10**19
# figures of numbers that are dates: how many for year, month, day, hour, minute, second,
# millisecond
STAMPS = {
    6: ((2, 2, 2), (4, 2)),
    8: ((4, 2, 2),),
    10: ((2, 2, 2, 2, 2), (4, 2, 2, 2)),
    12: ((4, 2, 2, 2, 2), (2, 2, 2, 2, 2, 2)),
    14: ((4, 2, 2, 2, 2, 2),),
    17: ((4, 2, 2, 2, 2, 2, 3),),
}
# two figures of a year: from 1970 to 2069
CENTURY = 70


class Times(NamedTuple):
    """`ms` int64 [n], UTC where `zoned`, else by a clock that is not named; `resolution` in ms:
    what the text can tell.
    """

    ms: np.ndarray
    resolution: int
    zoned: bool = True


class Read(NamedTuple):
    """Times of a column, 0 where a cell is none; `problems` of those."""

    times: Times
    problems: list[Problem]


@dataclass(frozen=True)
class Unix:
    """Numbers that count from 1970-01-01 UTC, each in the unit of its magnitude; `first` is the
    unit of the first.
    """

    first: str = "seconds"
    zoned: bool = True

    @property
    def how(self) -> str:
        return f"Unix {self.first}, UTC"

    @property
    def resolution(self) -> int:
        """A date written beside seconds may be cut to seconds."""
        return 1000 if self.first == "seconds" else 1

    def milliseconds(self, values: np.ndarray) -> np.ndarray | None:
        """int64 [n] of uint64 [n], None where one is too small, too large or not a whole
        millisecond.
        """
        low, high = values.min(), values.max()
        if low < STEPS[0] or high >= MOST_UNIX:
            return None
        units = (
            np.searchsorted(
                np.array(STEPS, np.uint64), values[[values.argmin(), values.argmax()]], side="right"
            )
            - 1
        )
        if units[0] == units[1]:
            up, down = UP[units[0]], DOWN[units[0]]
            return (
                None
                if down > 1 and (values % down).any()
                else (values * up // down).astype(np.int64)
            )
        return self._of_each(values)

    def changes(self, values: np.ndarray) -> np.ndarray:
        """bool [n]: whether each of some Unix times, uint64 [n], is in another unit than the first
        of the file.
        """
        units = np.searchsorted(np.array(STEPS, np.uint64), values, side="right") - 1
        return units != UNITS.index(self.first)

    def change(self, cells: Sequence[str]) -> int | None:
        """At which of some cells another unit begins than the first of the file is in; None where
        none does.
        """
        least, most = FIGURES[self.first]
        if all(least <= len(cell) <= most for cell in cells):
            return None
        values = [int(found[1]) if (found := is_unix(cell.strip())) else 0 for cell in cells]
        numbers = np.array(values, np.uint64)
        changed = np.flatnonzero(
            (numbers > 0) & self.changes(np.maximum(numbers, np.uint64(STEPS[0])))
        )
        return int(changed[0]) if changed.size else None

    def _of_each(self, values: np.ndarray) -> np.ndarray | None:
        units = np.searchsorted(np.array(STEPS, np.uint64), values, side="right") - 1
        up, down = np.array(UP, np.uint64)[units], np.array(DOWN, np.uint64)[units]
        return None if (values % down).any() else (values * up // down).astype(np.int64)

    def read(self, cells: Sequence[str], lines: Sequence[int], column: str) -> Read:
        """The times of one column."""
        if all(map(is_digits, cells)) and max(map(len, cells)) < 20:
            known = self.milliseconds(np.fromiter(map(int, cells), np.uint64, len(cells)))
            if known is not None:
                return Read(Times(known, self.resolution), [])
        ms, problems = np.zeros(len(cells), np.int64), []
        for i, cell in enumerate(cells):
            found = is_unix(cell.strip())
            value = None if found is None else _unix_ms(int(found[1]), found[2] or "")
            if value is None:
                problems.append(Problem(_no_unix(cell, found is not None), int(lines[i]), column))
            else:
                ms[i] = value
        return Read(Times(ms, self.resolution), problems)


@dataclass(frozen=True)
class Stamps:
    """Numbers that are dates: how many figures stand for year, month, day and so on."""

    figures: tuple[int, ...]
    zoned: bool = False

    @property
    def how(self) -> str:
        letters = ("Y", "M", "D", "h", "m", "s", "f")
        layout = "".join(
            letter * count for letter, count in zip(letters, self.figures, strict=False)
        )
        return f"numbers that are dates, {layout}, without a zone"

    @property
    def resolution(self) -> int:
        """What the figures can tell."""
        return _resolution(len(self.figures) > 3, len(self.figures) > 5)

    def milliseconds(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(int64 [n], bool [n] whether each is a date that exists) of uint64 [n]."""
        rest, parts = values.astype(np.int64), []
        for count in reversed(self.figures):
            rest, part = np.divmod(rest, 10**count)
            parts.append(part)
        parts = parts[::-1]
        years = of_century(parts[0]) if self.figures[0] == 2 else parts[0]
        ms, exist = civil(years, *parts[1:])
        return ms, exist & (rest == 0)

    def read(self, cells: Sequence[str], lines: Sequence[int], column: str) -> Read:
        """The times of one column."""
        texts = [_digits(cell) for cell in cells]
        fits = np.array(
            [text is not None and len(text) <= sum(self.figures) for text in texts], bool
        )
        values = np.array(
            [
                int(text) if text is not None and fit else 0
                for text, fit in zip(texts, fits.tolist(), strict=True)
            ],
            np.uint64,
        )
        ms, exist = self.milliseconds(values)
        wrong = np.flatnonzero(~(exist & fits)).tolist()
        text = "is not a date as in the rows above; correct it or delete the row"
        problems = [Problem(f"{shown(cells[i])} {text}", int(lines[i]), column) for i in wrong]
        return Read(Times(ms, self.resolution, zoned=False), problems)


@dataclass(frozen=True)
class Dates:
    """Dates in words and figures, all with a zone or all without; `order`: what stands first where
    it is not the year.
    """

    zoned: bool
    order: str = "year"

    @property
    def how(self) -> str:
        first = "" if self.order == "year" else f", {self.order} first"
        return (
            f"dates with their offsets{first}, turned to UTC"
            if self.zoned
            else f"dates without a zone{first}"
        )

    def read(self, cells: Sequence[str], lines: Sequence[int], column: str) -> Read:
        """The times of one column."""
        found = [_written(cell) for cell in cells]
        ms, exist, resolution = _dates(found, self.order)
        problems = []
        for i, parts in enumerate(found):
            if parts is None or not exist[i]:
                problems.append(
                    Problem(
                        _no_date(cells[i], parts is not None, self.order), int(lines[i]), column
                    )
                )
            elif (parts[8] is not None) != self.zoned:
                text = (
                    f"{shown(cells[i])}: some times name a zone and some do not; write all with Z"
                    " or an offset"
                )
                problems.append(Problem(text, int(lines[i]), column))
        return Read(Times(ms, resolution, self.zoned), problems)


Kind = Unix | Stamps | Dates
# what the option `dates` calls each kind
NAMES = {"unix": Unix, "stamps": Stamps}


def is_time(cell: str) -> bool:
    """Whether a cell could tell a date."""
    text = cell.strip()
    return bool(
        is_date(text)
        or is_unix(text)
        or (is_digits(text) and len(text) in STAMPS)
        or _written(text)
    )


def is_time_of_day(cell: str) -> bool:
    """Whether a cell could tell a time without its date: 09:30, 093000, 0."""
    text = cell.strip()
    return bool((":" in text and is_clock(text)) or (is_digits(text) and len(text) <= 6))


def candidates(cells: Sequence[str], said: str, now_ms: int) -> dict[str, Kind]:
    """{name as of the option `dates`: kind} of each way in which all `cells` can be read; {} where
    there is none.

    said: that option, "" where it was not given. Times that lie ahead of `now_ms` are none.
    """
    texts = [cell.strip() for cell in cells]
    numbers = all(is_unix(text) or is_digits(text) for text in texts)
    found = _numbers(texts, now_ms) if numbers else _texts(texts, now_ms)
    if said and said in found:
        return {said: found[said]}
    if said in NAMES or not said:
        return {} if said else found
    # "day first" is right as well of dates that can be read in one order only
    return found if len(found) == 1 else {}


def clock(
    cells: Sequence[str], lines: Sequence[int] | np.ndarray, column: str
) -> tuple[np.ndarray, list[Problem], bool]:
    """(int64 [n] ms since midnight, problems, whether seconds are given) of a column of times of
    day.

    Plain figures are HHMMSS or HHMM, without zeros at the left where a tool cut them off; hours
    where the heading says so.
    """
    longest = max(map(len, cells))
    whole_hours = longest <= 2 and plain_hours(column)
    ms, problems, seconds = np.zeros(len(cells), np.int64), [], False
    for i, cell in enumerate(cells):
        text = _clock_text(cell.strip(), longest, whole_hours)
        found = is_clock(text)
        value = None if found is None else _time_of_day(found.groupdict())
        seconds |= bool(found and found["s"])
        if value is None:
            problems.append(
                Problem(
                    f"{shown(cell)} is not a time of day such as 09:30; correct it",
                    int(lines[i]),
                    column,
                )
            )
        else:
            ms[i] = value
    return ms, problems, seconds


def plain_hours(column: str) -> bool:
    """Whether a heading says that its figures are hours."""
    return column.strip("<>").lower() in ("hour", "hours", "heure", "hora", "stunde", "uhr")


def _clock_text(text: str, longest: int, whole_hours: bool) -> str:
    """A time of day written with colons; "" for one or two figures that are neither midnight nor
    hours.
    """
    if not is_digits(text):
        return text
    if longest <= 2 and not whole_hours and text.strip("0"):
        return ""
    text = f"{text}00" if whole_hours else text
    text = text.zfill(4 if longest <= 4 else 6)
    return ":".join(text[k : k + 2] for k in range(0, len(text), 2))


def apart(read: Times, other: Times) -> np.ndarray:
    """Rows at which two columns of times differ, as far as the second can tell."""
    return np.flatnonzero(read.ms // other.resolution != other.ms // other.resolution)


def of_century(years: np.ndarray | np.int64) -> np.ndarray:
    """Years of two figures, from 1970 to 2069."""
    return np.where(years < CENTURY, 2000, 1900) + years


def civil(years: np.ndarray, *parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(int64 [n] ms, bool [n] whether it exists) of years and months, then days, hours, minutes,
    seconds, ms as far as given.
    """
    whole = list(parts) + [np.full(len(years), 1)] * (2 - len(parts))
    months, days = whole[:2]
    rest = whole[2:] + [np.zeros(len(years), np.int64)] * (6 - len(whole))
    exist = (years >= 1) & (years <= 9999) & (months >= 1) & (months <= 12) & (days >= 1)
    for part, most in zip(rest, (23, 59, 59, 999), strict=True):
        exist &= (part >= 0) & (part <= most)
    month = ((np.where(exist, years, 1970) - 1970) * 12 + np.where(exist, months, 1) - 1).astype(
        "datetime64[M]"
    )
    first = month.astype("datetime64[D]").astype(np.int64)
    following = (month + 1).astype("datetime64[D]").astype(np.int64)
    exist &= days <= following - first
    hours, minutes, seconds, thousandths = rest
    ms = (
        (first + days - 1) * DAY_MS
        + hours * HOUR_MS
        + minutes * MINUTE_MS
        + seconds * 1000
        + thousandths
    )
    return np.where(exist, ms, 0), exist


def offset_ms(zone: str) -> int | None:
    """Milliseconds east of UTC of Z, UTC, +02, +0200, +02:00 or UTC+2; None where there is no such
    zone.
    """
    text = re.sub(r"^(utc|gmt)(?=[+-])", "", zone.strip(), flags=re.IGNORECASE)
    if text.lower() in ("z", "utc", "gmt"):
        return 0
    found = re.fullmatch(r"([+-])([0-9]{1,2}):?([0-9]{2})?", text)
    if found is None or int(found[2]) > 14 or int(found[3] or 0) > 59:
        return None
    return (-1 if found[1] == "-" else 1) * (
        int(found[2]) * HOUR_MS + int(found[3] or 0) * MINUTE_MS
    )


def _numbers(texts: Sequence[str], now_ms: int) -> dict[str, Kind]:
    """Ways to read a column of numbers that hold for all of it."""
    found: dict[str, Kind] = {}
    fractions = [match for text in texts if (match := is_unix(text))]
    if len(fractions) == len(texts):
        unix = [_unix_ms(int(match[1]), match[2] or "") for match in fractions]
        if all(each is not None and each <= now_ms for each in unix):
            found["unix"] = Unix(_unit(int(fractions[0][1])))
    digits = [_digits(text) for text in texts]
    lengths = {len(text) for text in digits if text is not None}
    if None in digits or len(lengths) != 1:
        return found
    values = np.array(
        [int(text) for text in digits if text is not None and len(text) < 20], np.uint64
    )
    for figures in STAMPS.get(lengths.pop(), ()):
        ms, exist = Stamps(figures).milliseconds(values)
        if (
            exist.all()
            and (ms <= now_ms + DAY_MS).all()
            and (figures[0] == 2 or ms.min() >= -70 * 366 * DAY_MS)
        ):
            found.setdefault("stamps", Stamps(figures))
    return found


def _texts(texts: Sequence[str], now_ms: int) -> dict[str, Kind]:
    """Ways to read a column of written dates; one entry where all orders come to the same."""
    # a fault of single cells is found where they are read; here the others decide
    parts = [each for text in texts if (each := _written(text)) is not None]
    if len(parts) * 2 < len(texts):
        return {}
    zoned = parts[0][8] is not None
    found: dict[str, Kind] = {}
    seen: list[np.ndarray] = []
    for order in ("year", "day", "month"):
        ms, exist, _ = _dates(parts, order)
        if (
            exist.all()
            and (ms <= now_ms + DAY_MS).all()
            and not any(np.array_equal(ms, other) for other in seen)
        ):
            seen.append(ms)
            found[order] = Dates(zoned, order)
    if not found:
        # an impossible date is a fault of its cell, where most of the others are dates
        rights = {order: int(_dates(parts, order)[1].sum()) for order in ("year", "day", "month")}
        best = max(rights, key=lambda order: rights[order])
        found = {best: Dates(zoned, best)} if rights[best] * 2 >= len(parts) else {}
    return found


def _digits(cell: str) -> str | None:
    """The figures of a number that is a date; a frame of floats writes them with .0."""
    text = cell.strip().removesuffix(".0")
    return text if is_digits(text) else None


def _unit(value: int) -> str:
    return UNITS[
        int(np.searchsorted(np.array(STEPS, np.uint64), np.uint64(value), side="right")) - 1
    ]


def _unix_ms(value: int, fraction: str) -> int | None:
    """Milliseconds of a Unix time, None where it is none or not a whole millisecond."""
    if not STEPS[0] <= value < MOST_UNIX:
        return None
    unit = UNITS.index(_unit(value))
    if fraction.strip(".0"):
        figures = fraction[1:].rstrip("0")
        return (
            value * 1000 + int(figures.ljust(3, "0")) if unit == 0 and len(figures) <= 3 else None
        )
    whole, rest = divmod(value * UP[unit], DOWN[unit])
    return None if rest else whole


def _written(cell: str) -> tuple[str | None, ...] | None:
    """(year or first, second, third, hours, minutes, seconds, fraction, half of the day, zone) of a
    date; None for none.
    """
    found = is_written(" ".join(cell.split()))
    if found is None:
        return None
    if found["whole"]:
        date = found["whole"][:4], found["whole"][4:6], found["whole"][6:]
    elif found["month"]:
        date = *found["month"].split("-"), "1"
    elif found["a2"]:
        date = found["a2"], found["b2"], found["c2"]
    else:
        date = found["a"], found["b"], found["c"]
    return *date, *(found[name] for name in ("h", "m", "s", "f", "half", "zone"))


def _dates(
    found: Sequence[tuple[str | None, ...] | None], order: str
) -> tuple[np.ndarray, np.ndarray, int]:
    """(int64 [n] ms, bool [n] whether each exists, what they can tell at least) of dates as of
    `_written`.
    """
    rows = np.array(
        [_figures(parts, order) if parts else NO_DATE for parts in found], np.int64
    ).reshape(len(found), 9)
    ms, exist = civil(*rows[:, :7].T)
    exist &= rows[:, 8] == 0
    timed, seconds = (
        any(parts is not None and parts[k] is not None for parts in found) for k in (3, 5)
    )
    return np.where(exist, ms - rows[:, 7], 0), exist, _resolution(timed, seconds)


# year to millisecond, offset of the zone, 1 for a cell that is none
NO_DATE = (0, 0, 0, 0, 0, 0, 0, 0, 1)


def _figures(parts: tuple[str | None, ...], order: str) -> tuple[int, ...]:
    year, month, day = _ymd(parts[0] or "", parts[1] or "", parts[2] or "", order)
    time = (
        _time_of_day(dict(zip(("h", "m", "s", "f", "half"), parts[3:8], strict=True)))
        if parts[3] is not None
        else 0
    )
    offset = offset_ms(parts[8]) if parts[8] else 0
    if time is None or offset is None or not year:
        return NO_DATE
    return (
        year,
        month,
        day,
        time // HOUR_MS,
        time // MINUTE_MS % 60,
        time // 1000 % 60,
        time % 1000,
        offset,
        0,
    )


def _ymd(a: str, b: str, c: str, order: str) -> tuple[int, int, int]:
    """Year, month and day of three parts; year 0 where they are none in this order."""
    if not b.isdigit():
        day, month, year = (c, b, a) if len(a) == 4 else (a, b, c)
        named = MONTHS.get(month[:3].lower(), 0)
        return (_year(year), named, int(day)) if day.isdigit() and year.isdigit() else (0, 0, 0)
    if not a.isdigit():
        return _year(c), MONTHS.get(a[:3].lower(), 0), int(b)
    if len(a) == 4 or (order == "year" and len(c) <= 2 and len(a) == 2):
        return (_year(a), int(b), int(c)) if len(c) <= 2 else (0, 0, 0)
    if order == "year" or len(a) > 2 or len(c) not in (2, 4):
        return 0, 0, 0
    day, month = (a, b) if order == "day" else (b, a)
    return _year(c), int(month), int(day)


def _year(text: str) -> int:
    if len(text) == 4:
        return int(text)
    return int(of_century(np.int64(int(text)))) if len(text) == 2 else 0


def _time_of_day(parts: dict[str, str | None]) -> int | None:
    """Milliseconds since midnight; None where there is no such time, or it is given more finely
    than a millisecond.
    """
    hours, minutes, seconds = int(parts["h"] or 0), int(parts["m"] or 0), int(parts["s"] or 0)
    if parts["m"] is None and not parts["half"] and parts.get("s"):
        return None
    half = (parts["half"] or "").replace(".", "").lower()
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half == "pm" else 0)
    fraction = (parts["f"] or "").rstrip("0")
    if hours > 23 or minutes > 59 or seconds > 59 or len(fraction) > 3:
        return None
    return hours * HOUR_MS + minutes * MINUTE_MS + seconds * 1000 + int(fraction.ljust(3, "0") or 0)


def _resolution(timed: bool, seconds: bool) -> int:
    return 1000 if seconds else MINUTE_MS if timed else DAY_MS


def _no_unix(cell: str, is_number: bool) -> str:
    if not cell.strip():
        return "the cell is empty; fill in the time or delete the row"
    if is_number:
        return (
            f"{shown(cell)} is no Unix time of a whole millisecond; round it, or write dates as"
            " 2022-03-01 13:00"
        )
    return (
        f"{shown(cell)} is not a time that counts from 1970 as in the rows above; correct it or"
        " delete the row"
    )


def _no_date(cell: str, written: bool, order: str) -> str:
    if not cell.strip():
        return "the cell is empty; fill in the time or delete the row"
    if written:
        first = "" if order == "year" else f" with the {order} first, as in the other rows"
        return (
            f"{shown(cell)} is not a date or time that exists{first}; correct it or delete the row"
        )
    if is_time_of_day(cell) and ":" in cell:
        return (
            f"{shown(cell)} is a time without its date; join date and time in one column, such as"
            " 2022-03-01 13:00"
        )
    return (
        f"{shown(cell)} is not a time; write Unix time, or dates as 2022-03-01 or 2022-03-01"
        " 13:00:00"
    )
