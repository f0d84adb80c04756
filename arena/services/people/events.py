"""The book of what happened at the doors: rows that are never changed, and the same in the log.

Who guesses passwords writes as many events as there are guesses, so events alike are counted
together: within a minute the 1st, 2nd, 5th, 10th, 20th, 50th … of them is written, with its
number. What strangers cause of a kind, and what one user causes, has ROWS_OF_MINUTE and ROWS_OF_DAY
besides; beyond them it is counted by the day, without a name, so that they cannot fill the disk.
"""

import logging
import time
from typing import Any

from django.utils import timezone

from arena.people.doorway import NO_VISITOR, visitor
from arena.people.models import (
    LONGEST_ADDRESS,
    LONGEST_DETAIL,
    LONGEST_NAME,
    EventKind,
    SecurityEvent,
)
from arena.services.people.limits import DAY, MINUTE, Limit, limit_count

ROWS_OF_MINUTE = Limit("events of a minute", 20, MINUTE, "events")
ROWS_OF_DAY = Limit("events of a day", 2000, DAY, "events")
FULL = "more than can be told one by one"
log = logging.getLogger("lineage.security")
Row = dict[str, Any]


def event_record(*, kind: EventKind, user: Any = None, name: str = "", detail: str = "") -> None:
    """Write that `kind` happened to `user`, or to the account typed as `name`; who did it and from
    where, the doorway knows.
    """
    here = visitor()
    by = (
        here.user
        if here.user is not None and here.user.is_authenticated and here.user != user
        else None
    )
    row: Row = {
        "kind": kind.value,
        "user": getattr(user, "pk", None),
        "name": _line(user.get_username() if user else name, LONGEST_NAME),
        "by": _line(by.get_username() if by else "", LONGEST_NAME),
        "address": here.address[:LONGEST_ADDRESS],
        "detail": _line(detail, LONGEST_DETAIL),
    }
    count = _count(row, MINUTE)
    if _one_of_many(count) and not _has_room(kind, user or by):
        row = {"kind": kind.value, "detail": FULL}
        count = _count(row, DAY)
    if _one_of_many(count):
        SecurityEvent.objects.create(at=timezone.now(), count=count, **row)
        # who works on the machine itself sees what they do, and it stands in the table
        if here is not NO_VISITOR:
            log.info("%s", _words(row | {"count": count}))


def _words(row: Row) -> str:
    return " ".join(f"{name}={value!r}" for name, value in row.items() if value)


def _count(row: Row, seconds: int) -> int:
    """How many like it there were in this minute or day, with this one."""
    like = "\n".join(
        str(row.get(name, "")) for name in ("kind", "user", "name", "by", "address", "detail")
    )
    return limit_count(name="events", who=f"{like}\n{int(time.time()) // seconds}", seconds=seconds)


def _one_of_many(count: int) -> bool:
    """1, 2, 5, 10, 20, 50, …"""
    return str(count).rstrip("0") in {"1", "2", "5"}


def _has_room(kind: EventKind, who: Any) -> bool:
    """Whether a kind of event has rows left: of one user, or of all unknown ones."""
    whose = f"{kind}\n{getattr(who, 'pk', '')}"
    return all(
        limit_count(name=most.name, who=whose, seconds=most.seconds) <= most.most
        for most in (ROWS_OF_MINUTE, ROWS_OF_DAY)
    )


def _line(text: str, most: int) -> str:
    """One line that a log can hold: what is no sign becomes �."""
    return "".join(sign if sign.isprintable() else "�" for sign in text[: 2 * most])[:most]
