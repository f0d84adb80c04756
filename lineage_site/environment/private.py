"""What is written belongs to the account that runs the site: no other account of the machine reads
it.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

UMASK = 0o077
OTHERS = 0o077
# what we write directly under VAR_DIR: the folder may be one that holds other things, too
OURS = ("lineage.sqlite3*", "secret_key*", "up.lock", "beat-schedule*", "redis.sock", "bench.json")
OUR_FOLDERS = ("storage", "copies", "log", "redis", "tmp", "numba", "static")


def keep_private() -> None:
    """Of every file that this process, and each child of it, makes from now on."""
    os.umask(UMASK)


def tighten(var_dir: Path) -> int:
    """Take from others what an earlier version, or a copy, let them read; returns how many files
    and folders were open.

    The folder itself is closed unless it is one that many share, as /tmp is, or belongs to someone
    else.
    """
    return sum(map(_close, _ours(var_dir)))


def _ours(var_dir: Path) -> Iterator[Path]:
    if not var_dir.stat().st_mode & stat.S_ISVTX and _known(var_dir):
        yield var_dir
    for pattern in OURS:
        yield from var_dir.glob(pattern)
    for name in OUR_FOLDERS:
        folder = var_dir / name
        if folder.is_dir() and not folder.is_symlink():
            yield folder
            yield from folder.rglob("*")


def _known(var_dir: Path) -> bool:
    """Whether there is a site in it: a folder that only happens to be named is not ours to
    close.
    """
    return (
        (var_dir / "secret_key").exists()
        or any(var_dir.glob("lineage.sqlite3"))
        or not any(var_dir.iterdir())
    )


def _close(path: Path) -> bool:
    """Whether it was open to others, and is so no more."""
    state = path.lstat()
    if stat.S_ISLNK(state.st_mode) or state.st_uid != os.getuid() or not state.st_mode & OTHERS:
        return False
    path.chmod(stat.S_IMODE(state.st_mode) & ~OTHERS)
    return True
