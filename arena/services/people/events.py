"""The book of what happened at the doors: rows that nobody changes, and the same in the log.

Who guesses passwords writes as many events as there are guesses, so events alike are counted
together: within a minute the 1st, 2nd, 5th, 10th, 20th, 50th … of them is written, with its
number. What strangers cause, and what one user causes, has a most rows a minute and a day besides;
beyond them it is counted as one event without a name, so that nobody fills the disk.
"""

import logging
import time
from typing import Any

from django.utils import timezone

from arena.people.doorway import visitor
from arena.people.models import LONGEST_ADDRESS, LONGEST_DETAIL, LONGEST_NAME, EventKind, SecurityEvent
from arena.services.limits import DAY, MINUTE, Limit, limit_count

ROWS_OF_MINUTE = Limit("events of a minute", 20, MINUTE, "events")
ROWS_OF_DAY = Limit("events of a day", 2000, DAY, "events")
FULL = "more than can be told one by one"
log = logging.getLogger("lineage.security")
Told = dict[str, Any]


def event_record(*, kind: EventKind, user: Any = None, name: str = "", detail: str = "") -> None:
    """Write that `kind` happened to `user`, or to whoever was typed as `name`; who did it and from where, the doorway knows."""
    here = visitor()
    by = here.user if here.user is not None and here.user.is_authenticated and here.user != user else None
    told: Told = {
        "kind": kind,
        "user": getattr(user, "pk", None),
        "name": _line(user.get_username() if user else name, LONGEST_NAME),
        "by": _line(by.get_username() if by else "", LONGEST_NAME),
        "address": here.address[:LONGEST_ADDRESS],
        "detail": _line(detail, LONGEST_DETAIL),
    }
    if _one_of_many(_count(told)):
        _write(told if _has_room(kind, user or by) else {"kind": kind, "detail": FULL})


def _write(told: Told) -> None:
    count = _count(told) if told.get("detail") == FULL else told["count"]
    if not _one_of_many(count):
        return
    row = {**told, "count": count}
    SecurityEvent.objects.create(at=timezone.now(), **row)
    log.info("%s", " ".join(f"{name}={value!r}" if isinstance(value, str) else f"{name}={value}" for name, value in row.items() if value))


def _count(told: Told) -> int:
    """How many like it there were in this minute, with this one; kept in `told`."""
    like = "\n".join(str(told.get(name, "")) for name in ("kind", "user", "name", "by", "address", "detail"))
    told["count"] = limit_count(name="events", who=f"{like}\n{int(time.time()) // MINUTE}", seconds=MINUTE)
    return told["count"]


def _one_of_many(count: int) -> bool:
    """1, 2, 5, 10, 20, 50, …"""
    return str(count).rstrip("0") in {"1", "2", "5"}


def _has_room(kind: EventKind, who: Any) -> bool:
    """Whether a kind of event has rows left: of one user, or of all whom nobody knows."""
    whose = f"{kind}\n{getattr(who, 'pk', '')}"
    return all(limit_count(name=most.name, who=whose, seconds=most.seconds) <= most.most for most in (ROWS_OF_MINUTE, ROWS_OF_DAY))


def _line(text: str, most: int) -> str:
    """One line that a log can hold: what is no sign becomes �."""
    return "".join(sign if sign.isprintable() else "�" for sign in text[: 2 * most])[:most]
