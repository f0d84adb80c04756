"""What must hold before anything starts; each failure is one line and exit code 2."""

import fcntl
import os
import socket
import sys
from pathlib import Path
from typing import NoReturn, TextIO


def refuse_to_start(text: str) -> NoReturn:
    """Says why on standard error and ends with exit code 2."""
    sys.stderr.write(f"{text}\n")
    raise SystemExit(2)


def hold_lock(var_dir: Path) -> TextIO:
    """The open lock file that keeps a second start out; it falls when this process ends, however it
    ends.
    """
    lock = (var_dir / "up.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        refuse_to_start(
            f"Already running from {var_dir} (process {lock.read().strip() or 'unknown'}); end that"
            " one, or set VAR_DIR to another folder."
        )
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def check_port(host: str, port: int) -> None:
    """Refuses where it is not possible to listen on host:port."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        refuse_to_start(f"HOST={host!r} is not an address of this machine; try HOST=127.0.0.1.")
    except OSError as problem:
        refuse_to_start(
            f"Port {port} on {host} cannot be used ({problem.strerror}); free it, or set PORT to"
            f" another: PORT={port % 65535 + 1} make run"
        )
