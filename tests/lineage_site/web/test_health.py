"""/readyz tells the truth under real faults, one after another, and that each has passed; every
part that it knows is seen missing.
"""

import http.client
import json
import os
import signal
import sqlite3
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from redis import Redis

from lineage_site.web.health import CHECKS
from tests.arena.services.running.site import Site, end, site
from tests.lineage_site.running import free_port

pytestmark = [pytest.mark.full, pytest.mark.timeout(1200)]
# what is heard of no more is missed after 15 to 30 seconds
NOTICED, HEALED = 45.0, 120.0
ASGI = "lineage_site.asgi:application"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with site(tmp_path_factory.mktemp("site")) as made:
        made.port = free_port()
        # by TCP, as who asks from this machine hears of every part
        made.commands["web"][3:] = [ASGI, "--port", str(made.port), "--lifespan", "off"]
        made.kill("web")
        made.staff(1)
        until(made, set(), 180.0)
        yield made


def missing(made: Site) -> set[str] | None:
    """The parts that are not there; None without an answer."""
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", made.port, timeout=10)) as line:
            line.request("GET", "/readyz", headers={"Host": "localhost"})
            answer = line.getresponse()
            parts = json.loads(answer.read())
    except OSError:
        return None
    assert len(parts) == len(CHECKS) + 1 and (answer.status == 200) == parts["ready"]
    return {name for name, there in parts.items() if not there} - {"ready"}


def until(made: Site, wanted: set[str], seconds: float) -> set[str]:
    """All that was missing on the way until all of `wanted` is, or for none until nothing is."""
    seen, began = set(), time.monotonic()
    while True:
        found = missing(made)
        seen |= found or set()
        if found is not None and (wanted <= found if wanted else not found):
            return seen
        assert time.monotonic() < began + seconds, (found, made.logs())
        time.sleep(0.2)


@contextmanager
def redis_away(made):
    end(made.parts["redis"])
    yield
    made.kill("redis")


@contextmanager
def redis_silent(made):
    os.killpg(made.parts["redis"].pid, signal.SIGSTOP)
    yield
    os.killpg(made.parts["redis"].pid, signal.SIGCONT)


@contextmanager
def worker_dead(made):
    made.staff(0)
    yield
    made.staff(1)


@contextmanager
def worker_still(made):
    """It stands as a whole."""
    os.killpg(made.workers[0].pid, signal.SIGSTOP)
    yield
    os.killpg(made.workers[0].pid, signal.SIGCONT)


@contextmanager
def hands_still(made):
    """Its leader lives and beats, its processes do nothing."""
    leader = made.workers[0].pid
    children = Path(f"/proc/{leader}/task/{leader}/children").read_text()
    hands = [int(pid) for pid in children.split()]
    for pid in hands:
        os.kill(pid, signal.SIGSTOP)
    yield
    for pid in hands:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def timer_dead(made):
    end(made.parts["timer"])
    yield
    made.kill("timer")


@contextmanager
def disk_full(made):
    if not made.has_disk:
        pytest.skip("no disk of its own can be mounted here")
    made.fill()
    yield
    made.empty()


@contextmanager
def writer_held(made):
    with closing(sqlite3.connect(made.folder / "lineage.sqlite3", isolation_level=None)) as held:
        held.execute("BEGIN IMMEDIATE")
        yield
        held.execute("ROLLBACK")


@contextmanager
def all_forgotten(made):
    """Redis has forgotten who was heard of, and no process is there to be heard of again."""
    with worker_dead(made), Redis.from_url(made.env["REDIS_URL"]) as server:
        server.flushall()
        yield


FAULTS = {
    redis_away: {"redis"},
    redis_silent: {"redis"},
    worker_dead: {"worker", "turns"},
    worker_still: {"worker", "turns"},
    hands_still: {"turns"},
    timer_dead: {"turns"},
    disk_full: {"disk"},
    writer_held: {"writer"},
    all_forgotten: {"worker", "turns", "timer"},
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_is_reported_and_so_is_its_end(running, fault):
    with fault(running):
        until(running, FAULTS[fault], NOTICED)

    until(running, set(), HEALED)


def test_every_part_is_seen_missing_by_a_fault_or_by_a_test_of_its_own():
    # a database that cannot be read, and work that no worker takes for five minutes: see test_web
    assert set().union(*FAULTS.values()) | {"database", "queue"} == set(CHECKS)
