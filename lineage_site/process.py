"""Ties a process's life to its parent's."""

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1
# loaded here, because nothing may be imported between fork and exec
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(number: signal.Signals) -> None:
    """Asks the kernel to send this process `number` when its parent dies, even by kill -9. Linux
    alone can.
    """
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, int(number))
