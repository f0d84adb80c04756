"""The timer counts seconds of its own life: a clock set back an hour, or forward, moves nothing.
Nor does a Redis that goes away and comes back.
"""

import os
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from django.db import OperationalError
from redis import Redis

from lineage_site.celery import app
from lineage_site.queue import timer
from tests.conftest import valkey_start


@pytest.fixture
def clocks(monkeypatch):
    """Seconds of the monotonic clock, and of the time of day, to be set."""
    now = {"steady": 1000.0, "day": 1_700_000_000.0}
    monkeypatch.setattr(timer.time, "monotonic", lambda: now["steady"])
    monkeypatch.setattr(time, "time", lambda: now["day"])
    return now


def test_a_clock_set_back_an_hour_stops_no_timer(clocks, monkeypatch):
    sent = []
    monkeypatch.setattr(timer, "_holds", lambda: True)
    monkeypatch.setattr(timer.SteadyScheduler, "producer", None)
    scheduler = timer.SteadyScheduler(app)
    monkeypatch.setattr(
        scheduler,
        "apply_entry",
        lambda entry, producer=None: sent.append((clocks["steady"], entry.task)),
    )
    for step in range(30):
        # an hour back on the way, and then two forward
        clocks["day"] += 1.0 + (-3600.0 if step == 10 else 7200.0 if step == 20 else 0.0)
        assert 0.0 <= scheduler.tick() <= 5.0
        clocks["steady"] += 1.0

    assert sent == [(1000.0 + 5 * place, "arena.tasks.reap") for place in range(6)]


@pytest.fixture
def scheduler(clocks, monkeypatch):
    """A timer, and what it sends."""
    monkeypatch.setattr(timer.SteadyScheduler, "producer", None)
    made = timer.SteadyScheduler(app)
    made.sent = []
    monkeypatch.setattr(
        made, "apply_entry", lambda entry, producer=None: made.sent.append(entry.task)
    )
    return made


def test_a_timer_that_stands_by_sends_nothing_until_the_other_is_gone(scheduler, monkeypatch):
    monkeypatch.setattr(timer, "office_hold", lambda name: False)
    assert [scheduler.tick() for _ in range(3)] == [timer.STANDBY_SECONDS] * 3
    assert scheduler.sent == []

    monkeypatch.setattr(timer, "office_hold", lambda name: True)
    scheduler.tick()

    assert scheduler.sent == ["arena.tasks.reap"]


def test_where_the_database_is_away_every_timer_sends(scheduler, monkeypatch):
    def away(name):
        raise OperationalError("away")

    monkeypatch.setattr(timer, "office_hold", away)
    monkeypatch.setattr(timer.connection, "close", lambda: None)

    scheduler.tick()

    assert scheduler.sent == ["arena.tasks.reap"]


def test_it_is_the_one_that_runs():
    assert app.conf.beat_scheduler == "lineage_site.queue.timer:SteadyScheduler"


@contextmanager
def beating(folder, socket):
    """A timer as the launcher starts it."""
    env = {
        "PATH": os.environ["PATH"],
        "VAR_DIR": str(folder),
        "SITE": "mine",
        "REDIS_URL": f"unix://{socket}?db=0",
    }
    command = [sys.executable, "-m", "celery", "-A", "lineage_site.celery:app", "beat"]
    command += ["-s", str(folder / "beat"), "--pidfile="]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def sends_within(socket, seconds):
    """Whether a message comes that was not there before."""
    with Redis(unix_socket_path=str(socket)) as server:
        server.delete("mine:reaper")
        return server.brpop(["mine:reaper"], timeout=seconds) is not None


def test_a_timer_sends_again_soon_after_its_redis_came_back_also_from_three_deaths_in_a_row(
    tmp_path,
):
    socket = tmp_path / "t.sock"
    server = valkey_start(socket)
    with beating(tmp_path, socket) as process:
        assert sends_within(socket, 60), (tmp_path / "log").read_text()
        for deaths, pause in ((1, 6.0), (3, 0.5)):
            for _ in range(deaths):
                server.kill()
                server.wait()
                time.sleep(pause)
                server = valkey_start(socket)

            assert sends_within(socket, 15), (tmp_path / "log").read_text()
        assert process.poll() is None
    server.kill()
    server.wait()
