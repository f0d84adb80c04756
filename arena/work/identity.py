"""Who a process is among all that work on one database, on this machine and on others.

What makes it itself is a word drawn at its start. Host and process number beside it are for people,
and a fourth part says which kernel, and which container of it, gave the number: asked of any other,
a process number means somebody else.
"""

import hashlib
import os
import secrets
import socket
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")
NUMBERS = Path("/proc/self/ns/pid")
LONGEST_HOST = 30


def numbering() -> str:
    """Eight signs for the kernel as it was booted and the space in which it numbers processes; for
    the host where the system cannot tell, which then has no containers either.
    """
    try:
        where = f"{BOOT.read_text().strip()} {NUMBERS.stat().st_ino}"
    except OSError:
        where = socket.gethostname()
    return hashlib.sha256(where.encode()).hexdigest()[:8]


def named(pid: int, drawn: str) -> str:
    """`host:number:numbering:drawn`, 60 characters at most, of a process that is numbered here."""
    return f"{socket.gethostname()[:LONGEST_HOST]}:{pid}:{numbering()}:{drawn}"


def this_process() -> str:
    """As written into what this process holds."""
    return named(os.getpid(), _drawn)


def pid_of(process: str) -> int | None:
    """The number of a process that is numbered here; None for any other."""
    _, pid, where, _ = ("", "", "", *process.rsplit(":", 3))[-4:]
    return int(pid) if pid.isdecimal() and where == numbering() else None


def is_dead(process: str) -> bool:
    """Whether it was numbered here and is no more; of others that cannot be told, their leases run
    out.
    """
    pid = pid_of(process)
    if pid is None:
        return False
    if pid == os.getpid():
        return process != this_process()
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _draw() -> None:
    """A child is another process than its parent."""
    global _drawn  # noqa: PLW0603
    _drawn = secrets.token_hex(6)


_drawn = secrets.token_hex(6)
os.register_at_fork(after_in_child=_draw)
