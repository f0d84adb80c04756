"""Whatever lies in the queue, and however often Redis dies, the worker goes on."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as LineLost

from lineage_site.launcher.house import ALONE
from lineage_site.queue.broker import KEPT, KEPT_BYTES, LARGEST, lost_line, problem_of
from tests.conftest import valkey_start

GOOD = {
    "body": base64.b64encode(b'[["x"], {}, {}]').decode(),
    "content-encoding": "utf-8",
    "content-type": "application/json",
    "headers": {"task": "note", "id": "1", "lang": "py"},
    "properties": {
        "delivery_tag": "1",
        "delivery_info": {"exchange": "", "routing_key": "lineage"},
        "body_encoding": "base64",
    },
}


def but(**more) -> bytes:
    """A good message with something else in it."""
    return json.dumps(GOOD | more).encode()


NONSENSE = {
    "empty": b"",
    "no JSON": b"play block 1",
    "no UTF-8": b"\xff\xfe",
    "a number": b"1",
    "a list": b"[]",
    "null": b"null",
    "an empty object": b"{}",
    "deep": b"[" * 100_000,
    "ten megabytes": b"x" * 10_000_000,
    "a large message": but(body="A" * (LARGEST + 4)),
    "no headers": but(headers=None),
    "a task without a name": but(headers={"id": "1"}),
    "a task without an id": but(headers={"task": "note"}),
    "no properties": but(properties={}),
    "a body of another kind": but(body=5),
    "a body that is no base64": but(body="%%%"),
    "a body that is no JSON": but(body=base64.b64encode(b"nonsense").decode()),
    "a body without arguments": but(body=base64.b64encode(b"{}").decode()),
    "arguments by position that have names": but(body=base64.b64encode(b"[{}, {}, {}]").decode()),
    "pickle": but(**{"content-type": "application/x-python-serialize"}),
}
# what Celery itself refuses and acknowledges
ODD = {
    "a task nobody has": but(headers={"task": "no.such", "id": "1", "lang": "py"}),
    "a time that is none": but(headers={"task": "note", "id": "1", "lang": "py", "eta": "soon"}),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_told_from_a_message(name):
    assert problem_of(NONSENSE[name])


def test_a_message_of_ours_is_one():
    assert problem_of(but()) == ""


def test_a_stumble_over_a_lost_line_is_a_lost_line_and_any_other_stays_what_it_is():
    with pytest.raises(AttributeError), lost_line():
        None.disconnect()  # noqa: B018
    stumble = compile("None.disconnect()", "/site-packages/kombu/transport/redis.py", "exec")
    with pytest.raises(LineLost, match="the line to Redis was lost"), lost_line():
        exec(stumble)


class Queue:
    """A Redis and a worker at it, both to be watched and ended."""

    def __init__(self, folder: Path):
        self.path, self.notes, self.log = folder / "q.sock", folder / "notes", folder / "worker.log"
        self.env = {
            "PATH": os.environ["PATH"],
            "VAR_DIR": str(folder),
            "QUEUE": f"unix://{self.path}?db=0",
            "NOTES": str(self.notes),
        }
        self.redis = valkey_start(self.path)
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "tests.lineage_site.queue.queue_worker",
            "worker",
            "-P",
            "solo",
            "-l",
            "INFO",
        ]
        with self.log.open("w") as log:
            self.worker = subprocess.Popen(
                [*command, *ALONE],
                env=self.env | {"PYTHONPATH": "."},
                stdout=log,
                stderr=log,
            )

    def client(self) -> Redis:
        return Redis(unix_socket_path=str(self.path))

    def send(self, text: str, seconds: float = 0.0) -> None:
        """A message as Celery writes it."""
        body = json.dumps([[text, seconds], {}, {}]).encode()
        message = GOOD | {"body": base64.b64encode(body).decode()}
        self.client().lpush("test:lineage", json.dumps(message))

    def done(self, text: str, seconds: float = 100) -> bool:
        """Whether the task ran within that time; AssertionError with the log where the worker
        ends.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert self.worker.poll() is None, self.log.read_text()[-4000:]
            if self.notes.exists() and text in self.notes.read_text().split():
                return True
            time.sleep(0.05)
        return False

    def restart_redis(self, pause: float) -> None:
        self.redis.send_signal(signal.SIGKILL)
        self.redis.wait()
        time.sleep(pause)
        self.redis = valkey_start(self.path)


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    found = Queue(tmp_path)
    yield found
    for process in (found.worker, found.redis):
        process.kill()
        process.wait()


def test_a_worker_refuses_nonsense_counts_it_keeps_some_of_it_and_goes_on(queue):
    client = queue.client()
    for raw in (*NONSENSE.values(), *ODD.values()):
        client.lpush("test:lineage", raw)
    queue.send("after")

    assert queue.done("after"), queue.log.read_text()[-4000:]
    assert int(client.get("test:refused:count")) == len(NONSENSE)
    assert max(map(len, client.lrange("test:refused", 0, -1))) == KEPT_BYTES
    client.lpush("test:lineage", *[b"more"] * (2 * KEPT))
    queue.send("and after that")
    assert queue.done("that")
    assert client.llen("test:refused") == KEPT


@pytest.mark.parametrize("times", [2, pytest.param(6, marks=pytest.mark.full)])
def test_a_worker_outlives_its_redis_again_and_again(queue, times):
    queue.send("first")
    assert queue.done("first"), queue.log.read_text()[-4000:]
    for number in range(times):
        queue.restart_redis(pause=0.05 * number)
        queue.send(f"again-{number}")

        assert queue.done(f"again-{number}"), queue.log.read_text()[-4000:]


def test_a_message_that_could_not_be_acknowledged_holds_no_place_for_ever(queue):
    queue.send("long", seconds=2.0)
    assert queue.done("long"), queue.log.read_text()[-4000:]
    # it ends, and cannot say so: there is no Redis just then
    queue.restart_redis(pause=3.0)
    queue.send("after")

    assert queue.done("after", seconds=60), queue.log.read_text()[-4000:]
    assert "Couldn't ack" in queue.log.read_text()
