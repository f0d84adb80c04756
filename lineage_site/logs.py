"""Log lines stamped with UTC, one an event, into a file that is turned over while processes write
to it.
"""

import json
import logging
import os
import stat
import time
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path

from arena.work.counted import experiment_at_work

# of the request that is being answered, "" for none
request_id: ContextVar[str] = ContextVar("request_id", default="")
LARGEST = 10_000_000
GENERATIONS = 3

# raised where the other end is gone; by name, because the server's own class is not there in a
# worker
LEFT = (
    "ClientDisconnected",
    "RequestAborted",
    "BrokenPipeError",
    "ConnectionResetError",
    "CancelledError",
)


class Line(logging.Formatter):
    """2026-01-31T12:00:00.123Z LEVEL name: message."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"


class Json(Line):
    """An object a line: time, level, logger, message, and where there are any the request's id,
    the experiment's key and the traceback.
    """

    def format(self, record: logging.LogRecord) -> str:
        found = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request": request_id.get(),
            "experiment": experiment_at_work.get(),
            "trace": self.formatException(record.exc_info) if record.exc_info else "",
        }
        return json.dumps({name: value for name, value in found.items() if value})


class NoFaultOfOurs(logging.Filter):
    """Takes the traceback off what a visitor caused: a bad host, a broken body, a browser that
    left; all else keeps its own.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """True, always: the line itself stays."""
        if record.exc_info and (_is_refusal(record) or type(record.exc_info[1]).__name__ in LEFT):
            record.msg, record.args = (
                f"{record.getMessage()}: {type(record.exc_info[1]).__name__}",
                (),
            )
            record.exc_info = record.exc_text = None
        return True


def _is_refusal(record: logging.LogRecord) -> bool:
    """Whether it was answered with a status that blames the request."""
    return (
        record.name.startswith("django.security")
        or 400 <= getattr(record, "status_code", 500) < 500
    )


class Stderr(logging.StreamHandler):
    """Writes to standard error; where that is the file LOG_FILE, and the file was turned over, goes
    on in the new one.

    A file is turned over by renaming it, so nothing is lost: a process that has not looked yet
    still writes to the old one. What writes past the log, such as the interpreter's last words,
    follows with the next line, because the handle itself is led elsewhere.
    """

    def emit(self, record: logging.LogRecord) -> None:
        if path := os.environ.get("LOG_FILE"):
            with suppress(OSError):
                follow(Path(path))
        super().emit(record)


def follow(path: Path) -> None:
    """Leads standard error to the file at `path`, and standard output where it went the same way; a
    pipe or a terminal is left alone.
    """
    here = os.fstat(2)
    if not stat.S_ISREG(here.st_mode) or _is(here, path):
        return
    file = open_log(path)
    if os.path.samestat(here, os.fstat(1)):
        os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


def _is(here: os.stat_result, path: Path) -> bool:
    try:
        return os.path.samestat(here, path.stat())
    except FileNotFoundError:
        return False


def open_log(path: Path) -> int:
    """A handle that appends; several processes may have one, and no line is torn by another's."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def turn_over(path: Path, largest: int = LARGEST) -> bool:
    """Makes room for a file that has grown too large: it becomes .1.log, that one .2.log, and so
    on; whether it was so.
    """
    if not path.exists() or path.stat().st_size <= largest:
        return False
    for number in range(GENERATIONS, 1, -1):
        with suppress(FileNotFoundError):
            generation(path, number - 1).replace(generation(path, number))
    path.replace(generation(path, 1))
    return True


def generation(path: Path, number: int) -> Path:
    """web.log, two turns ago: web.2.log."""
    return path.with_suffix(f".{number}{path.suffix}")
