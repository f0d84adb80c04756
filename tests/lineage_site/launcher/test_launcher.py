"""`make run`, seen from outside: it starts, says where, refuses what cannot work, and leaves
nothing behind.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from redis import Redis

from lineage_site.environment.redis_url import private_url
from tests.lineage_site.running import (
    Launcher,
    alive,
    all_gone,
    command_of,
    descendants,
    environment,
    free_port,
    launched,
    status,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="watches processes through /proc")


def refused(folder: Path, **more: str) -> str:
    """What a start that must not happen says; it says one line and ends with code 2."""
    command = [sys.executable, "-m", "lineage_site.launcher"]

    done = subprocess.run(
        command,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stdout == ""
    return done.stderr


def process_of(launcher: Launcher, module: str) -> int | None:
    """The process that runs this module."""
    return next(
        (pid for pid in descendants(launcher.process.pid) if module in command_of(pid)),
        None,
    )


def eventually(true: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether it comes true within that time."""
    until = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < until:
        time.sleep(0.1)
    return found


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], list[Launcher]]]:
    """All starts in one folder, the last of which runs: one for all tests but those that end it,
    after which the next begins another. The folder is empty before the first, and so deep that the
    path of its socket would be too long there.
    """
    folder = tmp_path_factory.mktemp("site") / ("d" * 110)
    folder.mkdir(mode=0o700)
    made: list[Launcher] = []
    with ExitStack() as stack:

        def running() -> list[Launcher]:
            if not made or made[-1].process.poll() is not None:
                launcher = stack.enter_context(launched(folder, PORT=str(free_port())))
                # a worker is there too, which reaches the broker through that path
                launcher.settled()
                made.append(launcher)
            return made

        yield running


@pytest.fixture
def site(starts: Callable[[], list[Launcher]]) -> Launcher:
    """The one that runs."""
    return starts()[-1]


@pytest.fixture
def first(starts: Callable[[], list[Launcher]]) -> Launcher:
    """The first that was started there, whether or not it runs."""
    return starts()[0]


def test_it_starts_and_says_where_and_how_to_log_in(site: Launcher, first: Launcher):
    assert status(site.address) == 200
    assert len(first.password()) == 16
    assert len(descendants(site.process.pid)) >= 5


def test_a_worker_that_has_nothing_to_do_goes_on_saying_that_it_lives(site: Launcher):
    with Redis.from_url(private_url(Path(site.env["VAR_DIR"]))) as server:
        [key] = server.scan_iter("*:worker")
        first = server.get(key)

        assert eventually(lambda: server.get(key) != first)


def test_a_second_start_from_the_same_folder_is_refused(site: Launcher):
    text = refused(Path(site.env["VAR_DIR"]), PORT=str(free_port()))

    assert f"process {site.process.pid}" in text


def test_a_child_that_dies_is_started_again(site: Launcher):
    os.kill(process_of(site, "lineage_site.server"), signal.SIGKILL)
    site.read_until("web ended with code -9; starting it again")

    assert eventually(lambda: status(site.address) == 200)


def test_it_ends_cleanly_and_a_later_start_tells_no_password(site: Launcher, first: Launcher):
    folder, children = Path(site.env["VAR_DIR"]), descendants(site.process.pid)

    assert site.end() == 0
    assert sum("password" in line for line in first.lines) == 1
    assert alive(children) == set()
    # of web, worker, timer, Redis and what prepares them
    assert [str(path) for path in folder.rglob("*") if path.lstat().st_mode & 0o077] == []

    shown = on_a_terminal_until_control_c(environment(folder, PORT=str(free_port())))

    assert b"password" not in shown
    assert b"Traceback" not in shown


def on_a_terminal_until_control_c(env: dict[str, str]) -> bytes:
    """What a start shows; Control-C reaches the launcher alone, which ends its children."""
    master, slave = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "lineage_site.launcher"],
        env=env,
        preexec_fn=lambda: os.login_tty(slave),  # noqa: PLW1509
    )
    os.close(slave)
    shown = read_until(master, b"Ready after")
    children = descendants(process.pid)

    os.write(master, b"\x03")
    shown += read_until(master, b"All ended.")

    assert process.wait(20) == 0
    assert alive(children) == set()
    os.close(master)
    return shown


def read_until(terminal: int, text: bytes) -> bytes:
    """What the terminal shows, up to `text`; OSError where it closes before."""
    shown = b""
    while text not in shown:
        shown += os.read(terminal, 4096)
    return shown


def test_a_busy_port_is_refused(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        text = refused(tmp_path, PORT=str(port))

        assert text.startswith(f"Port {port} on 127.0.0.1 cannot be used (Address already in use)")


def test_a_host_that_is_not_ours_is_refused(tmp_path: Path):
    assert "cannot be used" in refused(tmp_path, HOST="192.0.2.1", PORT=str(free_port()))


def test_a_file_in_the_folder_s_place_is_refused(tmp_path: Path):
    (tmp_path / "file").touch()

    assert refused(tmp_path / "file").startswith("VAR_DIR=")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path):
    tmp_path.chmod(0o500)

    assert refused(tmp_path).startswith("VAR_DIR=")


def test_a_database_that_is_away_is_one_line(tmp_path: Path):
    with launched(
        tmp_path, PORT=str(free_port()), DATABASE_URL=f"postgres://u:p@127.0.0.1:{free_port()}/x"
    ) as launcher:
        line = launcher.read_until("database")

        assert line.startswith("CommandError: The database at 127.0.0.1 cannot be used")
        assert launcher.process.wait(20) == 2


def test_killing_the_launcher_leaves_no_orphan(site: Launcher):
    children = descendants(site.process.pid)

    site.end(signal.SIGKILL)

    assert all_gone(children, seconds=15)


def test_no_orphan_waits_for_a_redis_that_went_first(site_folder: Callable[[str], Path]):
    """A worker that ended would tell Redis so, and try again for as long as there is no answer."""
    with launched(site_folder("without-redis"), PORT=str(free_port())) as launcher:
        launcher.settled()
        children = descendants(launcher.process.pid)
        launcher.process.send_signal(signal.SIGSTOP)
        os.kill(next(pid for pid in children if "valkey" in command_of(pid)), signal.SIGKILL)
        # the worker notices, and tries to reach it
        time.sleep(3)

        launcher.end(signal.SIGKILL)

        assert all_gone(children, seconds=30)


def test_a_developer_s_house_shows_errors_and_serves_what_was_edited(
    site_folder: Callable[[str], Path],
):
    page = Path(__file__).parents[3] / "templates" / "base.html"
    with launched(site_folder("dev"), "dev", PORT=str(free_port())) as launcher:
        address = launcher.ready()
        before = process_of(launcher, "lineage_site.server")
        assert "DEBUG = True" in page_of(address + "nowhere")

        # another time is a change
        page.touch()
        launcher.read_until("base.html changed; starting again: web")

        assert eventually(lambda: process_of(launcher, "lineage_site.server") not in (before, None))
        assert eventually(lambda: status(address) == 200)
        assert launcher.end() == 0


def page_of(url: str) -> str:
    """What a page says, whatever its status."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as problem:
        return problem.read().decode()
