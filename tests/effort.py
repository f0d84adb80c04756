"""What something took, counted instead of timed: a count is the same on a busy machine."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from django.db import connection

STEPS_AT_ONCE = 100


def calls(do: Callable[[], object]) -> int:
    """How many functions this thread calls, in Python or in C, while `do()` runs.

    What a single call in C takes is not seen.
    """
    count, before = 0, sys.getprofile()

    def see(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(see)
    try:
        do()
    finally:
        sys.setprofile(before)
    return count


@contextmanager
def database_steps() -> Iterator[Callable[[], int]]:
    """Counts the steps of SQLite's virtual machine, which grow with the rows that it looks at.

    Gives a function that says how many there were, in hundreds rounded down.
    """
    count = 0

    def see() -> None:
        nonlocal count
        count += STEPS_AT_ONCE

    connection.ensure_connection()
    connection.connection.set_progress_handler(see, STEPS_AT_ONCE)
    try:
        yield lambda: count
    finally:
        connection.connection.set_progress_handler(None, 0)
