"""The timer's clock is monotonic: Celery's own looks at the time of day, and would stand still for
as long as that is set back.

Of all timers of a site one sends, which the database tells (`arena.work.offices`). The others stand
by, and one of them follows within a lease where it dies, at once where it ends. Where the database
does not answer, each sends: a message too many costs nothing, one too few leaves work undone.
"""

import atexit
import logging
import time
from contextlib import suppress

from celery.beat import Scheduler
from celery.signals import beat_init
from django.db import DatabaseError, connection

from arena.work.offices import TIMER, office_hold, office_leave

# between two looks whether the timer that sends is still there
STANDBY_SECONDS = 5.0
logger = logging.getLogger(__name__)


class SteadyScheduler(Scheduler):
    """Sends each entry every so many seconds of this process's life, the first time at once."""

    def __init__(self, *args: object, **kwargs: object):
        self.due: dict[str, float] = {}
        self.sends: bool | None = None
        super().__init__(*args, **kwargs)

    def tick(self) -> float:
        """Send what is due, where it is this timer that sends; seconds until something is again."""
        if not self.elected():
            return STANDBY_SECONDS
        for name, entry in self.schedule.items():
            if time.monotonic() >= self.due.get(name, 0.0):
                self.apply_entry(entry, producer=self.producer)
                self.due[name] = time.monotonic() + entry.schedule.seconds
        soonest = min(self.due.values(), default=time.monotonic() + self.max_interval)
        return max(soonest - time.monotonic(), 0.0)

    def elected(self) -> bool:
        """Whether this timer is the one that sends; the log hears of it where that changes."""
        sends = _holds()
        if sends is not self.sends:
            logger.info("this timer %s", "sends" if sends else "stands by")
        self.sends = sends
        return sends


@beat_init.connect
def leave_at_the_end(**_: object) -> None:
    """Another timer need not wait for the end of the lease. Not in a handler of signals, which may
    have broken into a question to the database.
    """
    atexit.register(_leave)


def _leave() -> None:
    with suppress(DatabaseError):
        office_leave(TIMER)


def _holds() -> bool:
    try:
        return office_hold(TIMER)
    except DatabaseError as error:
        logger.warning("whether another timer sends is not known: %s", error)
        connection.close()
        return True
