"""What is the machine's fault is told from what is a job's own, also where it comes wrapped in
another error.
"""

import errno

import numpy as np
import pytest
from django.db import IntegrityError, OperationalError

from arena.selectors.machine.room import NoRoom
from arena.work.faults import machine_words
from ml.checkpoint import CheckpointError


def wrapped(error):
    try:
        try:
            raise error
        except type(error) as inner:
            raise RuntimeError("while writing") from inner
    except RuntimeError as outer:
        return outer


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "no space: [Errno 28] No space left on device",
        ),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "no space: [Errno 122] Disk quota exceeded"),
        (NoRoom(1_200_000_000, 0), "no space: 1.1 GiB needed, 0 free"),
        (
            OSError(errno.EIO, "Input/output error"),
            "storage or network is away: [Errno 5] Input/output error",
        ),
        (
            ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"),
            "storage or network is away: [Errno 111] Connection refused",
        ),
        (TimeoutError("timed out"), "storage or network is away: timed out"),
        (MemoryError(), "not enough memory"),
        (
            OSError(errno.EMFILE, "Too many open files"),
            "the machine is short of memory or of open files: [Errno 24] Too many open files",
        ),
        (
            OperationalError("database is locked"),
            "the database is locked or away: database is locked",
        ),
        (
            OperationalError("database or disk is full"),
            "no space: the disk of the database is full",
        ),
    ],
)
def test_faults_of_the_machine_are_described_in_words(error, words):
    assert machine_words(error) == words
    assert machine_words(wrapped(error)) == words


@pytest.mark.parametrize(
    "error",
    [
        ArithmeticError("poison"),
        FileNotFoundError(errno.ENOENT, "gone"),
        PermissionError(errno.EACCES, "not yours"),
        IntegrityError("twice"),
        CheckpointError("has changed"),
    ],
)
def test_faults_of_a_job_are_its_own(error):
    assert machine_words(error) == machine_words(wrapped(error)) == ""


def test_an_array_that_does_not_fit_into_memory_is_no_fault_of_who_wanted_it():
    with pytest.raises(MemoryError) as caught:
        np.empty(2**60, np.uint8)

    assert machine_words(caught.value).startswith("not enough memory: ")
