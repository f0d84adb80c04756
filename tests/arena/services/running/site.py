"""A whole site without its pages, for tests: broker, timer, as many workers as wanted, and a hand
on its controls.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from redis import Redis

from arena.work.identity import pid_of
from lineage_site.launcher import redis_server
from lineage_site.launcher.house import ALONE

# the reserve, and what a small experiment writes
DISK = "160m"
ROOT = Path(__file__).resolve().parents[4]
CELERY = [sys.executable, "-m", "celery", "-A", "lineage_site.celery:app"]
WORKER = [*CELERY, "worker", "-c", "1", "-O", "fair", *ALONE]
# a line of JSON in, [verb, arguments], and a line out; the site's own services do the work
HAND = """
import django, json, sys
django.setup()
from django.conf import settings
from django.core.management import call_command
from arena.models import Experiment
from arena.services.experiments import forks, lifecycle
from arena.services.audit.run import experiment_audit
from arena.settings_schema import parse

def get(uuid):
    return Experiment.objects.select_related("market").get(uuid=uuid)

def create(raw, block_size):
    settings.BLOCK_SIZE = block_size
    made = lifecycle.experiment_create(owner=None, name="queued", settings=parse(raw))
    return str(lifecycle.experiment_start(experiment_uuid=made.uuid).uuid)

def fork(uuid, after):
    asked = {"after_round": after, "name": "", "changes": {}, "owner": None}
    made = forks.experiment_fork(experiment=get(uuid), **asked)
    return str(lifecycle.experiment_start(experiment_uuid=made.uuid).uuid)

VERBS = {
    "create": create,
    "fork": fork,
    "pause": lambda uuid: str(lifecycle.experiment_pause(experiment_uuid=uuid).uuid),
    "resume": lambda uuid: str(lifecycle.experiment_resume(experiment_uuid=uuid).uuid),
    "audit": lambda uuid: [list(problem) for problem in experiment_audit(experiment=get(uuid))],
}
call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
for line in sys.stdin:
    verb, arguments = json.loads(line)
    print(json.dumps(VERBS[verb](*arguments)), flush=True)
"""


class Site:
    """Processes over one folder; `do(verb, …)` is one of the verbs of HAND."""

    def __init__(self, folder: Path, stack: ExitStack):
        self.folder, self.stack, self.workers, self.born = folder, stack, [], 0
        socket = folder / "s"
        self.has_disk = small_disk(folder / "storage", stack)
        self.env = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "lineage_site.settings",
            "VAR_DIR": str(folder),
            "REDIS_URL": f"unix://{socket}?db=0",
            "NUMBA_CACHE_DIR": os.environ["NUMBA_CACHE_DIR"],
            "REMAP_SIGTERM": "SIGQUIT",
        }
        self.commands = {
            "redis": redis_server.command(socket, folder / "redis", folder / "redis.log"),
            "timer": [*CELERY, "beat", "-s", str(folder / "beat"), "--pidfile="],
            "web": [
                sys.executable,
                "-m",
                "uvicorn",
                "lineage_site.asgi:application",
                "--uds",
                str(folder / "w"),
                "--lifespan",
                "off",
            ],
        }
        self.parts = {"redis": self.run("redis", self.commands["redis"])}
        self.hand = self.run(
            "hand",
            [sys.executable, "-c", HAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.parts["timer"] = self.run("timer", self.commands["timer"])

    def run(self, name: str, command: list[str], **streams: Any) -> subprocess.Popen:
        """A process and its children in a group of their own, which does not outlive the test."""
        with open(self.folder / f"{name}.log", "ab") as log:
            streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log} | streams
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.env, start_new_session=True, **streams
            )
        self.stack.callback(end, process)
        return process

    def kill(self, name: str) -> None:
        """Kill -9 one of `commands`, where it runs, and start it again, as the launcher does."""
        if name in self.parts:
            end(self.parts[name])
        self.parts[name] = self.run(name, self.commands[name])

    def flush(self) -> None:
        """Redis forgets everything."""
        with Redis.from_url(self.env["REDIS_URL"]) as server:
            server.flushall()

    def fill(self) -> None:
        """Write the disk of the stored files full, to the last byte."""
        with (
            suppress(OSError),
            open(self.folder / "storage" / "ballast", "wb", buffering=0) as ballast,
        ):
            while ballast.write(bytes(1 << 20)):
                pass

    def empty(self) -> None:
        """There is room again."""
        (self.folder / "storage" / "ballast").unlink()

    def do(self, verb: str, *arguments: Any) -> Any:
        """What the site's services answer."""
        self.hand.stdin.write(json.dumps([verb, arguments]) + "\n")
        self.hand.stdin.flush()
        answer = self.hand.stdout.readline()
        assert answer, self.logs()
        return json.loads(answer)

    def staff(self, count: int) -> None:
        """Exactly so many workers alive."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        for worker in self.workers[count:]:
            end(worker)
        self.workers = self.workers[:count]
        while len(self.workers) < count:
            self.born += 1
            self.workers.append(
                self.run(f"worker{self.born}", [*WORKER, "-n", f"{self.born}@test"])
            )

    def query(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The first row."""
        with sqlite3.connect(self.folder / "lineage.sqlite3", timeout=20) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(sql, values).fetchone()

    def wait(
        self, uuid: str, ready: Callable[[sqlite3.Row], bool], seconds: float = 120
    ) -> sqlite3.Row:
        """The experiment's row once it is `ready`."""
        until = time.monotonic() + seconds
        while True:
            row = self.query("SELECT * FROM arena_experiment WHERE uuid = ?", uuid.replace("-", ""))
            if ready(row):
                return row
            assert row["state"] in ("running", "pausing") and time.monotonic() < until, (
                dict(row),
                self.logs(),
            )
            time.sleep(0.02)

    def kill_a_claimant(self, seconds: float = 60) -> None:
        """Kill -9 a worker, with its children, in the midst of a block, and put another in its
        place.
        """
        count, until = len(self.workers), time.monotonic() + seconds
        while time.monotonic() < until:
            row = self.query(
                "SELECT id, worker FROM arena_job WHERE state = 'claimed' AND kind = 'block'"
                " LIMIT 1"
            )
            for worker in self.workers:
                if row and group_of(pid_of(row["worker"])) == worker.pid:
                    end(worker)
                    self.staff(count)
                    left = self.query(
                        "SELECT id FROM arena_job WHERE id = ? AND worker = ? AND state ="
                        " 'claimed'",
                        *row,
                    )
                    if left:
                        return
        raise AssertionError(f"no worker was killed with a block\n{self.logs()}")

    def logs(self) -> str:
        """The ends of all logs."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text()[-3000:]}"
            for path in sorted(self.folder.glob("*.log"))
        )


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """A site without workers yet."""
    with ExitStack() as stack:
        yield Site(folder, stack)


def small_disk(folder: Path, stack: ExitStack) -> bool:
    """A disk of its own for a folder, where this machine lets us have one."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if done.returncode == 0:
        stack.callback(subprocess.run, ["umount", "-l", str(folder)], check=False)
    return done.returncode == 0


def end(process: subprocess.Popen) -> None:
    """Kill a process with its group."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def group_of(pid: int) -> int | None:
    """Process group; None for a process that is no more."""
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None
