"""Log lines stamped with UTC, one an event; a visitor's mistake is a line and no traceback."""

import logging
import time

# raised where the other end is gone; by name, because the server's own class is not there in a worker
LEFT = ("ClientDisconnected", "RequestAborted", "BrokenPipeError", "ConnectionResetError", "CancelledError")


class Line(logging.Formatter):
    """2026-01-31T12:00:00.123Z LEVEL name: message."""

    converter = time.gmtime
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"


class NoFaultOfOurs(logging.Filter):
    """Takes the traceback off what a visitor caused: a bad host, a broken body, a browser that left; all else keeps its own."""

    def filter(self, record: logging.LogRecord) -> bool:
        """True, always: the line itself stays."""
        if record.exc_info and (_is_refusal(record) or type(record.exc_info[1]).__name__ in LEFT):
            record.msg, record.args = f"{record.getMessage()}: {type(record.exc_info[1]).__name__}", ()
            record.exc_info = record.exc_text = None
        return True


def _is_refusal(record: logging.LogRecord) -> bool:
    """Whether it was answered with a status that blames the request."""
    return record.name.startswith("django.security") or 400 <= getattr(record, "status_code", 500) < 500
