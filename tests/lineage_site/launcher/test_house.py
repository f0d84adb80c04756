"""Children are restarted with patience that ends."""

import os
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from lineage_site import logs
from lineage_site.launcher.children import RESTARTS, Child
from lineage_site.launcher.house import GaveUp, House, Stopped, children

TALK = """
import logging, time
from lineage_site.logs import Stderr
logging.getLogger().addHandler(Stderr())
while True:
    logging.warning("a word, and another")
    time.sleep(0.05)
"""


def child(tmp_path: Path, code: str, name: str = "worker") -> Child:
    """A child that runs a line of Python."""
    return Child(
        name, [sys.executable, "-c", code], env=dict(os.environ), log=tmp_path / f"{name}.log"
    )


def test_a_child_that_dies_again_and_again_is_given_up_loudly(tmp_path: Path, monkeypatch):
    dying = child(tmp_path, "import sys; sys.exit('no such module')")
    monkeypatch.setattr(dying, "restart_at", lambda: 0.0)

    with (
        pytest.raises(
            GaveUp, match=rf"worker died {RESTARTS} times within a minute(?s:.*)no such module"
        ),
        House(threading.Event()) as house,
    ):
        house.start(dying)
        house.keep()


def test_the_pause_before_a_restart_doubles(tmp_path: Path):
    dying = child(tmp_path, "")

    dying.deaths.extend([100.0, 101.0, 102.0])

    assert dying.restart_at() - 102.0 == 2.0


def test_old_deaths_are_forgiven(tmp_path: Path):
    dying = child(tmp_path, "")

    dying.deaths.extend([0.0, 1.0, 2.0, 3.0, 100.0])

    assert not dying.hopeless()


def test_a_child_deaf_to_the_signal_is_killed(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("lineage_site.launcher.house.STOP_SECONDS", 0.2)
    deaf = child(
        tmp_path,
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf',"
        " flush=True); time.sleep(60)",
    )

    with House(threading.Event()) as house:
        house.start(deaf)
        house.wait_for(lambda: "deaf" in deaf.last_lines(), seconds=10, what="the child")

    assert deaf.exit_code() == -9


def test_a_wish_to_stop_interrupts_a_wait(tmp_path: Path):
    stop = threading.Event()
    stop.set()

    with pytest.raises(Stopped), House(stop) as house:
        house.run(child(tmp_path, "import time; time.sleep(60)"))


def test_a_log_grown_too_large_makes_room_while_its_child_writes(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("lineage_site.logs.turn_over", partial(logs.turn_over, largest=10))
    talking = child(tmp_path, TALK)

    with House(threading.Event()) as house:
        house.start(talking)
        house.wait_for(
            lambda: logs.generation(talking.log, 3).exists(), seconds=20, what="the third turn"
        )

    assert "a word" in logs.generation(talking.log, 2).read_text()


def test_web_processes_are_added_and_worker_and_timer_start_once(tmp_path: Path):
    assert [child.name for child in children(folder=tmp_path, web_workers=3, workers=2)] == [
        "web",
        "web-2",
        "web-3",
        "worker",
        "timer",
    ]


def test_threads_of_a_web_process_share_two_arenas_unless_a_person_says_otherwise(
    tmp_path: Path, monkeypatch
):
    def arenas() -> list[str | None]:
        return [
            child.env.get("MALLOC_ARENA_MAX")
            for child in children(folder=tmp_path, web_workers=1, workers=1)
        ]

    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    assert arenas() == ["2", None, None]
    monkeypatch.setenv("MALLOC_ARENA_MAX", "4")
    assert arenas() == ["4", "4", "4"]
