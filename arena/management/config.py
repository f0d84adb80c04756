"""Reads the TOML file of settings that commands take."""

import tomllib
from pathlib import Path
from typing import Any

from arena.settings_schema import SettingsError


def read_config(path: Path) -> dict[str, Any]:
    """The file's nested mapping, not validated yet; SettingsError names the file that is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError({str(path): f"cannot be read: {error.strerror}"}) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError({str(path): f"is not TOML: {error}"}) from None
