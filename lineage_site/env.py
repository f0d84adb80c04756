"""Typed readers of the environment; a bad value stops the start with one clear line."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


class BadEnvironment(SystemExit):
    """Exit code 2 with one line that names the variable, its value and the remedy."""

    def __init__(self, text: str):
        super().__init__(2)
        self.text = text

    def __str__(self) -> str:
        return self.text


def read(name: str, default: str, convert: Callable[[str], T], expected: str) -> T:
    """The variable's value converted, or `default` converted where it is unset or empty."""
    raw = os.environ.get(name) or default
    try:
        return convert(raw)
    except (ValueError, KeyError):
        raise BadEnvironment(f"{name}={raw!r} is not {expected}; correct it or unset it (default {default!r})") from None


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
    return {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}[raw.lower()]


def folder(raw: str) -> Path:
    """An absolute path."""
    return Path(raw).expanduser().resolve()
