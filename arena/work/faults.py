"""Which faults are the machine's: what failed by them is no fault of its own, and goes on when they
have passed.
"""

import errno

from django.db import InterfaceError, OperationalError

FULL = {errno.ENOSPC, errno.EDQUOT}
SHORT = {errno.ENOMEM, errno.EMFILE, errno.ENFILE}
AWAY = {
    *(errno.EIO, errno.EROFS, errno.ESTALE, errno.ENODEV, errno.ENXIO, errno.ENOTCONN),
    *(
        errno.ETIMEDOUT,
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
        errno.ECONNREFUSED,
        errno.ECONNRESET,
        errno.EPIPE,
    ),
}


def machine_words(error: BaseException) -> str:
    """What the machine lacks, for people, by an error or by what it came from; "" where the fault
    is another.
    """
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        if words := _words(cause):
            return words
        seen.add(id(cause))
        cause = cause.__cause__ or cause.__context__
    return ""


def _words(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return f"not enough memory{_detail(error)}"
    if isinstance(error, OperationalError | InterfaceError):
        full = "full" in str(error)
        return (
            "no space: the disk of the database is full"
            if full
            else f"the database is locked or away{_detail(error)}"
        )
    if not isinstance(error, OSError):
        return ""
    if error.errno in FULL:
        text = str(error)
        return text if text.startswith("no space") else f"no space{_detail(error)}"
    if error.errno in SHORT:
        return f"the machine is short of memory or of open files{_detail(error)}"
    return (
        f"storage or network is away{_detail(error)}"
        if error.errno in AWAY or isinstance(error, TimeoutError)
        else ""
    )


def _detail(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f": {lines[0]}" if lines else ""
