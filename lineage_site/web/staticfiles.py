"""Static files as they are collected, each with its compressed twin, which WhiteNoise sends in its
place.
"""

from pathlib import Path
from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedStaticFilesStorage


class Storage(CompressedStaticFilesStorage):
    """Compresses what has changed since the last time."""

    def create_compressor(self, **options: Any) -> Compressor:
        """Called once for all files that are collected."""
        return ChangedAlone(**options)


class ChangedAlone(Compressor):
    """Leaves a file alone whose compressed twin has its time, as the one that was made of it."""

    def compress(self, path: str) -> list[str]:
        """The paths that were written."""
        twin = Path(f"{path}.gz")
        return [] if twin.exists() and _as_old(twin, Path(path)) else super().compress(path)


def _as_old(one: Path, other: Path) -> bool:
    """To the millisecond: a time that was copied as a float has lost its last digits."""
    return abs(one.stat().st_mtime - other.stat().st_mtime) < 1e-3
