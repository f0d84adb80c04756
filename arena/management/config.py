"""Reads the TOML file of settings that commands take."""

import tomllib
from pathlib import Path
from typing import Any

from arena.settings_schema import SettingsError

# bytes; all settings there are take some five thousand
MOST = 1 << 18


def read_config(path: Path) -> dict[str, Any]:
    """The file's nested mapping, not validated yet; SettingsError names the file that is none."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST + 1)
    except OSError as error:
        raise SettingsError({str(path): f"cannot be read: {error.strerror}"}) from None
    if len(data) > MOST:
        raise SettingsError({str(path): f"is larger than {MOST >> 10} KiB, which no settings take"})
    try:
        return tomllib.loads(data.decode())
    except RecursionError:
        raise SettingsError({str(path): "is not TOML: it is nested too deeply"}) from None
    except ValueError as error:
        # a decoder's error, or that of a number with thousands of digits
        raise SettingsError({str(path): f"is not TOML: {error}"}) from None
