"""The timer counts seconds of its own life: a clock set back an hour, or forward, moves nothing."""

import time

import pytest

from lineage_site.celery import app
from lineage_site.queue import timer


@pytest.fixture
def clocks(monkeypatch):
    """Seconds of the monotonic clock, and of the time of day, to be set."""
    now = {"steady": 1000.0, "day": 1_700_000_000.0}
    monkeypatch.setattr(timer.time, "monotonic", lambda: now["steady"])
    monkeypatch.setattr(time, "time", lambda: now["day"])
    return now


def test_a_clock_set_back_an_hour_stops_no_timer(clocks, monkeypatch):
    sent = []
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


def test_it_is_the_one_that_runs():
    assert app.conf.beat_scheduler == "lineage_site.queue.timer:SteadyScheduler"
