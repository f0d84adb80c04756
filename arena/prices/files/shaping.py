"""Shape on the way in, as a person asked: a range of dates, longer bars made of short ones."""

import re

import numpy as np

from arena.prices.files.cells.csv_times import DAY_MS, HOUR_MS, MINUTE_MS
from arena.prices.files.errors import FeedError, printable
from arena.prices.files.options import Reading
from arena.prices.files.rows import duration
from arena.prices.market.bars import MONTH_MS, Bars
from arena.prices.market.reshape import Unfit, between, longer

LENGTHS = {
    "s": 1000,
    "m": MINUTE_MS,
    "min": MINUTE_MS,
    "h": HOUR_MS,
    "d": DAY_MS,
    "w": 7 * DAY_MS,
    "mo": MONTH_MS,
}


def shaped(bars: Bars, reading: Reading) -> tuple[Bars, list[str]]:
    """(bars as asked for, a sentence for each change). FeedError for a day or length there is not,
    or nothing left.
    """
    kept, notes = _within(bars, reading)
    if not reading.bars:
        return kept, notes
    length = length_of(reading.bars)
    try:
        made = longer(kept, length)
    except Unfit as error:
        raise FeedError(f"{error}; say another length (bars)") from None
    if len(made) < 2:
        raise FeedError(
            f"it makes {len(made)} bars of {duration(length)}; at least 2 are needed (bars)"
        )
    return made, [
        *notes,
        f"Bars of {duration(length)} made of {len(kept):,} of {duration(kept.timeframe_ms)}.",
    ]


def length_of(text: str) -> int:
    """ms of 15m, 4h, 1d, 1w, 1mo; FeedError for any other text."""
    found = re.fullmatch(r"([0-9]{1,3}) ?(s|mo|min|m|h|d|w)[a-z]*", text.strip().lower())
    if not found or not int(found[1]):
        raise FeedError(
            f"{printable(text)} is no length of a bar (bars); write one such as 15m, 4h, 1d, 1w"
            " or 1mo"
        )
    return (
        int(found[1])
        * LENGTHS["mo" if text.strip().lower().lstrip("0123456789 ").startswith("mo") else found[2]]
    )


def _within(bars: Bars, reading: Reading) -> tuple[Bars, list[str]]:
    if not (reading.since or reading.until):
        return bars, []
    start = _day(reading.since, "since") if reading.since else int(bars.time[0])
    stop = _day(reading.until, "until") + DAY_MS if reading.until else int(bars.time[-1]) + 1
    kept = between(bars, start, stop)
    if kept is None:
        began, ended = (
            str(np.datetime64(int(ms), "ms"))[:10] for ms in (bars.time[0], bars.time[-1])
        )
        raise FeedError(
            f"fewer than 2 bars lie between those days; it has bars from {began} to {ended} (since,"
            " until)"
        )
    before, after = (
        int(np.count_nonzero(bars.time < start)),
        int(np.count_nonzero(bars.time >= stop)),
    )
    many = [f"{before:,} before {reading.since}"] * bool(before) + [
        f"{after:,} after {reading.until}"
    ] * bool(after)
    return kept, [f"Bars left out: {' and '.join(many)}."] if many else []


def _day(text: str, name: str) -> int:
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        return int(np.datetime64(text, "ms").astype(np.int64))
    except ValueError:
        raise FeedError(
            f"{printable(text)} is no day ({name}); write one such as 2020-01-31"
        ) from None
