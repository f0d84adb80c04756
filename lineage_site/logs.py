"""Log lines stamped with UTC."""

import logging
import time


class Line(logging.Formatter):
    """2026-01-31T12:00:00.123Z LEVEL name: message."""

    converter = time.gmtime
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"
