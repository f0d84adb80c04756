"""Compiles the engine's kernels, or loads them where they were compiled before."""

import time
from pathlib import Path

from django.core.management.base import BaseCommand
from numba import config

from arena.engine.warm import warm
from arena.settings_schema import Settings


class Command(BaseCommand):
    """Says how long it took, so that the wait on a new machine has a reason."""

    help = "Compiles the engine's kernels once; they are kept on disk under VAR_DIR."

    def handle(self, *_: object, **__: object) -> None:
        """Prints one line of progress."""
        compiled = any(Path(config.CACHE_DIR).rglob("*.nbi"))
        self.stdout.write("Loading the compiled engine ... " if compiled else "Compiling the engine, once ... ", ending="")
        self.stdout.flush()
        began = time.monotonic()
        warm(Settings())
        self.stdout.write(f"ready in {time.monotonic() - began:.1f} s.")
