"""What happens to work, for whoever counts it or writes it down; nothing of it is kept here, and
nothing depends on it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.dispatch import Signal

# what is counted, and what it says; a kind of work, or "", goes with each
COUNTED = {
    "jobs_done": "Turns at jobs that ended well: blocks, closes of rounds and the rest, by kind.",
    "jobs_failed": "Turns at jobs that failed by the job's own fault, by kind.",
    "jobs_rested": "Turns at jobs that were put off by a fault of the machine, by kind.",
    "jobs_given_up": "Jobs given up after their last attempt, by kind.",
    "agent_steps": "Bars that agents were taken through, in rounds that count.",
}
counted = Signal()
# key of the experiment that this process is at work on, 0 for none
experiment_at_work: ContextVar[int] = ContextVar("experiment_at_work", default=0)


def count(name: str, kind: str = "", by: int = 1) -> None:
    """Tell whoever listens. name: of COUNTED."""
    counted.send_robust(sender=count, name=name, kind=kind, by=by)


@contextmanager
def about(experiment: int) -> Iterator[None]:
    """What is done inside is done for this experiment."""
    token = experiment_at_work.set(experiment)
    try:
        yield
    finally:
        experiment_at_work.reset(token)
