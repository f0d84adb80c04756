"""Whatever dies, forgets, fills up or stands still while a run goes on: it ends in the state of its
untouched twin, to the bit.

The ordinary suite has a short form, in which everything happens once; `make full` the long one,
with 25 faults drawn at random.
"""

import os
import random
import signal
import time

import pytest

from arena.settings_schema import parse
from tests.arena.runs import finished
from tests.arena.services.running.site import site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]
WORKERS, BLOCK, SECONDS = 2, 6, 1200
# longer than a lease
STOPPED_SECONDS = 25
SETTINGS = {
    "population": 24,
    "rounds": 6,
    "round_bars": 96,
    "seed": 12,
    "market": {"kind": "sine", "amplitude": 0.05},
    "network": {"hidden": [16]},
    "learning": {"replay": 512, "batch": 32, "epsilon_bars": 200},
    "evolution": {"juvenile_rounds": 0, "turnover": 0.2},
}


@pytest.fixture
def running(site_folder):
    with site(site_folder("site")) as made:
        made.kill("web")
        yield made


def worker_dies(running, uuid, chance):
    running.staff(WORKERS)
    os.killpg(chance.choice(running.workers).pid, signal.SIGKILL)
    time.sleep(0.1)
    running.staff(WORKERS)


def worker_stands_still(running, uuid, chance):
    running.staff(WORKERS)
    stopped = chance.choice(running.workers).pid
    os.killpg(stopped, signal.SIGSTOP)
    time.sleep(STOPPED_SECONDS)
    os.killpg(stopped, signal.SIGCONT)


def disk_fills_up(running, uuid, chance):
    if not running.has_disk:
        return
    running.fill()
    until, waited = time.monotonic() + 60, None
    while time.monotonic() < until and not waited and state_of(running, uuid) == "running":
        waited = running.query("SELECT reason FROM arena_job WHERE pauses > 0")
        time.sleep(0.05)
    running.empty()
    assert state_of(running, uuid) == "finished" or waited["reason"].startswith("no space"), (
        running.logs()
    )


def state_of(running, uuid):
    return running.query(
        "SELECT state FROM arena_experiment WHERE uuid = ?", uuid.replace("-", "")
    )["state"]


FAULTS = {
    "worker": worker_dies,
    "redis": lambda running, uuid, chance: running.kill("redis"),
    "flush": lambda running, uuid, chance: running.flush(),
    "timer": lambda running, uuid, chance: running.kill("timer"),
    "web": lambda running, uuid, chance: running.kill("web"),
    "disk": disk_fills_up,
}


def suffer(running, raw, faults, seed):
    """The row of a run during which these faults came, one after another at random instants."""
    chance = random.Random(seed)
    running.staff(WORKERS)
    uuid = running.do("create", raw, BLOCK)
    for name in faults:
        time.sleep(chance.uniform(0.0, 2.0))
        ALL[name](running, uuid, chance)
    row = running.wait(uuid, lambda row: row["state"] == "finished", seconds=SECONDS)
    assert running.do("audit", uuid) == []
    return row


ALL = FAULTS | {"stop": worker_stands_still}


def test_a_run_that_suffers_everything_once_ends_like_its_untouched_twin(running):
    # first, because it leaves the compiled kernels for the workers
    expected = finished(parse(SETTINGS)).state_sha256

    assert suffer(running, SETTINGS, FAULTS, seed=1)["state_sha256"] == expected


@pytest.mark.full
@pytest.mark.parametrize("seed", [1, 2])
def test_25_faults_at_random_and_a_worker_that_stands_still_past_its_lease_leave_no_trace(
    running, seed
):
    raw, chance = SETTINGS | {"rounds": 25, "seed": seed}, random.Random(seed)
    expected = finished(parse(raw)).state_sha256
    faults = [*chance.choices(list(FAULTS), k=25), "stop"]
    chance.shuffle(faults)

    assert suffer(running, raw, faults, seed)["state_sha256"] == expected
