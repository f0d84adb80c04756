"""What every test gets: storage and channels of its own, browser tests last, and a loud count of those that could not run."""

import logging
from pathlib import Path

import pytest

from tests.journeys.stage import chromium

NO_BROWSER = "no chromium on PATH (install it, or name it in CHROMIUM)"
WAITING = ("matrix", "full")
JOURNEYS = Path(__file__).parent / "journeys"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Journeys go last: a browser driver leaves an event loop behind that asynchronous tests stumble over. What takes
    minutes waits to be asked."""
    missing = pytest.mark.skip(reason=NO_BROWSER)
    for item in items:
        if item.path.is_relative_to(JOURNEYS):
            item.add_marker(pytest.mark.browser)
            if chromium() is None:
                item.add_marker(missing)
    for mark in WAITING:
        if mark not in config.option.markexpr:
            left_out = [item for item in items if item.get_closest_marker(mark)]
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line nobody overlooks for each tool whose absence skipped tests."""
    reasons = [report.longrepr[2] for report in terminalreporter.stats.get("skipped", []) if isinstance(report.longrepr, tuple)]
    for reason in sorted(set(reasons)):
        terminalreporter.write_line(f"NOT RUN: {reasons.count(reason)} test(s): {reason.removeprefix('Skipped: ')}", yellow=True, bold=True)


def pytest_unconfigure() -> None:
    """The summary is the last word: what a library logs while the interpreter ends has no stream any more."""
    logging.raiseExceptions = False


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
