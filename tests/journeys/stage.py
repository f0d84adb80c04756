"""What a journey needs to know: which browser there is, and the site it visits."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """The browser to drive: CHROMIUM, else the first on PATH, else None."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


@dataclass(frozen=True)
class Site:
    """A running site: its address with a closing slash, the printed admin password, its VAR_DIR,
    and where a proxy to it may listen.
    """

    address: str
    password: str
    folder: Path
    proxied: str = ""
