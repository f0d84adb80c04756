"""Moments and spans of time as pages write them."""

from datetime import UTC, datetime, timedelta

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEK = 7 * DAY
# below these many seconds what is left is said in steps of five, and of ten
SHORT, LONGER = 55, 570


def day(at: datetime) -> str:
    """ "29 Nov 2026", in UTC."""
    there = at.astimezone(UTC)
    return f"{there.day} {there:%b %Y}"


def moment(at: datetime) -> str:
    """ "29 Nov 2026, 14:02 UTC"."""
    return f"{day(at)}, {at.astimezone(UTC):%H:%M} UTC"


def ago(at: datetime, now: datetime) -> str:
    """ "just now", "4 min ago", "3 h ago", "2 d ago"; the day where it is a week ago."""
    since = now - at
    if since < MINUTE:
        return "just now"
    for unit, longest, word in ((MINUTE, HOUR, "min"), (HOUR, DAY, "h"), (DAY, WEEK, "d")):
        if since < longest:
            return f"{since // unit} {word} ago"
    return day(at)


def left(seconds: float | None) -> str:
    """ "1 min 20 s", as coarse as a time that is guessed may be; "" where nothing is known."""
    if seconds is None:
        return ""
    if seconds < SHORT:
        return f"{max(5, 5 * round(seconds / 5))} s"
    if seconds < LONGER:
        minutes, tens = divmod(round(seconds / 10), 6)
        return f"{minutes} min {10 * tens} s" if tens else f"{minutes} min"
    return _long(round(seconds / 60))


def _long(minutes: int) -> str:
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return f"{round(hours / 24)} days"
    return f"{hours} h {rest} min" if rest else f"{hours} h"
