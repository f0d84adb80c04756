"""What every test gets: storage and channels of its own, browser tests last, and a loud count of those that could not run."""

import logging
import os
import random
from pathlib import Path

import numba
import pytest

from tests.journeys.stage import chromium

NO_BROWSER = "no chromium on PATH (install it, or name it in CHROMIUM)"
NOT_COMPILED = "kernels run as they are written (NUMBA_DISABLE_JIT)"
JOURNEYS = Path(__file__).parent / "journeys"
# minutes long: left out unless -m names them
LONG = ("matrix", "full")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Journeys go last: a browser driver leaves an event loop behind that asynchronous tests stumble over.

    What is long waits to be asked for. With SHUFFLE set, to a number or to anything else, tests come in an order drawn from it; those that
    need a database of their own stay behind the others, because they empty it.
    """
    for item in items:
        if item.path.is_relative_to(JOURNEYS):
            item.add_marker(pytest.mark.browser)
            if chromium() is None:
                item.add_marker(pytest.mark.skip(reason=NO_BROWSER))
        if numba.config.DISABLE_JIT and item.get_closest_marker("compiled"):
            item.add_marker(pytest.mark.skip(reason=NOT_COMPILED))
    unasked = [mark for mark in LONG if mark not in config.option.markexpr]
    left_out = [item for item in items if any(item.get_closest_marker(mark) for mark in unasked)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
    if seed := shuffle_seed():
        random.Random(seed).shuffle(items)
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def shuffle_seed() -> int:
    """0: as they stand. What is no number asks for one to be drawn, which is kept where it is read again."""
    told = os.environ.get("SHUFFLE", "")
    if told and not told.isdigit():
        told = os.environ["SHUFFLE"] = str(random.SystemRandom().randrange(1, 1_000_000))
    return int(told or 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line nobody overlooks for each tool whose absence skipped tests, and one that brings a drawn order back."""
    if seed := shuffle_seed():
        terminalreporter.write_line(f"IN ANOTHER ORDER: SHUFFLE={seed} gives the same", yellow=True, bold=True)
    reasons = [report.longrepr[2] for report in terminalreporter.stats.get("skipped", []) if isinstance(report.longrepr, tuple)]
    for reason in sorted(set(reasons)):
        terminalreporter.write_line(f"NOT RUN: {reasons.count(reason)} test(s): {reason.removeprefix('Skipped: ')}", yellow=True, bold=True)


def pytest_unconfigure() -> None:
    """The summary is the last word: what a library logs while the interpreter ends has no stream any more."""
    logging.raiseExceptions = False


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is tried again at once; pauses have tests of their own."""
    monkeypatch.setattr("arena.work.claims.FIRST_PAUSE", 0.0)


@pytest.fixture(autouse=True)
def private_places(settings, tmp_path: Path) -> None:
    """Files go to the test's own folder, live messages and counts stay in this process, whatever the environment says."""
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "storage"}}
    }
    settings.CACHES = {
        name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": f"{tmp_path} {name}"} for name in ("default", "own")
    }
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
