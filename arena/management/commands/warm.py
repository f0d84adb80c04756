"""Compiles the engine's kernels, or loads them where they were compiled before."""

import gc
import multiprocessing
import time
from pathlib import Path

from django.core.management.base import BaseCommand
from numba import config

from arena.engine.warm import warm, warm_competition, warm_practice
from arena.settings_schema import Settings


class Command(BaseCommand):
    """Says how long it took, so that the wait on a new machine has a reason."""

    help = "Compiles the engine's kernels once; they are kept on disk under VAR_DIR."

    def handle(self, *_: object, **__: object) -> None:
        """Prints one line of progress."""
        self.stdout.write(
            "Loading the compiled engine ... " if _kept() else "Compiling the engine, once ... ",
            ending="",
        )
        self.stdout.flush()
        began = time.monotonic()
        get_ready(Settings())
        self.stdout.write(f"ready in {time.monotonic() - began:.1f} s.")


def _kept() -> bool:
    """Whether kernels were compiled here before."""
    return any(Path(config.CACHE_DIR).rglob("*.nbi"))


def get_ready(settings: Settings) -> None:
    """Warm, as `arena.engine.warm` says; what has to be compiled is, in two processes at once. Call
    it before any thread is started.
    """
    if not _kept():
        # compiling makes millions of objects and hardly any garbage: looking for some took a tenth
        # of the time
        gc.disable()
        try:
            other = multiprocessing.get_context("fork").Process(
                target=warm_practice, args=(settings,)
            )
            other.start()
            warm_competition(settings)
            other.join()
        finally:
            gc.enable()
    # loads what the other process compiled, or compiles it where that failed
    warm(settings)
