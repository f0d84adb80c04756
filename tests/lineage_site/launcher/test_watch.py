"""A worker or timer that lives and does nothing is found by what it leaves undone, and only by
that.
"""

import os
import signal
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import redis
from redis import Redis

from lineage_site.environment.redis_url import private_url
from lineage_site.launcher.watch import LOOK_SECONDS, NEW_SECONDS, SECONDS, Watch, over
from tests.lineage_site.running import command_of, descendants, free_port, launched, status


def child(name: str, pid: int = 1) -> SimpleNamespace:
    return SimpleNamespace(name=name, process=SimpleNamespace(pid=pid))


class Site:
    """Two children and what is said of them, on a clock of its own."""

    def __init__(self):
        self.worker, self.timer, self.now = child("worker", 1), child("timer", 2), 0.0
        self.word, self.away = {"turn": 0, "timer": 0, "waits": False}, False
        self.watch = Watch([child("web", 3), self.worker, self.timer], self.said)

    def said(self) -> dict:
        if self.away:
            raise redis.ConnectionError("away")
        return dict(self.word)

    def live(self, seconds: float, *, works: bool = True, sends: bool = True) -> str:
        """So many seconds of a site; the name of the first child found idle."""
        for _ in range(int(seconds / LOOK_SECONDS)):
            self.now += LOOK_SECONDS
            self.word["turn"] += works and sends
            self.word["timer"] += works and sends
            self.word["waits"] = sends and not works
            if (found := self.watch.idle(self.now)) is not None:
                return found.name
        return ""


@pytest.fixture
def site():
    made = Site()
    assert made.live(60) == ""
    return made


def test_a_worker_that_leaves_messages_waiting_is_found_within_a_minute(site):
    assert site.live(SECONDS["worker"], works=False) == ""
    assert site.live(15, works=False) == "worker"


def test_a_worker_that_is_long_at_one_job_and_gets_on_is_left_to_it(site):
    for _ in range(100):
        site.word["turn"] += 1
        assert site.live(LOOK_SECONDS * 4, works=False) == ""


def test_a_timer_that_sends_nothing_is_found_and_no_worker_blamed(site):
    assert site.live(SECONDS["timer"], sends=False) == ""
    assert site.live(15, sends=False) == "timer"


def test_who_is_new_has_time_to_get_ready(site):
    site.worker.process.pid = 9

    assert site.live(NEW_SECONDS, works=False) == ""
    assert site.live(15, works=False) == "worker"


def test_while_redis_is_away_nobody_is_blamed_nor_for_that_time_afterwards(site):
    site.away = True
    assert site.live(600, works=False) == ""
    site.away = False

    assert site.live(SECONDS["worker"], works=False) == ""


def test_messages_that_wait_for_a_timer_that_came_back_are_no_worker_s_fault(site):
    assert site.live(SECONDS["timer"], sends=False) == ""

    assert site.live(SECONDS["worker"] - LOOK_SECONDS, works=False) == ""


def test_what_waits_and_was_done_is_read_from_redis(valkey):
    url, server = valkey
    server.mset({"me:turn": 5, "me:timer": 4, "other:turn": 9})
    watch = over([child("worker")], url=url, site="me")

    assert watch.said() == {"turn": b"5", "timer": b"4", "waits": False}
    server.lpush("me:reaper", "take a turn")
    assert watch.said()["waits"]


@pytest.mark.full
@pytest.mark.timeout(600)
def test_a_worker_that_stands_still_is_reported_and_replaced_within_a_minute(tmp_path: Path):
    with launched(tmp_path, PORT=str(free_port())) as launcher:
        address = launcher.settled(180)
        [worker] = stood_still(launcher.process.pid)
        began = time.monotonic()
        while status(address + "readyz") == 200:
            assert time.monotonic() < began + 35
            time.sleep(0.5)
        launcher.read_until("worker lives and does nothing")

        assert time.monotonic() < began + 60
        while status(address + "readyz") != 200:
            assert time.monotonic() < began + 180
            time.sleep(0.5)
        assert worker not in descendants(launcher.process.pid)
        assert Redis.from_url(private_url(tmp_path)).ping()


def stood_still(launcher: int) -> list[int]:
    """Stops the workers' leaders with all that are theirs; who they are."""
    found = [
        pid
        for pid in descendants(launcher)
        if "\0worker\0" in command_of(pid) and os.getpgid(pid) == pid
    ]
    for pid in found:
        os.killpg(pid, signal.SIGSTOP)
    return found
