"""Times by a city's clock to UTC: the hour that comes twice in autumn is told apart by the order of
the rows.
"""

import difflib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np

from arena.prices.files.cells.csv_times import DAY_MS, offset_ms
from arena.prices.files.errors import FeedError, printable

# clocks are put on and back at whole quarters of an hour
QUARTER_MS = 900_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def zone_of(text: str) -> ZoneInfo | int:
    """The zone that a person names: America/New_York, New York, or an offset as +02:00 (then ms
    east of UTC). FeedError.
    """
    offset = offset_ms(text) if text[:1] in "+-Zz" or text.upper() in ("UTC", "GMT") else None
    if offset is not None:
        return offset
    try:
        return ZoneInfo(_full_name(text))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    near = difflib.get_close_matches(
        _full_name(text), sorted(available_timezones()), n=1, cutoff=0.4
    )
    hint = f"; did you mean {near[0]}?" if near else ""
    raise FeedError(
        f"{printable(text)} is no time zone (zone); write one such as America/New_York or"
        f" +02:00{hint}"
    )


def _full_name(text: str) -> str:
    """America/New_York of New York; the text itself where no city of that name is known."""
    wanted = text.strip().replace(" ", "_").lower()
    names = sorted(available_timezones())
    exact = [name for name in names if name.lower() == wanted]
    city = [name for name in names if name.lower().rsplit("/", 1)[-1] == wanted and "/" in name]
    return (exact or city or [text])[0]


def utc_of(local: np.ndarray, zone: ZoneInfo | int) -> tuple[np.ndarray, np.ndarray]:
    """(int64 [n] ms UTC, bool [n] where the clock never showed that time) of `local`, int64 [n] in
    the order of the rows.
    """
    if isinstance(zone, int):
        return local - zone, np.zeros(len(local), bool)
    quarters, which = np.unique(local // QUARTER_MS, return_inverse=True)
    early, late = (
        np.array([_offset(int(quarter), zone, fold) for quarter in quarters], np.int64)
        for fold in (0, 1)
    )
    # put back, a time comes twice: first with the larger offset; put on, it never comes
    twice, never = (early > late)[which], (early < late)[which]
    second = _second_time(local, twice)
    return local - np.where(second, late[which], early[which]), never


def _offset(quarter: int, zone: ZoneInfo, fold: int) -> int:
    """ms east of UTC of a quarter of an hour since 1970 by the clock of the zone."""
    local = (EPOCH + timedelta(milliseconds=quarter * QUARTER_MS)).replace(tzinfo=zone, fold=fold)
    offset = zone.utcoffset(local)
    return int(offset.total_seconds() * 1000) if offset is not None else 0


def offsets_of(utc: np.ndarray, zone: ZoneInfo) -> np.ndarray:
    """int64 [n] ms east of UTC of a zone at times of UTC; clocks are taken to change between
    days.
    """
    days, which = np.unique(utc // DAY_MS, return_inverse=True)
    # at noon: clocks are changed at night
    noons = [datetime.fromtimestamp(0, UTC) + timedelta(days=int(day), hours=12) for day in days]
    shifts = [
        zone.utcoffset(moment.astimezone(zone).replace(tzinfo=None)) or timedelta()
        for moment in noons
    ]
    return np.array([int(shift.total_seconds() * 1000) for shift in shifts], np.int64)[which]


def _second_time(local: np.ndarray, twice: np.ndarray) -> np.ndarray:
    """bool [n]: rows of an hour that comes twice which are of its second time, those after the
    clock was put back.
    """
    second = np.zeros(len(local), bool)
    if not twice.any():
        return second
    steps = np.diff(local)
    order = (
        np.arange(len(local))
        if np.count_nonzero(steps > 0) >= np.count_nonzero(steps < 0)
        else np.arange(len(local))[::-1]
    )
    before, back = None, False
    for row in order[twice[order]].tolist():
        if before is None or abs(int(local[row]) - before) > 4 * 4 * QUARTER_MS:
            back = False
        elif local[row] <= before:
            back = True
        second[row] = back
        before = int(local[row])
    return second
