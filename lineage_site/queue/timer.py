"""The timer's clock is monotonic: Celery's own looks at the time of day, and would stand still for
as long as that is set back.
"""

import time

from celery.beat import Scheduler


class SteadyScheduler(Scheduler):
    """Sends each entry every so many seconds of this process's life, the first time at once."""

    def __init__(self, *args: object, **kwargs: object):
        self.due: dict[str, float] = {}
        super().__init__(*args, **kwargs)

    def tick(self) -> float:
        """Send what is due; seconds until something is again."""
        for name, entry in self.schedule.items():
            if time.monotonic() >= self.due.get(name, 0.0):
                self.apply_entry(entry, producer=self.producer)
                self.due[name] = time.monotonic() + entry.schedule.seconds
        soonest = min(self.due.values(), default=time.monotonic() + self.max_interval)
        return max(soonest - time.monotonic(), 0.0)
