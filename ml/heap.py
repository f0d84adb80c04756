"""What becomes of memory that this process frees."""

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
# the most that glibc lets come from the heap in one piece, and the most that may lie free there
PIECE, KEPT = 32 << 20, 256 << 20


def keep_freed_memory() -> None:
    """Memory once freed is used again instead of given back: a page that is asked for anew costs
    more than copying what it will hold.

    Reading and writing a block takes half the time. Only glibc can.
    """
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(M_MMAP_THRESHOLD, PIECE)
        libc.mallopt(M_TRIM_THRESHOLD, KEPT)
