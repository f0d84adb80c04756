"""Gives back to the system what the process no longer uses.

A large frame is made of very many small objects. Where they lay stays with the process, in as many
arenas as there were threads, and looks like a leak. glibc gives it back for the asking; other C
libraries have no such call, or need none.
"""

import ctypes
import sys

EVERY_SECONDS = 30
_trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None


async def give_back() -> None:
    """Takes milliseconds."""
    if _trim is not None:
        _trim(0)
