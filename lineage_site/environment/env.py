"""Typed readers of the environment; a bad value stops the start with one clear line and exit code
2.
"""

import ipaddress
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

# BLAS on one thread: processes are the parallelism, and the same seed must give the same bits
ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SWITCH = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


class BadEnvironment(SystemExit):
    """Exit code 2; its text names the variable, its value and the remedy."""

    def __init__(self, text: str):
        super().__init__(2)
        self.text = text

    def __str__(self) -> str:
        return self.text


def read(name: str, default: str, convert: Callable[[str], T], expected: str) -> T:
    """The variable's value converted, or `default` converted where it is unset or empty.

    Raises BadEnvironment, having said why on standard error, where `convert` raises ValueError,
    KeyError or OSError.
    """
    raw = given(name) or default
    try:
        return convert(raw)
    except (ValueError, KeyError, OSError):
        refuse(f"{name}={raw!r} is not {expected}; correct it or unset it (default {default!r})")


def given(name: str) -> str:
    """The variable's value, "" where there is none; where NAME_FILE names a file instead, what that
    holds: so are secrets handed to containers.
    """
    path = os.environ.get(f"{name}_FILE")
    if os.environ.get(name) or not path:
        return os.environ.get(name, "")
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as problem:
        refuse(f"{name}_FILE={path!r} cannot be read: {problem}")


def refuse(text: str) -> NoReturn:
    """Say why on standard error, and raise BadEnvironment."""
    sys.stderr.write(f"{text}\n")
    raise BadEnvironment(text) from None


def whole(low: int, high: int) -> Callable[[str], int]:
    """A converter to an int within [low, high]."""

    def convert(raw: str) -> int:
        value = int(raw)
        if not low <= value <= high:
            raise ValueError(raw)
        return value

    return convert


def flag(raw: str) -> bool:
    """1/true/yes/on or 0/false/no/off."""
    return SWITCH[raw.lower()]


def writable_folder(raw: str) -> Path:
    """An absolute path to a folder, made where it is missing; OSError where it cannot be made or
    written.
    """
    path = Path(raw).expanduser().resolve()
    path.mkdir(parents=True, exist_ok=True)
    if not os.access(path, os.W_OK | os.X_OK):
        raise PermissionError(raw)
    return path


def safe_debug(host: str, public: list[str]) -> Callable[[str], bool]:
    """A converter that lets DEBUG be on only for this machine: its error pages show settings and
    source.
    """

    def convert(raw: str) -> bool:
        on = flag(raw)
        if on and (public or host not in LOOPBACK):
            raise ValueError(raw)
        return on

    return convert


def one_of(*allowed: str) -> Callable[[str], str]:
    """A converter that lets the allowed words through, in capitals."""

    def convert(raw: str) -> str:
        if raw.upper() not in allowed:
            raise ValueError(raw)
        return raw.upper()

    return convert


def addresses(raw: str) -> str:
    """IP addresses, comma-separated; ValueError for anything else."""
    return ",".join(
        str(ipaddress.ip_address(item.strip())) for item in raw.split(",") if item.strip()
    )


def origins(raw: str) -> list[str]:
    """`https://a.example, http://b:81` as ["https://a.example", "http://b:81"].

    Each needs a scheme and a host, and no path.
    """
    found = [item.strip().rstrip("/") for item in raw.split(",") if item.strip()]
    for item in found:
        parts = urlsplit(item)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
            raise ValueError(item)
    return found
