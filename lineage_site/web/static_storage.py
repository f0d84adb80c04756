"""Static files as they are collected, each with its compressed twin, which is sent in its place.

Their addresses name the version of all files together (/static/VERSION/js/...), so that a browser
keeps what it has and asks again only after a change; scripts import each other by relative
addresses and so stay within one version.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedStaticFilesStorage
from xxhash import xxh3_64

VERSION = re.compile(r"[0-9a-f]{16}")


class Storage(CompressedStaticFilesStorage):
    """Compresses what has changed since the last time; a developer's addresses name no version."""

    def url(self, name: str | None) -> str:
        """Where a page finds the file of that name."""
        url, base = super().url(name), settings.STATIC_URL
        return url if settings.DEBUG else f"{base}{version_now()}/{url.removeprefix(base)}"

    def create_compressor(self, **options: Any) -> Compressor:
        """Called once for all files that are collected."""
        return ChangedAlone(**options)


class ChangedAlone(Compressor):
    """Leaves a file alone whose compressed twin has its time, as the one that was made of it."""

    def compress(self, path: str) -> list[str]:
        """The paths that were written."""
        twin = Path(f"{path}.gz")
        return [] if twin.exists() and _as_old(twin, Path(path)) else super().compress(path)


@cache
def version_now() -> str:
    """16 hexadecimal digits of the names and bytes of all collected files, as they were when this
    process first asked.
    """
    digest = xxh3_64()
    root = Path(settings.STATIC_ROOT)
    for path in sorted(each for each in root.rglob("*") if each.is_file()):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def unversioned(path: str) -> tuple[str, str]:
    """(the address without its version, the version or nothing)."""
    base = settings.STATIC_URL
    version, slash, name = path.removeprefix(base).partition("/")
    if path.startswith(base) and slash and VERSION.fullmatch(version):
        return base + name, version
    return path, ""


def _as_old(one: Path, other: Path) -> bool:
    """To the millisecond: a time that was copied as a float has lost its last digits."""
    return abs(one.stat().st_mtime - other.stat().st_mtime) < 1e-3
